"""DualGAN between paper cut-outs and neon tubes: scenes drawn by a program, no pair ever seen.

Yi et al. 2017, arXiv 1704.02510. The critics have the gradient penalty of the authors' later code (10,
one critic step), λ is 20, and Adam at 2e-4 moves both sides. With λ at 100, the least of the paper's range,
neon outlines came out as coloured outlines on paper, unfilled, after 2,500 steps; with the
paper's RMSProp at 5e-5 and clipped critics, shapes were still grey after 500 steps.
"""

from zoo.recipe import Recipe, adam, linear_decay

rate = linear_decay(2e-4, 2000, 2000)

recipe = Recipe(
    model="dualgan",
    dataset="shapes/unpaired",
    image_size=64,
    channels=3,
    batch_size=1,
    steps=4000,
    period=500,
    default=True,
    augment=("mirror",),
    network={
        "width": 16,
        "discriminator_width": 32,
        "critic_steps": 1,
        "weight": 20.0,
        "penalty": 10.0,
    },
    optimizers={"discriminator": adam(rate, 0.5), "generator": adam(rate, 0.5)},
    half_weights=True,
    metrics=("translation_agreement", "translation_fidelity", "translation_frechet"),
)

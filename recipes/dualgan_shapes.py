"""DualGAN between paper cut-outs and neon tubes: scenes drawn by a program, no pair ever seen.

Yi et al. 2017, arXiv 1704.02510: RMSProp 5e-5, critics clipped at 0.01.
"""

from zoo.recipe import Recipe

rmsprop = {"name": "rmsprop", "learning_rate": 5e-5, "rho": 0.9}

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
    network={"width": 16, "discriminator_width": 32, "critic_steps": 2},
    optimizers={"discriminator": rmsprop, "generator": rmsprop},
    half_weights=True,
    metrics=("translation_agreement", "translation_fidelity", "translation_frechet"),
)

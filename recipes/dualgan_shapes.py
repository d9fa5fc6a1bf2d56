"""DualGAN between paper cut-outs and neon tubes: scenes drawn by a program, no pair ever seen.

Yi et al. 2017, arXiv 1704.02510. λ is the least of the paper's range. The critics have the gradient
penalty of the authors' later code (10, one critic step). Departures: Adam at 2e-4, for with the paper's
RMSProp at 5e-5 and clipped critics shapes were still grey after 500 steps; a quarter of the channels. The
one that ships had 36,000 steps (--steps=36000; seed 0), an hour of one core: mIoU 93.3 % from paper to
neon, 92.1 % back (after 10,000: 88.2 and 74.5 %).
"""

from zoo.recipe import Recipe, adam, linear_decay

rate = linear_decay(2e-4)

recipe = Recipe(
    model="dualgan",
    dataset="shapes/unpaired",
    image_size=64,
    channels=3,
    batch_size=1,
    steps=7500,
    period=500,
    default=True,
    augment=("mirror",),
    side_by_side=2,
    network={
        "width": 15,
        "discriminator_width": 32,
        "critic_steps": 1,
        "weight": 100.0,
        "clip": 0.0,
    },
    parts={"gradient_penalty": {"weight": 10.0}},
    optimizers={"discriminator": adam(rate, 0.5), "generator": adam(rate, 0.5)},
    half_weights=True,
    metrics=(
        "translation_agreement",
        "translation_colour",
        "translation_fidelity",
        "translation_frechet",
        "translation_segmentation",
    ),
)

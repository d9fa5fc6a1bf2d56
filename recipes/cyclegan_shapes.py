"""CycleGAN between paper cut-outs and neon tubes: scenes drawn by a program, no pair ever seen.

Zhu et al. 2017, arXiv 1703.10593. Half the paper's channels and three residual blocks, for pictures
of 64 pixels. The one that ships had 10,000 steps (--steps=10000; seed 0): mIoU 89.4 % from paper to neon,
87.4 % back. It exchanges colours, red for yellow: 65 % of the objects have their counterpart's, 51 %
back. The identity loss does not prevent it.
"""

from zoo.recipe import Recipe, adam, linear_decay

rate = linear_decay(2e-4)

recipe = Recipe(
    model="cyclegan",
    dataset="shapes/unpaired",
    image_size=64,
    channels=3,
    batch_size=1,
    steps=2500,
    period=500,
    default=True,
    augment=("mirror",),
    network={"width": 32, "discriminator_width": 32, "blocks": 3},
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

"""Inpainting on scenes: the center square of half the side is missing.

Differences from pix2pix (Isola et al. 2017, arXiv 1611.07004): fewer channels, patches of 34 pixels, no
dropout and no jitter, batches of 8, and learning rates of 5e-4 (G) and 2e-4 (D) that decay to 0.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="inpainter",
    dataset="shapes/captions",
    image_size=64,
    channels=3,
    batch_size=8,
    steps=8000,
    period=500,
    default=True,
    augment=("mirror",),
    network={"width": 24, "discriminator_width": 32, "patch": 34},
    optimizers={
        "discriminator": adam(linear_decay(2e-4), 0.5),
        "generator": adam(linear_decay(5e-4), 0.5),
    },
    half_weights=True,
    metrics=("restoration",),
)

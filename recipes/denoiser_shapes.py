"""Denoising on scenes: Gaussian noise with a standard deviation of 25 gray levels.

Differences from pix2pix (Isola et al. 2017, arXiv 1611.07004): fewer channels and halvings, patches of 16
pixels, no dropout and no jitter, batches of 8, and learning rates of 1e-3 (G) and 2e-4 (D) that decay to 0.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="denoiser",
    dataset="shapes/captions",
    image_size=64,
    channels=3,
    batch_size=8,
    steps=6000,
    period=500,
    default=True,
    augment=("mirror",),
    network={"width": 32, "levels": 4, "discriminator_width": 32, "patch": 16},
    optimizers={
        "discriminator": adam(linear_decay(2e-4), 0.5),
        "generator": adam(linear_decay(1e-3), 0.5),
    },
    half_weights=True,
    metrics=("restoration",),
)

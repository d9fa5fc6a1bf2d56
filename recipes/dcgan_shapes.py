"""DCGAN on scenes of known factors, at 32×32: what its noise has learned, a judge can read off.

Radford et al. 2016, arXiv 1511.06434, with the 4×4 kernels of the authors' Torch code, a quarter of the
paper's width and half its batch size; pictures mirrored; noise on what D sees, four times the rate for G,
and rates that fall to 0 over the second half, for at the paper's D won against flat grounds. Even so D
wins (a loss of 0.1 to 0.3): after 8000 steps objects are speckled blobs on good grounds. No trained model
of it ships.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="dcgan",
    dataset="shapes/class",
    image_size=32,
    channels=3,
    batch_size=64,
    steps=8000,
    period=500,
    augment=("mirror",),
    network={"width": 32, "kernel": 4, "instance_noise": 0.15},
    optimizers={
        "discriminator": adam(linear_decay(1e-4, 0.5), 0.5),
        "generator": adam(linear_decay(4e-4, 0.5), 0.5),
    },
    half_weights=True,
    metrics=("noise_arithmetic",),
)

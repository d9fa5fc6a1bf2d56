"""DCGAN on aligned objects of known factors: what its noise has learned, a judge can read off.

Radford et al. 2016, arXiv 1511.06434, with the 4×4 kernels of the authors' Torch code, a part of the
paper's width and half its batch size; pictures mirrored; rates that fall to 0 over the second half, D's
twice G's. D has spectral norm in place of batch norm (Miyato et al. 2018): with the paper's, D won against
flat grounds whatever was tried (other rates, noise on what it sees), and objects were speckled blobs. D
judges two pictures at once (PacGAN): without that, after 2500 steps, three of the six grounds were never
seen; with it, at the end, one is not, black.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="dcgan",
    dataset="shapes/aligned",
    image_size=32,
    channels=3,
    batch_size=64,
    steps=9000,
    period=500,
    augment=("mirror",),
    network={"width": 48, "kernel": 4},
    parts={"spectral_norm": {}, "packing": {"m": 2}},
    optimizers={
        "discriminator": adam(linear_decay(4e-4), 0.5),
        "generator": adam(linear_decay(2e-4), 0.5),
    },
    half_weights=True,
    metrics=("noise_arithmetic",),
)

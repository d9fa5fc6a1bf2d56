"""Self-Conditioned GAN on CIFAR-10.

Liu et al. 2020, arXiv 2006.10728, section 4.3, with the configuration of the authors' code.

Differences from the paper: the number of steps is the default of the authors' code, 250 epochs. The
authors also add uniform noise of less than one gray level to the images.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="selfcond",
    dataset="cifar10",
    batch_size=64,
    steps=195_250,
    period=5000,
    augment=("mirror",),
    network={
        "k": 100,
        "points": 25_000,
        "every": 25_000,
        "z_dim": 128,
        "embedding": 256,
        "width": 64,
        "networks": "dcgan_deep",
    },
    optimizers={"discriminator": adam(1e-4, 0.0, 0.99), "generator": adam(1e-4, 0.0, 0.99)},
    half_weights=True,
    metrics=("cluster_agreement",),
)

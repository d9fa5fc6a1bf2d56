"""Self-Conditioned GAN on stacked MNIST: a thousand modes, three digits in the color channels.

Liu et al. 2020, arXiv 2006.10728, section 4.2, with the configuration of the authors' code.

Differences from the paper: the number of steps is the default of the authors' code, 250 epochs.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="selfcond",
    dataset="stacked_mnist",
    image_size=32,
    batch_size=64,
    steps=390_500,
    period=5000,
    steps_per_execution=5,
    network={"k": 100, "points": 25_000, "every": 25_000, "z_dim": 128, "embedding": 256, "width": 64},
    optimizers={"discriminator": adam(1e-4, 0.0, 0.99), "generator": adam(1e-4, 0.0, 0.99)},
    half_weights=True,
    metrics=("stacked_modes", "cluster_agreement"),
    published={"modes": "1000"},
)

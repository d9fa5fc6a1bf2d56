"""Self-conditioned GAN on stacked MNIST: a thousand modes, three digits in the colour channels.

Liu et al. 2020, arXiv 2006.10728, in the protocol of the authors' code, at a quarter of their channels and
about an eighth of their steps: clusters are found every 6,000 steps, twice in all, for their 25,000.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="selfcond",
    dataset="stacked_mnist",
    image_size=32,
    batch_size=64,
    steps=12_000,
    period=1500,
    steps_per_execution=5,
    network={
        "k": 100,
        "points": 25_000,
        "every": 6000,
        "z_dim": 128,
        "embedding": 256,
        "width": 16,
        "networks": "dcgan",
    },
    optimizers={"discriminator": adam(1e-4, 0.0, 0.99), "generator": adam(1e-4, 0.0, 0.99)},
    half_weights=True,
    metrics=("stacked_modes", "cluster_agreement"),
    published={"modes": "1000"},
)

"""Self-conditioned GAN on the embedded digits: each row of its pictures is a cluster that D found.

Liu et al. 2020, arXiv 2006.10728, with the networks for CIFAR-10 at a third of their channels.
Result (seed 0): most clusters are one digit (purity 86 %), and so are their samples.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="selfcond",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=6000,
    period=1000,
    steps_per_execution=10,
    default=True,
    network={
        "k": 20,
        "points": 1500,
        "every": 1000,
        "z_dim": 64,
        "embedding": 64,
        "width": 24,
        "networks": "dcgan_deep",
    },
    optimizers={"discriminator": adam(1e-4, 0.0, 0.99), "generator": adam(1e-4, 0.0, 0.99)},
    average=0.999,
    half_weights=True,
    metrics=("classifier_frechet", "cluster_agreement"),
)

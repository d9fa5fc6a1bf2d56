"""The theory made visible: p_g moves onto a Gaussian, and D(x) goes to 1/2.

Goodfellow et al. 2014, arXiv 1406.2661, figure 1.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="gan",
    dataset="gaussians/normal",
    batch_size=256,
    steps=6000,
    period=200,
    steps_per_execution=20,
    precision="float32",
    network={
        "z_dim": 1,
        "generator_units": (32, 32),
        "discriminator_units": (32, 32),
        "pieces": 3,
        "dropout": (0.0, 0.0, 0.0),
        "generator_range": 0.5,
        "discriminator_range": 0.5,
    },
    optimizers={"discriminator": adam(2e-3, 0.5), "generator": adam(1e-3, 0.5)},
    average=0.995,
    metrics=("theory",),
)

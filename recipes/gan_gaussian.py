"""The theory made visible: p_g moves onto a Gaussian, and D(x) goes to 1/2.

Goodfellow et al. 2014, arXiv 1406.2661, figure 1: the pictures of the run show the data's density
(dotted), the generator's (green), D (dashed) and where G takes z, as training goes on. D moves five
times to G's once, the k of algorithm 1, so that it stays near its optimum.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="gan",
    dataset="gaussians/normal",
    batch_size=256,
    steps=4000,
    period=100,
    steps_per_execution=10,
    precision="float32",
    network={
        "z_dim": 1,
        "generator_units": (32, 32),
        "discriminator_units": (64, 64),
        "pieces": 3,
        "dropout": (0.0, 0.0, 0.0),
        "initial_range": (0.5, 0.3),
        "k": 5,
    },
    optimizers={"discriminator": adam(1e-3, 0.5), "generator": adam(5e-4, 0.5)},
    average=0.99,
    metrics=("theory",),
)

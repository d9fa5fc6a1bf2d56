"""The 2014 GAN on the digits inside scikit-learn."""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="gan",
    dataset="digits",
    batch_size=64,
    steps=6000,
    period=500,
    default=True,
    network={"generator_units": (256, 256), "discriminator_units": (96, 96), "generator_range": 0.1, "discriminator_range": 0.05},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.999,
)

"""The 2014 GAN on the digits inside scikit-learn: a smaller network, Adam, averaged weights.

Goodfellow et al. 2014, arXiv 1406.2661.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="gan",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=8000,
    period=500,
    steps_per_execution=10,
    precision="float32",
    default=True,
    network={
        "generator_units": (256, 256),
        "discriminator_units": (96, 96),
        "initial_range": (0.1, 0.05),
    },
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.999,
    metrics=("parzen_log_likelihood", "classifier_frechet"),
)

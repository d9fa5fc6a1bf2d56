"""DCGAN on the digits inside scikit-learn, at 16×16.

Radford et al. 2016, arXiv 1511.06434. Half its batch size; averaged weights for samples.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="dcgan",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=3000,
    period=250,
    steps_per_execution=10,
    default=True,
    network={"width": 32},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.995,
    metrics=("parzen_log_likelihood", "classifier_frechet"),
)

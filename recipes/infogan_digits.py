"""InfoGAN on the digits inside scikit-learn, at 16×16: classes and slant found without labels.

Chen et al. 2016, arXiv 1606.03657. Smaller networks; averaged weights for samples.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="infogan",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=4000,
    period=250,
    steps_per_execution=10,
    default=True,
    network={"width": 32, "hidden": 256},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(1e-3, 0.5)},
    average=0.995,
    metrics=("code_as_classifier", "parzen_log_likelihood", "classifier_frechet"),
)

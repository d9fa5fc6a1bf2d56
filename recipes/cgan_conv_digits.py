"""A convolutional CGAN on the digits inside scikit-learn: the quickest to look at.

Mirza & Osindero 2014, arXiv 1411.1784, with the networks of DCGAN. About two minutes on 2 cores.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="cgan_conv",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=2500,
    period=250,
    steps_per_execution=10,
    default=True,
    network={"width": 32},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.995,
    half_weights=True,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
)

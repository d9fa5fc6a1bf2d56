"""A convolutional CGAN on MNIST, with DCGAN's networks and schedule.

Mirza & Osindero 2014, arXiv 1411.1784; Radford et al. 2016, arXiv 1511.06434, a quarter of its
width; averaged weights for samples.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="cgan_conv",
    dataset="mnist",
    batch_size=128,
    steps=10 * 468,
    period=468,
    network={"width": 32},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.999,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
)

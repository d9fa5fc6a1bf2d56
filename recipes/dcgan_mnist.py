"""DCGAN on MNIST, at its own 28×28 (two strided layers in place of four).

Radford et al. 2016, arXiv 1511.06434: Adam 2e-4, β1 0.5, batch 128. A quarter of the paper's width;
averaged weights for samples.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="dcgan",
    dataset="mnist",
    batch_size=128,
    steps=15 * 468,
    period=468,
    network={"width": 32},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.999,
    half_weights=True,
    metrics=("parzen_log_likelihood", "classifier_frechet"),
)

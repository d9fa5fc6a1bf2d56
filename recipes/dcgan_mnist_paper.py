"""DCGAN on MNIST, with the paper's channels.

Radford et al. 2016, arXiv 1511.06434: Adam with 2e-4 and beta_1 0.5, batches of 128.

Differences from the paper: images of 28 pixels have two strided layers in place of four. The paper does
not give the number of epochs for MNIST: 25 here.
"""

from zoo.recipe import Recipe, adam

epoch = 468  # updates, of batches of 128

recipe = Recipe(
    model="dcgan",
    dataset="mnist",
    batch_size=128,
    steps=25 * epoch,
    period=epoch,
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    half_weights=True,
    metrics=("parzen_log_likelihood", "classifier_frechet"),
)

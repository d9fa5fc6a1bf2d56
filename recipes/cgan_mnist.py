"""The 2014 conditional GAN on MNIST, with the paper's maxout networks and schedule.

Mirza & Osindero 2014, arXiv 1411.1784, §4.1: Parzen log-likelihood 132 ± 1.8.
"""

from zoo.recipe import Recipe, annealed_sgd

epoch = 600  # updates, of batches of 100
schedule = annealed_sgd(0.1, 1.00004, 1e-6, 0.5, 0.7, 250 * epoch)

recipe = Recipe(
    model="cgan",
    dataset="mnist",
    batch_size=100,
    steps=40 * epoch,
    period=2 * epoch,
    precision="float32",
    optimizers={"discriminator": schedule, "generator": schedule},
    metrics=("parzen", "label_agreement", "classifier_frechet"),
    export=("sample", "generate"),
)

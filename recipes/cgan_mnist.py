"""The 2014 conditional GAN on MNIST, with the paper's maxout networks.

Mirza & Osindero 2014, arXiv 1411.1784, §4.1: Parzen log-likelihood 132 ± 1.8.

Departures, each because the paper's own setting was tried and failed here. Its SGD (0.1 / 1.00004^t)
gave NaN after 300 steps without a limit on D's weights, and a D that always won within 2,000 steps
with the GAN authors' max column norm, at rates 0.1 and 0.02 and with two kinds of initial weights:
so Adam. Its dropout of 0.5 in G kept the game balanced, but then the masks took the place of z as
the source of variety, and all samples of a class, drawn without dropout, were one picture: so no
dropout in G. Samples are of averaged weights.
"""

from zoo.recipe import Recipe, adam

epoch = 600  # updates, of batches of 100

recipe = Recipe(
    model="cgan",
    dataset="mnist",
    batch_size=100,
    steps=40 * epoch,
    period=2 * epoch,
    precision="float32",
    network={"generator_dropout": 0.0},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.999,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
    export=("sample", "generate"),
)

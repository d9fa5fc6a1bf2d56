"""The 2014 conditional GAN on MNIST, with the paper's maxout networks.

Mirza & Osindero 2014, arXiv 1411.1784, §4.1: Parzen log-likelihood 132 ± 1.8.

Result (seed 0, 43 minutes on one core): Parzen 200.9 ± 0.5, label agreement 98.3 ± 0.3 %.

Differences from the paper (for the paper's own setting see `cgan_mnist_paper`): Adam; no dropout in G,
whose samples then vary with z alone; z in ±√3, as in the 2014 GAN; dropout of 0.2 at D's input x and of
0.3 in its hidden layers; the output bias of G starts at 0; averaged weights.
"""

from zoo.recipe import Recipe, adam

epoch = 600  # updates, of batches of 100

recipe = Recipe(
    model="cgan",
    dataset="mnist",
    batch_size=100,
    steps=60 * epoch,
    period=2 * epoch,
    precision="float32",
    network={
        "generator_dropout": 0.0,
        "bias_from_data": False,
        "discriminator_dropout": (0.2, 0.3),
        "z_range": (-(3**0.5), 3**0.5),
    },
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    average=0.999,
    half_weights=True,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
    export=("sample", "generate"),
    published={"Parzen log-likelihood": "132 ± 1.8"},
)

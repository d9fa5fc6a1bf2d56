"""The GAN on MNIST, as its authors trained it.

Goodfellow et al. 2014, arXiv 1406.2661, section 5, with the configuration of the authors' code: 125,000
updates on images 0 to 50,000, and the weights of the last update.

Differences from the paper: as in the authors' code, G and D are updated from the same fakes, dropout
masks and weights, where algorithm 1 updates D first and draws new noise for G, and D's loss has a factor
1/2. The last weights are used.
"""

from zoo.recipe import Recipe, annealed_sgd

epoch = 500  # updates, of batches of 100

recipe = Recipe(
    model="gan",
    dataset="mnist",
    split="train[:50000]",
    batch_size=100,
    steps=250 * epoch,
    period=10 * epoch,
    steps_per_execution=10,
    precision="float32",
    network={"simultaneous": True},
    optimizers={
        "discriminator": annealed_sgd(0.1, 1.000004, 1e-6, 0.5, 0.7, 250 * epoch),
        "generator": annealed_sgd(0.1, 1.000004, 1e-6, 0.5, 0.7, 250 * epoch),
    },
    half_weights=True,
    metrics=("parzen_log_likelihood", "classifier_frechet"),
    export=("sample", "generate"),
    published={"Parzen log-likelihood": "225 ± 2 (DBN 138 ± 2, stacked CAE 121 ± 1.6, deep GSN 214 ± 1.1)"},
)

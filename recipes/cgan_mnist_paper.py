"""The CGAN on MNIST, as in its paper.

Mirza & Osindero 2014, arXiv 1411.1784, section 4.1: up to 60,000 updates on images 0 to 50,000. The epoch
with the best Parzen estimate on images 50,000 to 60,000 is kept.

Result (seed 0, the weights after 58,000 updates): Parzen 168.5 ± 0.2 nats, label agreement 97.3 ± 0.2 %.
Without dropout while sampling the same weights read −25.3 nats (one sampling of 10,000).

Differences from the paper: gaps of the paper are filled. The initial weights are Glorot's. The ramp of
the momentum over 250 epochs (0.6 is reached in the 120 epochs here), the loss of G, the factor 1/2 of D's
loss and the output bias of G, which starts at the logit of each pixel's mean, are those of the GAN
authors' code. Samples have dropout, with masks from each sample's seed, because without dropout the
samples of a class are one image.
"""

from zoo.recipe import Recipe, annealed_sgd

epoch = 500  # updates, of batches of 100

recipe = Recipe(
    model="cgan",
    dataset="mnist",
    split="train[:50000]",
    early_stopping="train[50000:]",
    batch_size=100,
    steps=120 * epoch,
    period=epoch,
    steps_per_execution=10,
    precision="float32",
    optimizers={
        "discriminator": annealed_sgd(0.1, 1.00004, 1e-6, 0.5, 0.7, 250 * epoch),
        "generator": annealed_sgd(0.1, 1.00004, 1e-6, 0.5, 0.7, 250 * epoch),
    },
    half_weights=True,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
    export=("sample", "generate"),
    published={
        "Parzen log-likelihood": "132 ± 1.8 (GAN 225, DBN 138, stacked CAE 121, deep GSN 214)",
    },
)

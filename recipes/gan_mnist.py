"""The 2014 GAN on MNIST, with its authors' networks and schedule.

Goodfellow et al. 2014, arXiv 1406.2661. The schedule is that of the authors' released
configuration (SGD 0.1 / 1.000004^t, momentum 0.5 to 0.7 over 250 epochs, max column norm 1.9365
in D).

A departure: samples are of averaged weights, as at a rate that hardly falls the last ones are no better
than any others. The average does not touch the game, whose weights are those of a training without it.

Result (seed 0): Parzen 228.0 ± 1.0 and a Fréchet distance of 0.88 in the judge's features; the last
weights read 185.8 ± 0.8 and 1.23. README says how the decay was chosen.
"""

from zoo.recipe import Recipe, annealed_sgd

epoch = 600  # updates, of batches of 100

recipe = Recipe(
    model="gan",
    dataset="mnist",
    batch_size=100,
    steps=250 * epoch,
    period=10 * epoch,
    precision="float32",  # on these small products bfloat16 was no faster
    optimizers={
        "discriminator": annealed_sgd(0.1, 1.000004, 1e-6, 0.5, 0.7, 250 * epoch, 1.9365),
        "generator": annealed_sgd(0.1, 1.000004, 1e-6, 0.5, 0.7, 250 * epoch),
    },
    network={"bias_from_data": False},
    average=0.99995,  # of about the last 33 epochs
    half_weights=True,
    metrics=("parzen_log_likelihood", "classifier_frechet"),
    export=("sample", "generate"),
    published={"Parzen log-likelihood": "225 ± 2"},
)

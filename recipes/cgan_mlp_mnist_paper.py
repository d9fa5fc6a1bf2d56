"""The course report's least-squares CGAN on MNIST.

Z. Chen, Conditional GAN (course report): 40 epochs of 938 batches, two terms of D's loss, averaged.

Differences from the paper: the report's "Batch_Size 938" is read as the 938 batches of 64 of an epoch.
The report does not give the optimizer. Adam with 2e-4 and beta_1 0.5 is that of the code that it follows.
"""

from zoo.recipe import Recipe, adam

epoch = 938  # updates, of batches of 64

recipe = Recipe(
    model="cgan_mlp",
    dataset="mnist",
    batch_size=64,
    steps=40 * epoch,
    period=2 * epoch,
    precision="float32",
    network={"mismatched": False},
    optimizers={"generator": adam(2e-4, 0.5), "discriminator": adam(2e-4, 0.5)},
    half_weights=True,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
    export=("sample", "generate"),
)

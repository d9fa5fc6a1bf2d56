"""The course report's least-squares CGAN on MNIST: 40 epochs, both losses drawn in curves.png.

Z. Chen, Conditional GAN (course report). Its "Batch_Size" of 938 is read as the 938 batches of 64 that an
epoch of 60,000 has. It does not give the optimizer; Adam 2e-4, β1 0.5 is that of the code it follows.
Samples are of the last weights, as there.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="cgan_mlp",
    dataset="mnist",
    batch_size=64,
    steps=40 * 938,
    period=2 * 938,
    optimizers={"generator": adam(2e-4, 0.5), "discriminator": adam(2e-4, 0.5)},
    half_weights=True,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
    export=("sample", "generate"),
)

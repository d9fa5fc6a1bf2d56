"""The course report's least-squares CGAN on the digits inside scikit-learn."""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="cgan_mlp",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=4000,
    period=500,
    steps_per_execution=10,
    default=True,
    precision="float32",
    optimizers={"generator": adam(2e-4, 0.5), "discriminator": adam(2e-4, 0.5)},
    average=0.999,
    metrics=("parzen_log_likelihood", "label_agreement", "classifier_frechet"),
)

"""The judge of models trained on MNIST."""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="classifier",
    dataset="mnist",
    batch_size=128,
    steps=6 * 468,
    period=468,
    precision="float32",
    network={"width": 16},
    optimizers={"classifier": adam(1e-3)},
    metrics=("test_accuracy",),
)

"""The judge of models trained on MNIST: at least 99 % of test images right."""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="classifier",
    dataset="mnist",
    batch_size=128,
    steps=9 * 468,
    period=468,
    optimizers={"classifier": adam(1e-3)},
    average=0.998,
    half_weights=True,
    metrics=("test_accuracy",),
)

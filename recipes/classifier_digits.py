"""The judge of models trained on digits: at least 99 % of test images right."""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="classifier",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=4000,
    period=1000,
    default=True,
    precision="float32",
    network={"dropout": 0.6},
    optimizers={"classifier": adam(1e-3)},
    average=0.998,
    metrics=("test_accuracy",),
)

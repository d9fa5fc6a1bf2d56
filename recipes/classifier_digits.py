"""The judge of models trained on digits."""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="classifier",
    dataset="digits",
    image_size=16,
    batch_size=64,
    steps=1500,
    period=250,
    default=True,
    precision="float32",
    optimizers={"classifier": adam(1e-3)},
    average=0.99,
    metrics=("test_accuracy",),
)

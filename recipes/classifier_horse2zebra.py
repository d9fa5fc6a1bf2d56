"""The judge of translations between horses and zebras: which of the two a photograph shows.

Expects the folder `horse2zebra` with trainA, trainB, testA and testB where it is run; elsewhere
--dataset=PATH.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="classifier",
    dataset="./horse2zebra",
    image_size=64,
    channels=3,
    batch_size=32,
    steps=1200,
    period=300,
    augment=("jitter", "mirror"),
    # Falling to 0, for batch norm's running statistics to be those of the final weights.
    optimizers={"classifier": adam(linear_decay(1e-3, 0.3))},
    half_weights=True,
    metrics=("test_accuracy",),
)

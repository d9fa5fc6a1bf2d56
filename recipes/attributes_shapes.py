"""The judge of scenes made from words: shape, colour, size, texture, place and ground of one object.

It is trained on scenes of all pairs of shape and colour, those that captions hold out among them.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="attributes",
    dataset="shapes/class",
    image_size=64,
    channels=3,
    batch_size=64,
    steps=3000,
    period=250,
    default=True,
    # Falling to 0, for batch norm's running statistics to be those of the final weights.
    optimizers={"classifier": adam(linear_decay(1e-3, 0.5))},
    half_weights=True,
    metrics=("factor_accuracy",),
)

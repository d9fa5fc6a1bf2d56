"""What the text encoder sees pictures with: a network that tells shapes whatever their colour.

Trained on the pictures of `shapes/captions`, without the pairs of shape and colour that are held out. A
plain classifier of these learns that such pairs never come, and reads the shape of held-out scenes as often
as by chance. So copies of the pictures in other colours are asked for shape, size and texture.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="attributes",
    dataset="shapes/captions",
    image_size=32,
    channels=3,
    batch_size=64,
    steps=6000,
    period=1000,
    network={"recoloured": ("kind", "size", "texture")},
    # Falling to 0, for batch norm's running statistics to be those of the final weights.
    optimizers={"classifier": adam(linear_decay(1e-3, 0.5))},
    half_weights=True,
    metrics=("factor_accuracy", "held_out_accuracy"),
)

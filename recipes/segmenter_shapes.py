"""The segmenter of scenes: which style and which shape, pixel by pixel. It judges translations."""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="segmenter",
    dataset="shapes/segmentation",
    image_size=64,
    batch_size=32,
    steps=5000,
    period=500,
    default=True,
    # Falling to 0, for batch norm's running statistics to be those of the final weights.
    optimizers={"segmenter": adam(linear_decay(1e-3, 0.6))},
    half_weights=True,
    metrics=("segmentation_test",),
)

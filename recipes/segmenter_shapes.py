"""The segmenter of scenes: which style and which shape, pixel by pixel. It judges translations."""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="segmenter",
    dataset="shapes/segmentation",
    image_size=64,
    batch_size=32,
    steps=3000,
    period=500,
    default=True,
    optimizers={"segmenter": adam(1e-3)},
    average=0.99,
    metrics=("segmentation_test",),
)

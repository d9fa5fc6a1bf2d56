"""SRResNet on the embedded photographs: four times as high and wide, by the squared distance of pixels.

Ledig et al. 2017, arXiv 1609.04802. Eight of the paper's sixteen blocks, 32 of its 64 channels, batches of
8 for 16; Adam at 1e-3 that falls to nothing over the second half, for 2,500 updates cannot be the paper's
million at 1e-4.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="srresnet",
    dataset="photos",
    image_size=96,
    channels=3,
    batch_size=8,
    steps=2500,
    period=500,
    default=True,
    augment=("mirror", "rotate"),
    network={"width": 32, "blocks": 8},
    optimizers={"generator": adam(linear_decay(1e-3))},
    half_weights=True,
    metrics=("super_resolution",),
)

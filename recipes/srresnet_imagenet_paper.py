"""SRResNet on ImageNet.

Ledig et al. 2017, arXiv 1609.04802, section 3.2: a million updates on crops of 96 pixels, batches of 16.

Differences from the paper: the data is all of ImageNet, where the paper has a random sample of 350,000
images.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="srresnet",
    dataset="imagenet2012",
    image_size=96,
    channels=3,
    batch_size=16,
    steps=1_000_000,
    period=10_000,
    network={"low_range": (0.0, 1.0)},
    optimizers={"generator": adam(1e-4)},
    half_weights=True,
    metrics=("super_resolution",),
    published={"PSNR (Y) ×4": "32.05", "SSIM (Y) ×4": "0.9019"},
)

"""SRGAN on ImageNet, by the squared distance of pixels.

Ledig et al. 2017, arXiv 1609.04802, section 3.2: starts at a trained SRResNet, then 100,000 updates at
1e-4 and 100,000 at 1e-5. Train `srresnet_imagenet_paper` first, into its default folder.

Differences from the paper: the data is all of ImageNet, where the paper has a random sample of 350,000
images.
"""

from zoo.recipe import Recipe, adam, step_decay

rate = step_decay(1e-4, 0.1, 100_000)

recipe = Recipe(
    model="srgan",
    dataset="imagenet2012",
    image_size=96,
    channels=3,
    batch_size=16,
    steps=200_000,
    stages=(0,),
    period=5_000,
    network={"content": "mse", "low_range": (0.0, 1.0)},
    weights={"generator": "runs/srresnet_imagenet_paper"},
    optimizers={"discriminator": adam(rate), "generator": adam(rate)},
    half_weights=True,
    metrics=("super_resolution",),
    published={"PSNR (Y) ×4": "30.64"},
)

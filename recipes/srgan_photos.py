"""SRGAN on the embedded photographs: first an SRResNet, then against a discriminator.

Ledig et al. 2017, arXiv 1609.04802. Half the paper's blocks and channels (D: three eighths), batches of 8
for 16, and a far shorter schedule, at ten times the rate before the game. The content loss is the squared
distance of pixels (the paper's SRGAN-MSE), for VGG19's weights are a download: with a network, --set
network.content=vgg54.
"""

from zoo.recipe import Recipe, adam, knots

recipe = Recipe(
    model="srgan",
    dataset="photos",
    image_size=96,
    channels=3,
    batch_size=8,
    steps=2000,
    stages=(1400,),
    period=500,
    default=True,
    augment=("mirror", "rotate"),
    network={
        "width": 32,
        "blocks": 8,
        "discriminator_width": 24,
        "units": 256,
        "content": "mse",
    },
    optimizers={
        "discriminator": adam(1e-4),
        "generator": adam(knots([0, 700, 1400, 1400, 1800, 1800], [1e-3, 1e-3, 0.0, 1e-4, 1e-4, 1e-5])),
    },
    metrics=("super_resolution",),
)

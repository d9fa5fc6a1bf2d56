"""SRGAN on the embedded photographs: srresnet_photos' network, then against a discriminator.

Ledig et al. 2017, arXiv 1609.04802. The game begins at the shipped srresnet_photos (its recipe is the first
stage), as the paper's begins at its SRResNet; G's rate is 3e-5 and falls to 0 over the second half, below
D's 1e-4, and the game is short: after 200 updates there is a fine hatching on what is dark and flat, after
400 a checker on what is smooth. Half of the paper's blocks and channels, crops of 64 pixels for 96, batches
of 8 for 16. The content loss is the squared distance of pixels (the paper's SRGAN-MSE), for VGG19's weights
are a download: with a network, --set network.content=vgg54.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="srgan",
    dataset="photos",
    image_size=64,
    channels=3,
    batch_size=8,
    steps=200,
    stages=(0,),
    period=50,
    default=True,
    augment=("mirror", "rotate"),
    network={
        "width": 32,
        "blocks": 8,
        "discriminator_width": 32,
        "units": 512,
        "content": "mse",
        "start": "srresnet_photos",
    },
    optimizers={
        "discriminator": adam(1e-4),
        "generator": adam(linear_decay(3e-5, 0.5)),
    },
    half_weights=True,
    metrics=("super_resolution",),
)

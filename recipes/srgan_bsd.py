"""SRGAN on the 291 photographs of T91 and BSD200: srresnet_bsd's network, then against a discriminator.

Ledig et al. 2017, arXiv 1609.04802. The game begins at the shipped srresnet_bsd (its recipe is the first
stage), as the paper's begins at its SRResNet; G's rate is 3e-5 and falls to 0 over the second half, below
D's 1e-4, and the game is short: at equal rates, or after 600 updates, G hatches what is smooth. Crops of 64
pixels for 96, batches of 8 for 16 and half of D's channels, for the time they take. The content loss is the
squared distance of pixels (the paper's SRGAN-MSE), for VGG19's weights are a download: with a network,
--set network.content=vgg54. Expects the folder `sr` as srresnet_bsd does.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="srgan",
    dataset="./sr",
    image_size=64,
    channels=3,
    batch_size=8,
    steps=400,
    stages=(0,),
    period=100,
    augment=("mirror", "rotate"),
    network={
        "width": 48,
        "blocks": 8,
        "discriminator_width": 32,
        "units": 512,
        "content": "mse",
    },
    parts={"cyclic_shift": {}, "frozen_batch_norm": {}},
    weights={"generator": "srresnet_bsd"},
    optimizers={
        "discriminator": adam(1e-4),
        "generator": adam(linear_decay(3e-5, 0.5)),
    },
    half_weights=True,
    metrics=("super_resolution",),
)

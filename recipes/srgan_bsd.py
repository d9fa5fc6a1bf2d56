"""SRGAN on the 291 photographs of T91 and BSD200: srresnet_bsd, then against a discriminator.

Ledig et al. 2017, arXiv 1609.04802. The first 14,000 updates are those of srresnet_bsd, then 3,000 of the
game, with half the channels in D. The content loss is the squared distance of pixels (the paper's
SRGAN-MSE), for VGG19's weights are a download: with a network, --set network.content=vgg54. Never trained
to its end yet. Expects the folder `sr` as srresnet_bsd does.
"""

from zoo.recipe import Recipe, adam, knots

recipe = Recipe(
    model="srgan",
    dataset="./sr",
    image_size=96,
    channels=3,
    batch_size=8,
    steps=17_000,
    stages=(14_000,),
    period=1000,
    augment=("mirror", "rotate"),
    network={
        "width": 48,
        "blocks": 8,
        "discriminator_width": 32,
        "units": 512,
        "content": "mse",
    },
    optimizers={
        "discriminator": adam(1e-4),
        "generator": adam(
            knots(
                [0, 7000, 14_000, 14_000, 16_000, 16_000],
                [5e-4, 5e-4, 0.0, 1e-4, 1e-4, 1e-5],
            )
        ),
    },
    metrics=("super_resolution",),
)

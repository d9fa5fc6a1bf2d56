"""SRGAN on the embedded photographs: srresnet_photos' network, then against a discriminator.

Ledig et al. 2017, arXiv 1609.04802. The game begins at the shipped srresnet_photos (its recipe is the
first stage), as the paper's begins at its SRResNet. D has spectral norm in place of batch norm: with
batch norm, G's rate 3e-5 and a weight of 1e-3 G drew a hatching on what is dark and flat within 200
updates; with spectral norm, G's rate 1e-4 and either weight none came within 500 to 800, but a faint grid
stays that srresnet_photos has too. The adversarial loss weighs 1e-2, for with the paper's 1e-3 pictures
stayed as soft as SRResNet's. G's rate falls to 0 over the second half. Half of the paper's blocks and
channels, crops of 64 pixels for 96, batches of 8 for 16. The content loss is the squared distance of
pixels (the paper's SRGAN-MSE), for VGG19's weights are a download: with a network, --set
network.content=vgg54.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="srgan",
    dataset="photos",
    image_size=64,
    channels=3,
    batch_size=8,
    steps=600,
    stages=(0,),
    period=100,
    default=True,
    augment=("mirror", "rotate"),
    network={
        "width": 32,
        "blocks": 8,
        "discriminator_width": 32,
        "units": 512,
        "content": "mse",
        "weight": 1e-2,
    },
    parts={"spectral_norm": {}, "cyclic_shift": {}, "frozen_batch_norm": {}},
    weights={"generator": "srresnet_photos"},
    optimizers={
        "discriminator": adam(1e-4),
        "generator": adam(linear_decay(1e-4, 0.5)),
    },
    half_weights=True,
    metrics=("super_resolution",),
)

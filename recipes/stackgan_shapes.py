"""StackGAN on scenes that captions speak of, 16 pixels first and then 64; some pairs are held out.

Zhang et al. 2017, arXiv 1612.03242. A quarter of the paper's sizes, a part of its channels, half its
residual blocks, and rates that are not halved. Never trained to its end yet.
"""

from gancls_shapes import recipe as gancls

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="stackgan",
    dataset="shapes/captions",
    image_size=64,
    channels=3,
    batch_size=64,
    steps=1600,
    stages=(1000,),
    period=200,
    default=True,
    network={
        "width": 32,
        "discriminator_width": 32,
        "first_width": 64,
        "blocks": 2,
        "examples": gancls.network["examples"],
    },
    optimizers={
        "first_discriminator": adam(2e-4, 0.5),
        "first_generator": adam(2e-4, 0.5),
        "discriminator": adam(2e-4, 0.5),
        "generator": adam(2e-4, 0.5),
    },
    metrics=("caption_agreement", "caption_match", "caption_frechet"),
)

"""StackGAN on scenes that captions speak of, 16 pixels first and then 64; some pairs are held out.

Zhang et al. 2017, arXiv 1612.03242. A quarter of the paper's sizes, a part of its channels, half its
residual blocks; noise on what D sees, a lower rate for D than for G, and rates that fall to 0 in each
stage.
"""

from gancls_shapes import recipe as gancls

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="stackgan",
    dataset="shapes/captions",
    image_size=64,
    channels=3,
    batch_size=64,
    steps=1600,
    stages=(0.75,),
    period=200,
    default=True,
    network={
        "width": 24,
        "discriminator_width": 16,
        "first_width": 64,
        "blocks": 2,
        "instance_noise": 0.15,
        "examples": gancls.network["examples"],
    },
    optimizers={
        "first_discriminator": adam(linear_decay(1e-4, 0.5), 0.5),
        "first_generator": adam(linear_decay(4e-4, 0.5), 0.5),
        "discriminator": adam(linear_decay(1e-4, 0.5), 0.5),
        "generator": adam(linear_decay(4e-4, 0.5), 0.5),
    },
    half_weights=True,
    metrics=("caption_agreement", "caption_match", "caption_frechet"),
)

"""StackGAN on scenes that captions speak of, 16 pixels first and then 64; some pairs are held out.

Zhang et al. 2017, arXiv 1612.03242. A quarter of the paper's sizes and a part of its channels.
"""

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
        "examples": (
            "a large plain red circle at the middle centre on a white ground",
            "there is a big purple heart, striped, at the top left of a yellow background",
            "a green square, medium-sized and checked, on black, at the bottom right",
            "a small dotted blue star at the upper right on a grey ground",
            "on a green ground, lower left: a triangle, large, orange and plain",
            "blue ground with a large pink spotted cross at the middle right",
        ),
    },
    optimizers={
        "first_discriminator": adam(2e-4, 0.5),
        "first_generator": adam(2e-4, 0.5),
        "discriminator": adam(2e-4, 0.5),
        "generator": adam(2e-4, 0.5),
    },
    metrics=("caption_agreement", "caption_match", "caption_frechet"),
)

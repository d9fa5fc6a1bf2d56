"""GAN-CLS-INT on scenes that captions speak of, with pairs of shape and colour held out.

Reed et al. 2016, arXiv 1605.05396. Half the paper's size and a part of its channels, for the time it takes;
one caption a picture, where the authors' code takes the mean of four; noise on what D sees and four times
the rate for G, for D won against flat grounds; rates that fall to 0 over the second half, not halved
again and again.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="gancls",
    dataset="shapes/captions",
    image_size=32,
    channels=3,
    batch_size=64,
    steps=1200,
    period=400,
    default=True,
    network={
        "width": 48,
        "discriminator_width": 32,
        "instance_noise": 0.15,
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
        "discriminator": adam(linear_decay(1e-4, 0.5), 0.5),
        "generator": adam(linear_decay(4e-4, 0.5), 0.5),
    },
    half_weights=True,
    metrics=("caption_agreement", "caption_match"),
)

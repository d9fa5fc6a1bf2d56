"""GAN-CLS-INT on scenes with captions, with pairs of shape and color held out.

Reed et al. 2016, arXiv 1605.05396. Differences from the paper: half the image size, fewer channels, and z
of 10 coordinates, to save time; one caption per image, where the authors' code averages four; learning
rates that fall to 0 over the second half, twice the paper's in G and three times in D; batches of groups
of eight scenes that share what is easily seen, so that D must look at shapes and colors; and the parts
below. Results: see the model card.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="gancls",
    dataset="shapes/captions",
    image_size=32,
    channels=3,
    batch_size=64,
    steps=2000,
    stages=(0.25,),
    period=500,
    default=True,
    batch_groups=("colour+size+place:8", "size+place+ground:8", "place+ground:8"),
    network={
        "encoder": "textencoder_shapes",
        "width": 48,
        "discriminator_width": 32,
        "z_dim": 10,
    },
    parts={
        "projection_head": {},
        "all_negatives": {},
        "resize_convolution": {},
        "text_norm": {},
        "inner_relu": {},
        "whitening": {},
        "modulation": {},
        "detail": {},
        "r1": {"weight": 0.03, "share": 0.25},
        "pixel_l1": {"until": 200},
        "matching": {"encoder": "textencoder_shapes", "weight": 0.1},
    },
    examples=(
        "a large plain red circle at the middle centre on a white ground",
        "there is a big purple heart, striped, at the top left on a yellow background",
        "a green square, medium-sized, checked, on black, at the bottom right",
        "a small dotted blue star at the upper right on a grey ground",
        "on a green ground, lower left: a triangle, large, orange, plain",
        "blue ground with a large pink spotted cross at the middle right",
    ),
    optimizers={
        "discriminator": adam(linear_decay(6e-4), 0.5),
        "generator": adam(linear_decay(4e-4), 0.5),
    },
    half_weights=True,
    metrics=("caption_agreement", "caption_match", "caption_score", "caption_frechet"),
)

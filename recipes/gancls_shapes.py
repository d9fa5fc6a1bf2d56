"""GAN-CLS-INT on scenes that captions speak of, with pairs of shape and colour held out.

Reed et al. 2016, arXiv 1605.05396. Half the paper's size and a part of its channels, for the time it takes;
one caption a picture, where the authors' code takes the mean of four; rates that fall to 0 over the second
half, not halved again and again, G's twice the paper's and D's three times. D is a projection discriminator
that compares a picture with all texts of its batch, and pays R1: departures, see
`zoo.parts.networks.ProjectionHead`. Embeddings are whitened, for texts of black grounds and of blue ones, or of
the bottom and of the top, lie close, and what lies close is learned last or never. Each doubled map of G is
told the text, and one more is of the picture's size; for 200 steps G also pays for what is not as in the
text's own picture, and after a quarter of the steps for pictures that the encoder matches with other texts:
departures too, see `zoo/parts`; z has 10 coordinates for 100. Batches are of groups of eight
scenes that are alike in what is easily seen, so that a shape or a colour must be looked at to tell whose
text is whose.
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
    alike=("colour+size+place:8", "size+place+ground:8", "place+ground:8"),
    network={
        "width": 48,
        "discriminator_width": 32,
        "z_dim": 10,
    },
    parts={
        "projection_head": {},
        "all_negatives": {},
        "resize_convolution": {},
        "text_norm": {},
        "whitening": {},
        "modulation": {},
        "detail": {},
        "r1": {"weight": 0.03, "share": 0.25},
        "pixel_l1": {"until": 200},
        "matching": {"weight": 0.1},
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

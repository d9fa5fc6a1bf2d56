"""Tags for scenes: the CGAN of words, on scenes with the tags that users gave them.

Mirza & Osindero 2014, arXiv 1411.1784, §4.2. The pictures' features are those of attributes_shapes; word
vectors of length 1, for only their directions are compared, and of 32 coordinates, for 62 words and not
247,465, and the nearest word of a sample for its nearest 20. Adam for the paper's SGD, with averaged
weights of G; for its dropout, noise on the words that D sees, for 62 words are points that no sample hits;
five tags of each picture in a batch. G has a layer over noise and picture together, and D an inner product
of word and picture, and R1: see `zoo.parts.networks.JointLayer` for what the paper's G cannot draw.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="tagcgan",
    dataset="shapes/captions",
    image_size=64,
    channels=3,
    batch_size=100,
    steps=6000,
    stages=(0.15,),
    period=1000,
    average=0.99,
    default=True,
    network={
        "features": "attributes_shapes",
        "size": 32,
        "z_dim": 32,
        "generator_units": (256, 256),
        "discriminator_units": (256, 256, 100),
        "nearest": 1,
        "dropout": 0.0,
        "pairs": 5,
    },
    parts={
        "joint_layer": {"units": 256},
        "projection_head": {"units": 256},
        "instance_noise": {"sigma": 0.08},
        "r1": {"weight": 0.02},
    },
    optimizers={
        "words": adam(1e-2),
        "discriminator": adam(linear_decay(1e-3, 0.0), 0.5),
        "generator": adam(linear_decay(1e-3, 0.0), 0.5),
    },
    half_weights=True,
    metrics=("tag_agreement",),
)

"""Tags for scenes: the CGAN of words, on scenes with the tags that users gave them.

Mirza & Osindero 2014, arXiv 1411.1784, §4.2. The pictures' features are those of attributes_shapes; Adam
for the paper's SGD, and word vectors of unit length, for only their directions are compared. Never trained
to its end yet.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="tagcgan",
    dataset="shapes/captions",
    image_size=64,
    channels=3,
    batch_size=100,
    steps=3000,
    stages=(1000,),
    period=500,
    default=True,
    optimizers={
        "words": adam(1e-2),
        "discriminator": adam(linear_decay(1e-4, 0.5), 0.5),
        "generator": adam(linear_decay(1e-4, 0.5), 0.5),
    },
    metrics=("tag_agreement",),
)

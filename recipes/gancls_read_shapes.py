"""GAN-CLS-INT with a second discriminator that learned to read: objects more as the text says.

The game of gancls_shapes (Reed et al. 2016, arXiv 1605.05396) for half of the steps, beside which the
reader learns at 1e-3; then both play against G. See `zoo.models.gancls.ReadGANCLS`, a departure. Batches
are of groups of eight scenes that are alike in what is easily seen, so that a shape or a colour must be
looked at to tell whose text is whose.
"""

from gancls_shapes import recipe as gancls

from zoo.recipe import Recipe, adam, knots

again = (0, 0.25, 0.4375, 0.5, 0.625, 1.0)  # rates fall, and rise for a second time

recipe = Recipe(
    model="gancls",
    dataset="shapes/captions",
    image_size=32,
    channels=3,
    batch_size=64,
    steps=16000,
    stages=(0.25,),
    period=1000,
    alike=("colour+size+place:8", "size+place+ground:8", "place+ground:8"),
    network={**gancls.network, "reader_width": 32},
    optimizers={
        "reader": adam(knots((0, 0.1875, *again[1:]), (1e-3, 1e-3, 1e-4, 2.5e-5, 2e-4, 2e-4, 0.0)), 0.5),
        "discriminator": adam(knots(again, (1e-4, 1e-4, 2.5e-5, 1e-4, 1e-4, 0.0)), 0.5),
        "generator": adam(knots(again, (4e-4, 4e-4, 1e-4, 4e-4, 4e-4, 0.0)), 0.5),
    },
    half_weights=True,
    metrics=("caption_agreement", "caption_match"),
    export=("sample", "generate", "embed", "paint"),
)

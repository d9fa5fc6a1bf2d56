"""GAN-CLS-INT with a second discriminator that learned to read: objects more as the text says.

The game of gancls_shapes (Reed et al. 2016, arXiv 1605.05396) for half of the steps, beside which the
reader learns at 1e-3; then both play against G. See `zoo.models.gancls.ReadGANCLS`, a departure. Batches
are of groups of eight scenes that are alike in what is easily seen, so that a shape or a colour must be
looked at to tell whose text is whose.
"""

from gancls_shapes import recipe as gancls

from zoo.recipe import Recipe, adam, knots

recipe = Recipe(
    model="gancls",
    dataset="shapes/captions",
    image_size=32,
    channels=3,
    batch_size=64,
    steps=8000,
    stages=(0.5,),
    period=1000,
    alike=("colour+size+place:8", "size+place+ground:8", "place+ground:8"),
    network={**gancls.network, "reader_width": 32},
    optimizers={
        "reader": adam(knots((0, 0.375, 0.5, 1.0), (1e-3, 1e-3, 1e-4, 0.0)), 0.5),
        **gancls.optimizers,
    },
    half_weights=True,
    metrics=("caption_agreement", "caption_match"),
    export=("sample", "generate", "embed", "paint"),
)

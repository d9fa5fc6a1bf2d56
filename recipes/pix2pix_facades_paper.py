"""pix2pix from label maps to facades, at 256 pixels.

Isola et al. 2017, arXiv 1611.07004, appendix 6.2: 200 epochs on 400 pairs, batches of one, jitter and
mirroring. Expects the folder `facades` with `train` and `val` (photograph left, labels right) where the
command is run. Elsewhere, name it with --dataset=PATH.

Differences from the paper: none.
"""

from zoo.recipe import Recipe, adam

epoch = 400  # updates

recipe = Recipe(
    model="pix2pix",
    dataset="./facades",
    direction="ba",
    image_size=256,
    channels=3,
    batch_size=1,
    steps=200 * epoch,
    period=2 * epoch,
    augment=("jitter", "mirror"),
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    half_weights=True,
    metrics=("translation_fidelity",),
)

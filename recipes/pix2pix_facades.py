"""pix2pix from label maps to façades: the CMP facades at 128 pixels, a third of the paper's channels.

Isola et al. 2017, arXiv 1611.07004, appendix 6.2: batch 1, Adam 2e-4, jitter and mirroring, 200 epochs.
Pictures have half the paper's sides, so D's patches do too, 34 pixels for 70: with 70 windows stayed
rough and a grid lay over all. Expects the folder `facades` with `train` and `val` (photograph left, labels
right) where it is run; elsewhere: --dataset=PATH.
"""

from zoo.recipe import Recipe, adam

epoch = 400  # updates

recipe = Recipe(
    model="pix2pix",
    dataset="./facades",
    direction="ba",
    image_size=128,
    channels=3,
    batch_size=1,
    steps=200 * epoch,
    period=2 * epoch,
    augment=("jitter", "mirror"),
    network={"width": 22, "discriminator_width": 32, "patch": 34},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    half_weights=True,
    metrics=("translation_fidelity",),
)

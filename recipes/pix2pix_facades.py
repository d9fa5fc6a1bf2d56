"""pix2pix from label maps to façades: the CMP facades at 128 pixels, a third of the paper's channels.

Isola et al. 2017, arXiv 1611.07004, appendix 6.2: batch 1, Adam 2e-4, jitter and mirroring; 40 of the
paper's 200 epochs. Result (seed 0): windows and ledges where the labels have them, under a visible grid;
PSNR 12.9 dB, below the mean picture's 13.7. Expects the folder `facades` with `train` and `val`
(photograph left, labels right) where it is run; elsewhere: --dataset=PATH.
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
    steps=40 * epoch,
    period=2 * epoch,
    augment=("jitter", "mirror"),
    network={"width": 22, "discriminator_width": 32},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    half_weights=True,
    metrics=("translation_fidelity",),
)

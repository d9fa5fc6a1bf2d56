"""SRResNet on the 291 photographs of T91 and BSD200, the training sets of classic super-resolution.

Ledig et al. 2017, arXiv 1609.04802. Half the paper's blocks and three quarters of its channels; batches
of 8 and Adam at 5e-4 that falls to nothing over the second half, for an hour of CPU is not a million
updates.
Expects the folder `sr` where it is run: train/t91, train/bsd200 and test/set5; elsewhere: --dataset=PATH.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="srresnet",
    dataset="./sr",
    image_size=96,
    channels=3,
    batch_size=8,
    steps=14_000,
    period=1000,
    augment=("mirror", "rotate"),
    network={"width": 48, "blocks": 8},
    optimizers={"generator": adam(linear_decay(5e-4))},
    half_weights=True,
    metrics=("super_resolution",),
    published={"PSNR (Y) ×4": "32.05 with 350,000 photographs", "SSIM (Y) ×4": "0.902"},
)

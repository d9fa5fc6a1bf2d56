"""CycleGAN between horses and zebras, at 256 pixels.

Zhu et al. 2017, arXiv 1703.10593, appendix 7.1: 200 epochs, no identity loss. The learning rate is
constant for 100 epochs, and then falls linearly.

Differences from the paper: none.
"""

from zoo.recipe import Recipe, adam, linear_decay

epoch = 1_334  # updates
rate = linear_decay(2e-4, 0.5, epoch)

recipe = Recipe(
    model="cyclegan",
    dataset="cycle_gan/horse2zebra",
    image_size=256,
    channels=3,
    batch_size=1,
    steps=200 * epoch,
    period=epoch,
    augment=("jitter", "mirror"),
    network={"blocks": 9, "identity": 0.0},
    optimizers={"discriminator": adam(rate, 0.5), "generator": adam(rate, 0.5)},
    half_weights=True,
    metrics=("round_trip",),
)

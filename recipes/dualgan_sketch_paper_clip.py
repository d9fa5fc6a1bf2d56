"""DualGAN between photographs and sketches, with the values of the code of 2017.

Yi et al. 2017, arXiv 1704.02510. The number of critic steps, the loss weight and the clipping are those
of the authors' code of 2017. Expects the folder `sketch-photo` with trainA, trainB, testA and testB where
the command is run. Elsewhere, name it with --dataset=PATH.

Differences from the paper: the paper does not give the number of epochs. 50 here, as in the authors'
code. RMSProp is Keras', whose mean square starts at 0.
"""

from zoo.recipe import Recipe, rmsprop

epoch = 331  # updates of the generators, with three of the 995 pairs each

recipe = Recipe(
    model="dualgan",
    dataset="./sketch-photo",
    image_size=256,
    channels=3,
    batch_size=1,
    steps=50 * epoch,
    period=epoch,
    network={"critic_steps": 3, "weight": 200.0, "clip": 0.01},
    optimizers={"discriminator": rmsprop(5e-5), "generator": rmsprop(5e-5)},
    half_weights=True,
    metrics=("round_trip",),
)

"""DualGAN between photographs and sketches, with the code of 2020.

Yi et al. 2017, arXiv 1704.02510. The networks, the gradient penalty and the loss weight are those of the
authors' code of 2020. Expects the folder `sketch-photo` with trainA, trainB, testA and testB where the
command is run. Elsewhere, name it with --dataset=PATH.

Differences from the paper: the code of 2020 differs from the paper: a gradient penalty in place of
clipping, one critic step, no dropout, and critics of whole images. The values are the defaults of the
code; its command for this data has λ 1000 and 100 epochs. RMSProp is Keras', whose mean square starts at
0.
"""

from zoo.recipe import Recipe, rmsprop

epoch = 995  # updates, of one pair of the sketch-photo data

recipe = Recipe(
    model="dualgan",
    dataset="./sketch-photo",
    image_size=256,
    channels=3,
    batch_size=1,
    steps=50 * epoch,
    period=epoch,
    network={"code": 2020, "critic_steps": 1, "weight": 500.0, "clip": 0.0},
    parts={"gradient_penalty": {"weight": 10.0}},
    optimizers={"discriminator": rmsprop(5e-5), "generator": rmsprop(5e-5)},
    half_weights=True,
    metrics=("round_trip",),
)

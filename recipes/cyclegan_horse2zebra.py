"""CycleGAN between photographs of horses and of zebras, at 128 pixels and half the paper's channels.

Zhu et al. 2017, arXiv 1703.10593: batch 1, Adam 2e-4 constant and then falling to 0, identity loss.
The paper trains 200 epochs on 256 pixels; the shipped model had 4.5 (--steps=6000), two hours on one core.
Result (seed 0): stripes where the horses are (and on some ground), 13 of 20 taken for zebras; 15 of 20
zebras taken for horses. Expects the folder `horse2zebra` with trainA, trainB, testA and testB where it is
run; elsewhere --dataset=PATH, or TFDS' own: --dataset=cycle_gan/horse2zebra.
"""

from zoo.recipe import Recipe, adam, linear_decay

rate = linear_decay(2e-4)

recipe = Recipe(
    model="cyclegan",
    dataset="./horse2zebra",
    image_size=128,
    channels=3,
    batch_size=1,
    steps=4000,
    period=500,
    augment=("jitter", "mirror"),
    side_by_side=2,
    network={"width": 32, "discriminator_width": 32, "blocks": 6},
    optimizers={"discriminator": adam(rate, 0.5), "generator": adam(rate, 0.5)},
    half_weights=True,
    metrics=("domain_agreement", "round_trip"),
)

"""StackGAN on birds and their captions, 64 pixels first and then 256.

Zhang et al. 2017, arXiv 1612.03242, section 3.4: 600 epochs per stage, batches of 64. The learning rate
of 2e-4 is halved every 100 epochs. Expects the folder `birds` with images and captions where the command
is run. Train `textencoder_birds_paper` first, into its default folder.

Differences from the paper: λ is 2, ε is restricted to two standard deviations, and stage I lacks two
activations, as in the authors' code. Wrong captions are those of other images of the batch, which may
have the same class. Birds are not cropped to their boxes.
"""

from zoo.recipe import Recipe, adam, step_decay

epoch = 138  # updates, of batches of 64
rate = adam(step_decay(2e-4, 0.5, 100 * epoch), 0.5)
sides = ("first_discriminator", "first_generator", "discriminator", "generator")

recipe = Recipe(
    model="stackgan",
    dataset="./birds",
    image_size=256,
    channels=3,
    batch_size=64,
    steps=1200 * epoch,
    stages=(0.5,),
    period=10 * epoch,
    augment=("crop", "mirror"),
    network={"encoder": "runs/textencoder_birds_paper", "captions": 4},
    optimizers=dict.fromkeys(sides, rate),
    half_weights=True,
    metrics=("caption_match",),
)

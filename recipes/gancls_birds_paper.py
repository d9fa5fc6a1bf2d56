"""GAN-CLS on birds and their captions, at 64 pixels.

Reed et al. 2016, arXiv 1605.05396, section 5: 600 epochs, batches of 64. The learning rate of 2e-4 is
halved every 100 epochs, as in the authors' code. Expects the folder `birds` with images and captions
where the command is run. Train `textencoder_birds_paper` first, into its default folder.

Differences from the paper: wrong captions are those of other images of the batch, which may have the same
class.
"""

from zoo.recipe import Recipe, adam, step_decay

epoch = 138  # updates, of batches of 64
rate = step_decay(2e-4, 0.5, 100 * epoch)

recipe = Recipe(
    model="gancls",
    dataset="./birds",
    image_size=64,
    channels=3,
    batch_size=64,
    steps=600 * epoch,
    period=5 * epoch,
    augment=("crop", "mirror"),
    network={"encoder": "runs/textencoder_birds_paper", "interpolated": 0.0},
    optimizers={"discriminator": adam(rate, 0.5), "generator": adam(rate, 0.5)},
    half_weights=True,
    metrics=("caption_match",),
)

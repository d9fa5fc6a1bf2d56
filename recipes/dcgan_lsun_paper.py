"""DCGAN on the bedrooms of LSUN, at 64 pixels.

Radford et al. 2016, arXiv 1511.06434, section 4.1: five epochs of 3,033,042 images (figure 3), batches of
128.

Differences from the paper: near-duplicates are not removed from the data, which the paper does with an
autoencoder.
"""

from zoo.recipe import Recipe, adam

epoch = 23_695  # updates, of batches of 128

recipe = Recipe(
    model="dcgan",
    dataset="lsun/bedroom",
    image_size=64,
    channels=3,
    batch_size=128,
    steps=5 * epoch,
    period=epoch // 5,
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(2e-4, 0.5)},
    half_weights=True,
)

"""Damages that a restoration model learns to repair.

A damage is a function of uint8 images `[B, H, W, C]`. It returns the damaged images and a mask, bool
`[B, H, W]`, which is `True` where a pixel is to be restored. Missing pixels are gray. Random damages draw
from the current source of `zoo.game.randomness`.
"""

import functools

import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game import randomness
from zoo.images import pixels

gray = 128  # value of missing pixels


def without(images, mask):
    """Replaces missing pixels by gray.

    Args:
        images: Tensor uint8 `[B, H, W, C]`.
        mask: Tensor bool `[B, H, W]`, `True` for missing pixels.
    """
    return tf.where(mask[..., None], tf.constant(gray, tf.uint8), images)


def center(images):
    """Removes a square of half the height and width from the center.

    Reference:
        Pathak et al., 2016, "Context Encoders", arXiv 1604.07379, section 3.3.
    """
    height, width = tf.shape(images)[1], tf.shape(images)[2]

    def inside(side):
        i = tf.range(side)
        return (i >= side // 4) & (i < side // 4 + side // 2)

    mask = inside(height)[:, None] & inside(width)
    mask = tf.broadcast_to(mask, tf.shape(images)[:3])
    return without(images, mask), mask


def scattered(images):
    """Removes each pixel with probability ½."""
    mask = randomness.uniform(tf.shape(images)[:3]) < 0.5
    return without(images, mask), mask


def noise(images, sigma=25.0):
    """Adds Gaussian noise to all pixels, rounded to uint8.

    Args:
        images: Tensor uint8 `[B, H, W, C]`.
        sigma: Float. Standard deviation in gray levels, of 255. Defaults to 25.
    """
    noisy = tf.cast(images, tf.float32) + sigma * randomness.normal(tf.shape(images))
    return pixels.rounded(noisy), tf.ones(tf.shape(images)[:3], tf.bool)


known = {"center": center, "scattered": scattered}


def make(holes=None, sigma=None):
    """Returns a damage: missing pixels if `holes` is set, and noise otherwise.

    Args:
        holes: String. "center" or "scattered".
        sigma: Float. Standard deviation of the noise, in gray levels.

    Raises:
        ZooError: Unknown holes, or a deviation that is not a positive finite number.
    """
    if holes is None:
        if not (sigma and 0 < sigma < float("inf")):
            raise ZooError(f"network.sigma is a standard deviation above 0, not {sigma}.")
        return functools.partial(noise, sigma=sigma)
    if holes not in known:
        raise unknown("holes", str(holes), known)
    return known[holes]


def each(damage, images, seeds):
    """Damages images, each by its own seed.

    Args:
        damage: Function, of `make`.
        images: uint8 `[B, H, W, C]`.
        seeds: int64 `[B]`.

    Returns:
        Tuple of the damaged images and their masks, bool `[B, H, W]`, as arrays.
    """
    damaged, masks = [], []
    for image, seed in zip(images, seeds):
        with randomness.Draws(int(seed)):
            one, mask = damage(tf.constant(image[None]))
        damaged.append(one)
        masks.append(mask)
    return tf.concat(damaged, 0).numpy(), tf.concat(masks, 0).numpy()

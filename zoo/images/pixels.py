"""Pixels between how they are stored and what networks see."""

import numpy as np
import tensorflow as tf

from zoo.errors import ZooError


def scale(x, low=-1.0, high=1.0):
    """uint8 0..255 to float32 low..high."""
    return low + (high - low) / 255.0 * tf.cast(x, tf.float32)


def quantise(x, low=-1.0, high=1.0):
    """The inverse of `scale`, rounded to the nearest uint8."""
    return rounded((tf.cast(x, tf.float32) - low) * (255.0 / (high - low)))


def rounded(x):
    """The nearest uint8 to each number."""
    return tf.cast(tf.clip_by_value(tf.round(x), 0.0, 255.0), tf.uint8)


def resized(x, size, antialias=True):
    """Pictures [B, H, W, C] or one [H, W, C], scaled to (rows, columns) bicubically: uint8."""
    return rounded(tf.image.resize(tf.cast(x, tf.float32), size, "bicubic", antialias=antialias))


def fitted(image, size, channels, aspect=1):
    """A picture's centre at the wanted height, `aspect` times as wide, grey-scale or RGB: uint8."""
    return fitted_to(image, size and (size, aspect * size), channels)


def fitted_to(image, sides, channels):
    """The same, of so many (rows, columns)."""
    if channels and image.shape[-1] != channels:
        image = tf.image.rgb_to_grayscale(image) if channels == 1 else tf.repeat(image, 3, axis=-1)
    if sides and tuple(image.shape[:2]) != tuple(sides):
        rows, columns = sides
        height = tf.minimum(tf.shape(image)[0], tf.shape(image)[1] * rows // columns)
        height = tf.maximum(height, 1)
        width = tf.maximum(height * columns // rows, 1)
        image = resized(tf.image.resize_with_crop_or_pad(image, height, width), sides)
    return image


def mirrored_to(x, multiple, least=1):
    """Pictures of any size, continued at the right and below by their mirror image.

    Args:
        x: [B, H, W, C], H and W at least 1.
        multiple: what the sides become a multiple of, not below …
        least: … this, itself such a multiple.

    Returns:
        [B, H', W', C].
    """

    def indices(n):
        period = tf.maximum(2 * n - 2, 1)
        i = tf.range(tf.maximum(-(-n // multiple) * multiple, least)) % period
        return tf.minimum(i, period - i)

    x = tf.gather(x, indices(tf.shape(x)[1]), axis=1)
    return tf.gather(x, indices(tf.shape(x)[2]), axis=2)


def as_batch(image, channels):
    """Pictures as people have them, as a network wants them.

    Args:
        image: uint8 [H, W], [H, W, C] or [B, H, W, C], C one of 1, 3 and 4.
        channels: 1 or 3. Opacity is laid on white, colours become their luma (ITU-R BT.601).

    Returns:
        uint8 [B, H, W, channels].

    Raises:
        ZooError: it is something else, or empty.
    """
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim not in (2, 3, 4) or not array.size:
        raise ZooError(
            "A picture is an array uint8 [H, W], [H, W, C] or [B, H, W, C], not "
            f"{array.dtype} {array.shape}."
        )
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim == 3:
        array = array[None]
    if array.shape[-1] not in (1, 3, 4):
        raise ZooError(f"A picture has 1, 3 or 4 channels, not {array.shape[-1]}.")
    if array.shape[-1] == 4:
        opacity = array[..., 3:] / 255.0
        array = np.round(array[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    if array.shape[-1] == 1 and channels == 3:
        return array.repeat(3, -1)
    if array.shape[-1] == 3 and channels == 1:
        return np.round(array @ np.array([0.299, 0.587, 0.114]))[..., None].astype(np.uint8)
    return array

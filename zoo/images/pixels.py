"""Conversion of images between stored values and values for networks."""

import os
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from PIL import Image

from zoo.errors import ZooError
from zoo.images.files import read_image


def scale(x: tf.Tensor, low: float = -1.0, high: float = 1.0) -> tf.Tensor:
    """Maps 0..255 linearly to `low`..`high`.

    Args:
        x: uint8 tensor.
        low: Float. Defaults to -1.
        high: Float. Defaults to 1.

    Returns:
        float32 tensor of the same shape.
    """
    return low + (high - low) / 255.0 * tf.cast(x, tf.float32)


def quantize(x: tf.Tensor, low: float = -1.0, high: float = 1.0) -> tf.Tensor:
    """Maps `low`..`high` linearly to 0..255 and rounds, as the inverse of `scale`.

    Args:
        x: Float tensor.
        low: Float. Defaults to -1.
        high: Float. Defaults to 1.

    Returns:
        uint8 tensor of the same shape.
    """
    return rounded((tf.cast(x, tf.float32) - low) * (255.0 / (high - low)))


def rounded(x: tf.Tensor) -> tf.Tensor:
    """Returns the nearest uint8 values of a float tensor."""
    return tf.cast(tf.clip_by_value(tf.round(x), 0.0, 255.0), tf.uint8)


def resized(x: tf.Tensor, size: Sequence[int] | tf.Tensor, antialias: bool = True) -> tf.Tensor:
    """Resizes images bicubically.

    Args:
        x: Tensor `[B, H, W, C]` or `[H, W, C]`, with values in 0..255.
        size: Pair `(rows, columns)`.
        antialias: Boolean. Defaults to `True`.

    Returns:
        uint8 tensor with the new height and width.
    """
    return rounded(tf.image.resize(tf.cast(x, tf.float32), size, "bicubic", antialias=antialias))


def fitted(image: tf.Tensor, size: int | None, channels: int | None, aspect: int = 1) -> tf.Tensor:
    """Crops and resizes an image to `size` rows and `aspect * size` columns.

    Args:
        image: uint8 tensor `[H, W, C]`.
        size: Integer. Number of rows of the result. `None` or 0 keeps the size.
        channels: Integer, 1 or 3. `None` keeps the channels.
        aspect: Integer. Number of columns per row. Defaults to 1.

    Returns:
        uint8 tensor `[size, aspect * size, channels]`.
    """
    return fitted_to(image, (size, aspect * size) if size else None, channels)


def fitted_to(image: tf.Tensor, sides: Sequence[int] | None, channels: int | None) -> tf.Tensor:
    """Crops the center of an image to the given aspect ratio and resizes it bicubically.

    Args:
        image: uint8 tensor `[H, W, C]`.
        sides: Pair `(rows, columns)` of the result. `None` keeps the size.
        channels: Integer, 1 or 3. `None` keeps the channels.

    Returns:
        uint8 tensor `[rows, columns, channels]`.
    """
    if channels and image.shape[-1] != channels:
        image = tf.image.rgb_to_grayscale(image) if channels == 1 else tf.repeat(image, 3, axis=-1)
    if sides and tuple(image.shape[:2]) != tuple(sides):
        rows, columns = sides
        height = tf.minimum(tf.shape(image)[0], tf.shape(image)[1] * rows // columns)
        height = tf.maximum(height, 1)
        width = tf.maximum(height * columns // rows, 1)
        image = resized(tf.image.resize_with_crop_or_pad(image, height, width), sides)
    return image


def mirrored_to(x: tf.Tensor, multiple: int, least: int = 1) -> tf.Tensor:
    """Extends images to the right and to the bottom with their reflection.

    Args:
        x: Tensor `[B, H, W, C]`, with H and W at least 1.
        multiple: Integer. The new height and width are the next multiples of it.
        least: Integer, a multiple of `multiple`. Minimum of the new height and width. Defaults to 1.

    Returns:
        Tensor `[B, H', W', C]`.
    """

    def indices(n: tf.Tensor) -> tf.Tensor:
        period = tf.maximum(2 * n - 2, 1)
        i = tf.range(tf.maximum(-(-n // multiple) * multiple, least)) % period
        return tf.minimum(i, period - i)

    x = tf.gather(x, indices(tf.shape(x)[1]), axis=1)
    return tf.gather(x, indices(tf.shape(x)[2]), axis=2)


Picture: TypeAlias = npt.ArrayLike | Image.Image | str | os.PathLike[str]


def as_array(image: Picture, alpha: bool = False) -> np.ndarray:
    """Returns an image as an array.

    Args:
        image: Array, Pillow image, or path of an image file.
        alpha: Boolean. Whether transparent Pillow images and files have four channels. Otherwise they are
            laid on white. Defaults to `False`.
    """
    if isinstance(image, (str, os.PathLike, Image.Image)):
        image = read_image(image, alpha=alpha)
    return np.asarray(image)


def as_batch(image: Picture, channels: int) -> np.ndarray:
    """Converts images to a batch with the given number of channels.

    Lays RGBA images on white. Converts RGB to gray by ITU-R BT.601 luma.

    Args:
        image: uint8 array `[H, W]`, `[H, W, C]` or `[B, H, W, C]`, with 1, 3 or 4 channels; a Pillow image
            of any mode; or the path of an image file.
        channels: Integer, 1 or 3.

    Returns:
        uint8 array `[B, H, W, channels]`.

    Raises:
        ZooError: `image` has another dtype or shape, or is empty, or the file cannot be read.
    """
    array = as_array(image)
    if array.dtype != np.uint8 or array.ndim not in (2, 3, 4) or not array.size:
        raise ZooError(
            "An image must be a uint8 array [H, W], [H, W, C] or [B, H, W, C], not "
            f"{array.dtype} {array.shape}."
        )
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim == 3:
        array = array[None]
    if array.shape[-1] not in (1, 3, 4):
        raise ZooError(f"An image must have 1, 3 or 4 channels, not {array.shape[-1]}.")
    if array.shape[-1] == 4:
        opacity = array[..., 3:] / 255.0
        array = np.round(array[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
    if array.shape[-1] == 1 and channels == 3:
        return array.repeat(3, -1)
    if array.shape[-1] == 3 and channels == 1:
        return np.round(array @ np.array([0.299, 0.587, 0.114]))[..., None].astype(np.uint8)
    return array

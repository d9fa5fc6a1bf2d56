"""Degradations that make the small inputs of super-resolution from sharp images."""

import numpy as np
import tensorflow as tf

from zoo.images import pixels


def bicubic(images: tf.Tensor, scale: int) -> tf.Tensor:
    """Reduces images with an antialiased bicubic filter.

    The kernel is Keys' cubic with a = −1/2, widened by `scale`, as in MATLAB's `imresize`.

    Differences from MATLAB: at the borders the kernel is renormalized. MATLAB mirrors the image.

    Args:
        images: Tensor `[B, H, W, C]`, with values in 0..255.
        scale: Integer. Factor by which the height and width are divided.

    Returns:
        uint8 tensor `[B, H // scale, W // scale, C]`.
    """
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    return pixels.resized(images, [height // scale, width // scale])


def gaussian(images: tf.Tensor, scale: int) -> tf.Tensor:
    """Blurs images with a Gaussian filter and keeps one sample per block of pixels.

    The standard deviation is 0.4 pixels of the small image, for example 1.6 pixels of the sharp image for
    `scale=4`. The paper does not give the standard deviation.

    Args:
        images: Tensor `[B, H, W, C]`, with values in 0..255.
        scale: Integer. Factor by which the height and width are divided, and the side of a block.

    Returns:
        uint8 tensor `[B, H // scale, W // scale, C]`.

    Reference:
        Ledig et al., 2017, "Photo-Realistic Single Image Super-Resolution Using a GAN", arXiv 1609.04802,
        section 3.2.
    """
    sigma = 0.4 * scale
    reach = round(3 * sigma)
    # Each pixel of the small image lies at the center of a block of the sharp image.
    offset = np.arange(-reach, scale + reach) - (scale - 1) / 2
    kernel = np.exp(-0.5 * (offset / sigma) ** 2)
    kernel = np.outer(kernel, kernel) / kernel.sum() ** 2
    taps = tf.constant(np.repeat(kernel[..., None, None], images.shape[-1], 2), tf.float32)
    pad = [reach, reach]
    h = tf.pad(tf.cast(images, tf.float32), [[0, 0], pad, pad, [0, 0]], "SYMMETRIC")
    return pixels.rounded(tf.nn.depthwise_conv2d(h, taps, [1, scale, scale, 1], "VALID"))


known = {"bicubic": bicubic, "gaussian": gaussian}

"""From a sharp picture to the small one that a super-resolution network starts from."""

import numpy as np
import tensorflow as tf

from zoo.images import pixels


def bicubic(images, scale):
    """Keys' cubic with a = −1/2, widened by the scale so that nothing aliases: MATLAB's `imresize`.

    Only at the borders it differs: MATLAB mirrors the picture there, this renormalises the kernel.
    """
    height, width = tf.shape(images)[1], tf.shape(images)[2]
    return pixels.resized(images, [height // scale, width // scale])


def gaussian(images, scale):
    """Blurred by a Gaussian and sampled once in every scale × scale pixels. Ledig et al. 2017, §3.2.

    The paper gives no width; σ is 0.4 pixels of the small picture, 1.6 of the sharp one at ×4.
    """
    sigma = 0.4 * scale
    reach = round(3 * sigma)
    # Each small pixel stands at the centre of scale × scale sharp ones.
    offset = np.arange(-reach, scale + reach) - (scale - 1) / 2
    kernel = np.exp(-0.5 * (offset / sigma) ** 2)
    kernel = np.outer(kernel, kernel) / kernel.sum() ** 2
    taps = tf.constant(np.repeat(kernel[..., None, None], images.shape[-1], 2), tf.float32)
    pad = [reach, reach]
    h = tf.pad(tf.cast(images, tf.float32), [[0, 0], pad, pad, [0, 0]], "SYMMETRIC")
    return pixels.rounded(tf.nn.depthwise_conv2d(h, taps, [1, scale, scale, 1], "VALID"))


known = {"bicubic": bicubic, "gaussian": gaussian}

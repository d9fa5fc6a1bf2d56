"""Parts that change an input of a network."""

import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import randomness
from zoo.parts.base import InputPart, part


def recoloured(x):
    """Returns copies of images with other colors and orientations.

    In each image, the channels are permuted at random and each channel may be inverted. All images of a
    batch share a random flip and a random rotation by a multiple of 90°.

    Args:
        x: Float32 tensor `[B, H, H, C]` in [−1, 1].

    Returns:
        Tensor of the same shape.
    """
    n, channels = tf.shape(x)[0], x.shape[-1]
    exchanged = tf.one_hot(tf.argsort(randomness.uniform([n, channels])), channels)
    signs = tf.cast(2 * randomness.integers([n, 1, channels], 2) - 1, tf.float32)
    mirrored = tf.cond(randomness.uniform([]) < 0.5, lambda: tf.reverse(x, [2]), lambda: x)
    turned = tf.image.rot90(mirrored, randomness.integers([], 4))
    return tf.ensure_shape(tf.einsum("bhwc,bcd->bhwd", turned, exchanged * signs), x.shape)


def warped(x, by):
    """Rotates, shears, stretches and shifts each image at random.

    Gradients are those of TensorFlow's operation, which ignore the change of areas.

    Args:
        x: Float tensor `[B, H, W, C]`. Pixels beyond the border repeat the border.
        by: Float. Largest angle in radians, and largest relative change of height and width. Shifts are at
            most a quarter of it.

    Returns:
        Tensor of the same shape, bilinear.
    """
    rows, columns = x.shape[1:3]
    angle, slant, wide, high, right, down = tf.unstack(randomness.uniform([6, tf.shape(x)[0]], -by, by))
    cos, sin, wide, high = tf.cos(angle), tf.sin(angle), tf.exp(wide), tf.exp(high)
    # Where a pixel's colour is from: turned ∘ slanted ∘ stretched, about the centre.
    from_x = (cos * wide, (cos * slant - sin) * high, right * columns / 4)
    from_y = (sin * wide, (sin * slant + cos) * high, down * rows / 4)
    x0, y0 = (columns - 1) / 2, (rows - 1) / 2
    places = [(a, b, shift + own - a * x0 - b * y0) for (a, b, shift), own in ((from_x, x0), (from_y, y0))]
    zeros = tf.zeros_like(angle)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=x,
        transforms=tf.stack([*places[0], *places[1], zeros, zeros], 1),
        output_shape=[rows, columns],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


@part("warp")
class Warp(InputPart):
    """Reads the category of InfoGAN off warped samples.

    A category must then be visible in a rotated, sheared and stretched image, so that it cannot be one of
    these. This is self-augmentation.

    Args:
        by: Float in (0, 1). Largest angle in radians and largest change of height and width.

    Reference:
        Hu et al., 2017, "Learning Discrete Representations via Information Maximizing Self-Augmented
        Training", arXiv 1702.08720.
    """

    by: float

    input = "category"

    def attach(self, model):
        """Checks the range of `by`, and the input."""
        if not 0 < self.by < 1:
            raise ZooError(f"parts.warp.by is {self.by}, but must lie in (0, 1).")
        return super().attach(model)

    def view(self, model):
        """Returns `warped` with a new random warp per image and call."""
        return lambda x: warped(x, self.by)


@part("cyclic_shift")
class CyclicShift(InputPart):
    """Shifts all images of a discriminator cyclically by less than one small pixel.

    The strides of a discriminator otherwise meet the same pixels of each block of a super-resolution
    generator, and the gradient through them leaves a checkerboard.

    Reference:
        Odena et al., 2016, "Deconvolution and Checkerboard Artifacts".
    """

    input = "discriminator"

    def view(self, model):
        """Returns a function that shifts images by one random offset."""
        moved = randomness.integers((2,), model.scale)
        return lambda x: tf.roll(x, moved, (1, 2))

"""Changes to the inputs of a discriminator."""

import tensorflow as tf

from zoo.game import randomness


def recoloured(x):
    """Copies of pictures that show the same things in other colours: the channels of each exchanged at
    random, each channel inverted or not, the pictures mirrored or not and turned by a number of quarters,
    all of a batch alike. float32 [B, H, W, C] in [−1, 1], H = W, to the same."""
    n, channels = tf.shape(x)[0], x.shape[-1]
    exchanged = tf.one_hot(tf.argsort(randomness.uniform([n, channels])), channels)
    signs = tf.cast(2 * randomness.integers([n, 1, channels], 2) - 1, tf.float32)
    mirrored = tf.cond(randomness.uniform([]) < 0.5, lambda: tf.reverse(x, [2]), lambda: x)
    turned = tf.image.rot90(mirrored, randomness.integers([], 4))
    return tf.ensure_shape(tf.einsum("bhwc,bcd->bhwd", turned, exchanged * signs), x.shape)


def warped(x, by):
    """Pictures turned, slanted, stretched and shifted, each by chance and in its own way.

    Args:
        x: float [B, H, W, C]. Beyond its border a picture goes on as it ends.
        by: at most so many radians and times the height or width; a quarter of that in shifts.

    Returns:
        Pictures of the same shape, bilinear. Gradients are those that TensorFlow has for this operation:
        warped back, without the warp's share in areas.
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


def mismatched(t):
    """Another picture's text for each: a neighbour's in the batch, or, every other time, the nearest that
    is not its own. [B, E] to [B, E].

    The paper draws any. Those of scenes mostly differ in what is easily seen, the ground or the place, and
    D would never have to look at an object's colour or shape.
    """
    direction = tf.math.l2_normalize(t, 1)
    closeness = tf.linalg.set_diag(
        tf.matmul(direction, direction, transpose_b=True), tf.fill(tf.shape(t)[:1], -2.0)
    )
    nearest = tf.gather(t, tf.argmax(closeness, 1))
    every_other = tf.range(tf.shape(t)[0])[:, None] % 2 == 0
    return tf.where(every_other, nearest, tf.roll(t, 1, 0))

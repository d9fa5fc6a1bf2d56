"""Building blocks that several networks share."""

import keras
import numpy as np

from zoo.errors import ZooError
from zoo.layers.activation import Maxout


def what_and_where(h, channels=8):
    """What is in a picture, wherever it is, and coarsely where: of a map, the largest response of each
    channel, and all of a few channels."""
    where = keras.layers.Flatten()(keras.layers.Conv2D(channels, 1)(h))
    return keras.layers.Concatenate()([keras.layers.GlobalMaxPooling2D()(h), where])


def init():
    """N(0, 0.02²), the paper's initial weights; anew for each layer, for each draws its seed."""
    return keras.initializers.RandomNormal(stddev=0.02)


def stages(x_shape):
    """How often a picture is halved until its sides are 4 to 7: (how often, (rows, columns)).

    Raises:
        ZooError: the shape is no picture, or does not halve that often.
    """
    if len(x_shape) != 3:
        raise ZooError(f"A convolutional model makes images, not examples of shape {tuple(x_shape)}.")
    n = max((min(x_shape[:2]) // 4).bit_length() - 1, 0)
    if n < 1 or any(side % 2**n for side in x_shape[:2]):
        raise ZooError(
            f"Images of {x_shape[0]}x{x_shape[1]} cannot be halved down to sides of 4 to 7. Sizes such as "
            "16, 28, 32 or 64 can.",
            image_size=32,
        )
    return n, (x_shape[0] // 2**n, x_shape[1] // 2**n)


def join(h, y):
    """Features with a condition beside them: appended, over a map as constant planes.

    Args:
        h: [B, n] or [B, H, W, C].
        y: [B, k], or None for no condition.
    """
    if y is None:
        return h
    if len(h.shape) == 4:
        y = keras.layers.Reshape((1, 1, y.shape[-1]))(y)
        y = keras.layers.UpSampling2D(tuple(h.shape[1:3]))(y)
    return keras.layers.Concatenate()([h, y])


def logit(h):
    """One score of a map, in float32."""
    h = keras.layers.Flatten()(h)
    return keras.layers.Dense(1, kernel_initializer=init(), dtype="float32")(h)


def flat(x):
    """Examples of any shape as vectors."""
    return keras.layers.Flatten()(x) if len(x.shape) > 2 else x


def shaped(h, x_shape, **kwargs):
    """The last layer of a generator of images (a sigmoid) or of points (linear), in float32."""
    activation = "sigmoid" if len(x_shape) == 3 else None
    x = keras.layers.Dense(int(np.prod(x_shape)), activation, dtype="float32", **kwargs)(h)
    return keras.layers.Reshape(x_shape, dtype="float32")(x)


def within(limit):
    """Initial weights uniform in ± limit; anew for each layer, for each draws its seed."""
    return keras.initializers.RandomUniform(-limit, limit)


def maxout(h, units, pieces, **kwargs):
    """A dense layer of `units` units, each the largest of `pieces` linear functions."""
    return Maxout(units)(keras.layers.Dense(units * pieces, **kwargs)(h))


def unchanged(h, *_):
    """Returns a tensor as it is. It is the default of functions that parts replace."""
    return h

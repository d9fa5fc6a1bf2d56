"""Building blocks that several networks share."""

import keras
import numpy as np

from zoo.errors import ZooError
from zoo.layers.activation import Maxout
from zoo.layers.normalization import BatchNormalization


def what_and_where(h, channels=8):
    """Returns features of a map's contents and of their coarse places.

    Args:
        h: Tensor `[B, H, W, C]`.
        channels: Integer. Number of maps that keep their places. Defaults to 8.

    Returns:
        Tensor `[B, C + H · W · channels]`: the largest response of each channel, and all values of
        `channels` linear maps.
    """
    where = keras.layers.Flatten()(keras.layers.Conv2D(channels, 1)(h))
    return keras.layers.Concatenate()([keras.layers.GlobalMaxPooling2D()(h), where])


def leaky(h, slope=0.2):
    """Applies LeakyReLU."""
    return keras.layers.LeakyReLU(slope)(h)


def init():
    """Returns the initializer N(0, 0.02²) of DCGAN, with a new seed per layer."""
    return keras.initializers.RandomNormal(stddev=0.02)


def near_one():
    """Returns the initializer N(1, 0.02²) of DCGAN's scales of batch norm, with a new seed per layer."""
    return keras.initializers.RandomNormal(1.0, 0.02)


def batch_norm(h):
    """Applies batch norm with the initial scales of DCGAN's code."""
    return BatchNormalization(gamma_initializer=near_one())(h)


def strided_convolution(layer, channels, **kwargs):
    """Returns a convolution with a kernel of 4 and a stride of 2, with the initializer of DCGAN.

    Args:
        layer: Class of the layer: `keras.layers.Conv2D` halves a map, `keras.layers.Conv2DTranspose`
            doubles it.
        channels: Integer. Number of output channels.
        **kwargs: Other arguments of the layer.
    """
    return layer(channels, 4, strides=2, padding="same", kernel_initializer=init(), **kwargs)


def convolution_batch_norm(h, channels, kernel=3, strides=1):
    """Applies a convolution without bias, and batch norm, with the initializers of DCGAN's code.

    Args:
        h: Tensor `[B, H, W, C]`.
        channels: Integer. Number of output channels.
        kernel: Integer. Size of the kernel. Defaults to 3.
        strides: Integer. The sides of the map are divided by it. Defaults to 1.
    """
    return batch_norm(_convolution(h, channels, kernel, strides, init()))


def _convolution(h, channels, kernel, strides, initializer):
    kwargs = {"padding": "same", "use_bias": False, "kernel_initializer": initializer}
    return keras.layers.Conv2D(channels, kernel, strides, **kwargs)(h)


def convolution_batch_norm_relu(h, channels):
    """Applies a 3×3 convolution with the default initializers of Keras, batch norm and ReLU.

    Args:
        h: Tensor `[B, H, W, C]`.
        channels: Integer. Number of output channels.
    """
    h = BatchNormalization()(_convolution(h, channels, 3, 1, "glorot_uniform"))
    return keras.layers.ReLU()(h)


def stages(x_shape):
    """Returns the number of halvings until the sides of an image are 4 to 7.

    Args:
        x_shape: Tuple `(H, W, C)`.

    Returns:
        Tuple of the number and the size `(rows, columns)` after the last halving.

    Raises:
        ZooError: The shape is not that of an image, or its sides cannot be halved down to 4 to 7.
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
    """Appends a condition to features, as constant planes to a map.

    Args:
        h: Tensor `[B, n]` or `[B, H, W, C]`.
        y: Tensor `[B, k]`, or None for no condition.
    """
    if y is None:
        return h
    if len(h.shape) == 4:
        y = keras.layers.Reshape((1, 1, y.shape[-1]))(y)
        y = keras.layers.UpSampling2D(tuple(h.shape[1:3]))(y)
    return keras.layers.Concatenate()([h, y])


def logit(h):
    """Returns one logit per map, float32 `[B, 1]`."""
    h = keras.layers.Flatten()(h)
    return keras.layers.Dense(1, kernel_initializer=init(), dtype="float32")(h)


def flat(x):
    """Flattens examples of any shape to vectors."""
    return keras.layers.Flatten()(x) if len(x.shape) > 2 else x


def start_at_mean(generator, data):
    """Sets the output bias of a generator with sigmoid outputs to the logit of each pixel's mean.

    The GAN authors' code starts at these marginals of the data.

    Args:
        generator: Network that ends with `shaped`.
        data: The training data, a `zoo.datasets.Data` of uint8 images.
    """
    total = np.zeros(data.shape, np.float64)
    for start in range(0, data.count, 10_000):
        total += data.columns(start, start + 10_000)["x"].sum(0, dtype=np.float64)
    mean = np.clip(total / (255.0 * data.count), 1e-7, 1 - 1e-7)
    bias = next(layer for layer in reversed(generator.layers) if isinstance(layer, keras.layers.Dense)).bias
    bias.assign(np.log(mean / (1 - mean)).reshape(bias.shape))


def shaped(h, x_shape, **kwargs):
    """Applies the last layer of a generator, in float32.

    Images have a sigmoid. Points are linear.

    Args:
        h: Tensor `[B, n]`.
        x_shape: Tuple. Shape of one example.
        **kwargs: Arguments of the dense layer.
    """
    activation = "sigmoid" if len(x_shape) == 3 else None
    x = keras.layers.Dense(int(np.prod(x_shape)), activation, dtype="float32", **kwargs)(h)
    return keras.layers.Reshape(x_shape, dtype="float32")(x)


def within(limit):
    """Returns an initializer that is uniform in ± limit, with a new seed per layer."""
    return keras.initializers.RandomUniform(-limit, limit)


def maxout(h, units, pieces, **kwargs):
    """Applies a dense maxout layer.

    Args:
        h: Tensor `[B, n]`.
        units: Integer. Number of units.
        pieces: Integer. Linear pieces per unit.
        **kwargs: Arguments of the dense layer.
    """
    return Maxout(units)(keras.layers.Dense(units * pieces, **kwargs)(h))


def unchanged(h, *_):
    """Returns a tensor unchanged, the default of functions that parts replace."""
    return h

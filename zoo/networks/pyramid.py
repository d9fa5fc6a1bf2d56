"""Networks of DCGAN."""

import keras

from zoo.layers.reparametrized import SpectralNormalization
from zoo.networks.blocks import batch_norm, init, join, logit, stages


def generator_features(h, x_shape, width, kernel, y=None):
    """Returns the map before a generator's last layer. All layers have batch norm and ReLU.

    Args:
        h: Tensor `[B, n]`. Noise.
        x_shape: Tuple `(H, W, C)` of the images.
        width: Integer. Channels of the map. Each map inwards has twice as many.
        kernel: Integer. Side of the kernels.
        y: Tensor `[B, k]`. Condition at the input of every layer. Defaults to None.
    """
    n, (rows, columns) = stages(x_shape)
    channels = width * 2 ** (n - 1)
    h = keras.layers.Dense(rows * columns * channels, use_bias=False, kernel_initializer=init())(join(h, y))
    h = keras.layers.Reshape((rows, columns, channels))(h)
    h = keras.layers.ReLU()(batch_norm(h))
    for i in range(n - 1):
        h = keras.layers.Conv2DTranspose(
            channels // 2 ** (i + 1),
            kernel,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer=init(),
        )(join(h, y))
        h = keras.layers.ReLU()(batch_norm(h))
    return join(h, y)


def generator_output(h, x_shape, kernel):
    """Applies the last transposed convolution, without batch norm, and tanh in float32."""
    h = keras.layers.Conv2DTranspose(
        x_shape[-1], kernel, strides=2, padding="same", kernel_initializer=init()
    )(h)
    return keras.layers.Activation("tanh", dtype="float32")(h)


def discriminator_features(h, x_shape, width, kernel, y=None):
    """Returns the last map of a discriminator.

    All layers have LeakyReLU 0.2, and all except the first have batch norm.

    Args:
        h: Tensor `[B, H, W, C]`. Images.
        x_shape: Tuple `(H, W, C)` of the images.
        width: Integer. Channels of the first map. Each map inwards has twice as many.
        kernel: Integer. Side of the kernels.
        y: Tensor `[B, k]`. Condition at the input of every layer. Defaults to None.
    """
    n, _ = stages(x_shape)
    for i in range(n):
        h = keras.layers.Conv2D(
            width * 2**i,
            kernel,
            strides=2,
            padding="same",
            use_bias=i == 0,
            kernel_initializer=init(),
        )(join(h, y))
        h = keras.layers.LeakyReLU(0.2)(h if i == 0 else batch_norm(h))
    return join(h, y)


def batch_normalized_discriminator(x, x_shape, width, kernel):
    """Returns the logits of the paper's D."""
    return logit(discriminator_features(x, x_shape, width, kernel))


def spectral_discriminator(x, x_shape, width, kernel):
    """Returns the logits of a discriminator with spectral norm in place of batch norm.

    A convolution at full size precedes the strided ones.

    Reference:
        Miyato et al., 2018, "Spectral Normalization for GANs", arXiv 1802.05957, table 3.
    """
    n, _ = stages(x_shape)
    layers = [keras.layers.Conv2D(width, 3, padding="same")]
    layers += [keras.layers.Conv2D(width * 2**i, kernel, strides=2, padding="same") for i in range(n)]
    h = x
    for layer in layers:
        h = keras.layers.LeakyReLU(0.1)(SpectralNormalization(layer)(h))
    last = keras.layers.Dense(1, dtype="float32")
    return SpectralNormalization(last, dtype="float32")(keras.layers.Flatten()(h))

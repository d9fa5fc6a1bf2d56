"""The networks of pix2pix."""

import keras

from zoo.errors import ZooError, unknown
from zoo.layers.noise import Dropout
from zoo.layers.normalization import InstanceNormalization
from zoo.networks.blocks import init


def normalised(h):
    """At a batch of one, the paper's batch norm is this; it stays so for any batch, and after training."""
    return InstanceNormalization(epsilon=1e-5)(h)


def halvings(x_shape):
    """How often the U-net halves a picture: down to one pixel for powers of two, at most 8 times.

    Raises:
        ZooError: no square picture, or one that does not halve four times.
    """
    side = x_shape[0] if len(x_shape) == 3 else 0
    n = min((side & -side).bit_length() - 1, 8)
    if n < 4 or x_shape[0] != x_shape[1]:
        raise ZooError(
            f"Translators train on square images whose side is a multiple of 16, not {tuple(x_shape)}.",
            image_size=64,
        )
    return n


def unet(x_shape, width, dropout, name):
    """The U-net of appendix 6.1.1: C64-C128-C256-C512-… down, CD512-CD512-CD512-C512-… up, and skips.

    Args:
        x_shape: (H, W, C) of the pictures of training, which decides the depth.
        width: channels of the first layer; twice as many inwards, up to eight times.
        dropout: rate in the three innermost layers of the decoder.
        name: of the network.
    """
    n = halvings(x_shape)
    channels = [width * min(2**i, 8) for i in range(n)]

    def convolution(layer, channels, **kwargs):
        return layer(channels, 4, strides=2, padding="same", kernel_initializer=init(), **kwargs)

    down, up = keras.layers.Conv2D, keras.layers.Conv2DTranspose
    x = keras.Input((None, None, x_shape[-1]), name="x")
    h = convolution(down, channels[0])(x)
    skips = [h]
    for i in range(1, n):
        innermost = i == n - 1  # one pixel has no variance to normalise by
        h = keras.layers.LeakyReLU(0.2)(h)
        h = convolution(down, channels[i], use_bias=innermost)(h)
        skips.append(h if innermost else normalised(h))
        h = skips[-1]
    for i in range(n - 2, -1, -1):
        h = convolution(up, channels[i], use_bias=False)(keras.layers.ReLU()(h))
        h = normalised(h)
        if n - 2 - i < 3:
            h = Dropout(dropout)(h)
        h = keras.layers.Concatenate()([h, skips[i]])
    h = convolution(up, x_shape[-1])(keras.layers.ReLU()(h))
    return keras.Model(x, keras.layers.Activation("tanh", dtype="float32")(h), name=name)


patches = {1: 0, 16: 1, 34: 2, 70: 3, 142: 4, 286: 5}  # receptive field: strided layers


def patch_discriminator(x_shape, width, patch, name, pictures=1, normalise=True, last_bias=True):
    """C64-C128-… to a map of logits, one for each patch of a picture. Appendix 6.1.2.

    Args:
        x_shape: (H, W, C) of one picture.
        width: channels of the first layer.
        patch: side of the patches: 1, 16, 34, 70, 142, 286, or "image" for the smallest of
            these that spans the whole picture.
        name: of the network.
        pictures: how many pictures it sees side by side, as channels.
        normalise: whether the layers but the first have instance norm.
        last_bias: whether a constant is added to all logits.

    Raises:
        ZooError: another patch, or one that this picture is too small for.
    """
    if patch == "image":
        patch = next((p for p in patches if p >= max(x_shape[:2])), f"{max(x_shape[:2])} pixels")
    if patch not in patches:
        raise unknown("patch", str(patch), [*map(str, patches), "image"])
    strided = patches[patch]
    if min(x_shape[:2]) // 2**strided < 3:
        raise ZooError(f"Pictures of {x_shape[0]} pixels are too small for a patch of {patch}.")

    def layer(h, channels, kernel=4, strides=1, **kwargs):
        if kernel > 1:
            h = keras.layers.ZeroPadding2D(1)(h)
        return keras.layers.Conv2D(channels, kernel, strides, kernel_initializer=init(), **kwargs)(h)

    def hidden(h, channels, **kwargs):
        h = layer(h, channels, use_bias=not normalise, **kwargs)
        return keras.layers.LeakyReLU(0.2)(normalised(h) if normalise else h)

    inputs = [keras.Input((None, None, x_shape[-1]), name=f"x{i}") for i in range(pictures)]
    h = keras.layers.Concatenate()(inputs) if pictures > 1 else inputs[0]
    kernel = 4 if strided else 1
    h = keras.layers.LeakyReLU(0.2)(layer(h, width, kernel, strides=2 if strided else 1))
    for i in range(1, strided):
        h = hidden(h, width * min(2**i, 8), strides=2)
    h = hidden(h, width * min(2 ** max(strided, 1), 8), kernel=kernel)
    h = keras.layers.Activation("linear", dtype="float32")(layer(h, 1, kernel, use_bias=last_bias))
    return keras.Model(inputs if pictures > 1 else inputs[0], h, name=name)

"""Networks of pix2pix."""

import keras

from zoo.errors import ZooError, unknown
from zoo.layers.noise import Dropout
from zoo.layers.normalization import InstanceNormalization
from zoo.networks.blocks import init, near_one, strided_convolution


def instance_norm(h):
    """Applies instance norm with scales of 1."""
    return InstanceNormalization(epsilon=1e-5)(h)


def normalized(h):
    """Applies instance norm, which equals pix2pix's batch norm for a batch size of 1.

    It does not depend on the batch size, and is the same in training and inference. The initial scales are
    those of the authors' code.
    """
    return InstanceNormalization(epsilon=1e-5, gamma_initializer=near_one())(h)


def halvings(x_shape):
    """Returns the number of halvings of an image in the U-net, at most 8.

    A side that is a power of two is halved down to one pixel.

    Raises:
        ZooError: The image is not square, or its side is not a multiple of 16.
    """
    side = x_shape[0] if len(x_shape) == 3 else 0
    n = min((side & -side).bit_length() - 1, 8)
    if n < 4 or x_shape[0] != x_shape[1]:
        raise ZooError(
            f"Translators train on square images whose side is a multiple of 16, not {tuple(x_shape)}.",
            image_size=64,
        )
    return n


def unet(x_shape, width, dropout, name, given=0, levels=8):
    """Builds the U-net C64-C128-C256-C512-…, CD512-CD512-CD512-C512-…, with skip connections.

    Args:
        x_shape: Tuple `(H, W, C)` of the training images, which determines the depth.
        width: Integer. Channels of the first layer. Each layer inwards doubles them, up to eight times.
        dropout: Float. Dropout rate of the three innermost layers of the decoder.
        name: String. Name of the network.
        given: Integer. Number of input channels in addition to those of the images. Defaults to 0.
        levels: Integer. Maximum number of halvings. Defaults to 8.

    Reference:
        Isola et al., 2017, appendix 6.1.1.
    """
    n = min(halvings(x_shape), levels)
    channels = [width * min(2**i, 8) for i in range(n)]

    down, up = keras.layers.Conv2D, keras.layers.Conv2DTranspose
    x = keras.Input((None, None, x_shape[-1] + given), name="x")
    h = strided_convolution(down, channels[0])(x)
    skips = [h]
    for i in range(1, n):
        innermost = i == n - 1  # one pixel has no variance to normalize by
        h = keras.layers.LeakyReLU(0.2)(h)
        h = strided_convolution(down, channels[i], use_bias=innermost)(h)
        skips.append(h if innermost else normalized(h))
        h = skips[-1]
    for i in range(n - 2, -1, -1):
        h = strided_convolution(up, channels[i], use_bias=False)(keras.layers.ReLU()(h))
        h = normalized(h)
        if n - 2 - i < 3:
            h = Dropout(dropout)(h)
        h = keras.layers.Concatenate()([h, skips[i]])
    h = strided_convolution(up, x_shape[-1])(keras.layers.ReLU()(h))
    return keras.Model(x, keras.layers.Activation("tanh", dtype="float32")(h), name=name)


patches = {1: 0, 16: 1, 34: 2, 70: 3, 142: 4, 286: 5}  # receptive field: strided layers


def patch_discriminator(x_shape, width, patch, name, pictures=1, normalize=normalized, last_bias=True):
    """Builds the discriminator C64-C128-…, with one logit per patch of an image.

    Args:
        x_shape: Tuple `(H, W, C)` of one image.
        width: Integer. Channels of the first layer.
        patch: Receptive field: 1, 16, 34, 70, 142, 286, or "image" for the smallest of these that spans the
            whole image.
        name: String. Name of the network.
        pictures: Integer. Number of input images, which are concatenated as channels. Defaults to 1.
        normalize: Function that normalizes the maps of all layers except the first. `None` for no
            normalization. Defaults to `normalized`.
        last_bias: Boolean. Whether the last layer has a bias. Defaults to `True`.

    Raises:
        ZooError: Another patch, or an image that is too small for the patch.

    Reference:
        Isola et al., 2017, appendix 6.1.2.
    """
    if patch == "image":
        patch = next((p for p in patches if p >= max(x_shape[:2])), f"{max(x_shape[:2])} pixels")
    if patch not in patches:
        raise unknown("patch", str(patch), [*map(str, patches), "image"])
    strided = patches[patch]
    if min(x_shape[:2]) // 2**strided < 3:
        raise ZooError(f"The images have {x_shape[0]} pixels, too few for a patch of {patch}.")

    def layer(h, channels, kernel=4, strides=1, **kwargs):
        if kernel > 1:
            h = keras.layers.ZeroPadding2D(1)(h)
        return keras.layers.Conv2D(channels, kernel, strides, kernel_initializer=init(), **kwargs)(h)

    def hidden(h, channels, **kwargs):
        h = layer(h, channels, use_bias=normalize is None, **kwargs)
        return keras.layers.LeakyReLU(0.2)(normalize(h) if normalize else h)

    inputs = [keras.Input((None, None, x_shape[-1]), name=f"x{i}") for i in range(pictures)]
    h = keras.layers.Concatenate()(inputs) if pictures > 1 else inputs[0]
    kernel = 4 if strided else 1
    h = keras.layers.LeakyReLU(0.2)(layer(h, width, kernel, strides=2 if strided else 1))
    for i in range(1, strided):
        h = hidden(h, width * min(2**i, 8), strides=2)
    h = hidden(h, width * min(2 ** max(strided, 1), 8), kernel=kernel)
    h = keras.layers.Activation("linear", dtype="float32")(layer(h, 1, kernel, use_bias=last_bias))
    return keras.Model(inputs if pictures > 1 else inputs[0], h, name=name)

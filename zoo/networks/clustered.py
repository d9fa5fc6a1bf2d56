"""Networks of the Self-Conditioned GAN, with the initial weights of PyTorch, which its authors used.

Reference: Liu et al. 2020, Diverse Image Generation via Self-Conditioned GANs, arXiv 2006.10728, and the
authors' code.
"""

import keras

from zoo.errors import ZooError
from zoo.layers.normalization import BatchNormalization
from zoo.layers.packing import packed
from zoo.networks.blocks import init, leaky, maxout, stages, strided_convolution, within


def torch_initializers(fan):
    """Returns PyTorch's initializers U(±1/√fan) of weights and biases.

    Args:
        fan: Integer. Number of inputs of a unit. A transposed convolution has k² times its output channels.
    """
    return {"kernel_initializer": within(fan**-0.5), "bias_initializer": within(fan**-0.5)}


def dense(h, units, **kwargs):
    """Applies a dense layer."""
    return keras.layers.Dense(units, **torch_initializers(h.shape[-1]), **kwargs)(h)


def convolution(h, channels, kernel=3, strides=1, use_bias=True):
    """Applies a convolution whose output has the size of its input, divided by the strides."""
    fan = torch_initializers(kernel**2 * h.shape[-1])
    options = {"strides": strides, "padding": "same", "use_bias": use_bias, **fan}
    return keras.layers.Conv2D(channels, kernel, **options)(h)


def transposed_convolution(h, channels):
    """Applies a transposed convolution that doubles a map."""
    fan = torch_initializers(16 * channels)
    return keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same", **fan)(h)


def points_generator(h, x_shape, width):
    """Returns points: four layers of 2 · `width` units with batch norm."""
    for _ in range(4):
        h = keras.layers.ReLU()(BatchNormalization()(dense(h, 2 * width)))
    return dense(h, x_shape[0], dtype="float32")


def points_features(h, x_shape, width):
    """Returns features of points: three layers of `width` maxout units with five pieces."""
    for _ in range(3):
        h = maxout(h, width, 5, **torch_initializers(h.shape[-1]))
    return h


def dcgan_generator(h, x_shape, width):
    """Returns images: transposed convolutions with batch norm, and a convolution."""
    n, (rows, columns) = stages(x_shape)
    channels = width * 2**n
    h = keras.layers.Reshape((rows, columns, channels))(dense(h, rows * columns * channels))
    for i in range(n):
        h = transposed_convolution(h, channels // 2 ** (i + 1))
        h = keras.layers.ReLU()(BatchNormalization()(h))
    return image(h, x_shape)


def image(h, x_shape):
    """Applies the last convolution of a generator, and tanh in float32."""
    return keras.layers.Activation("tanh", dtype="float32")(convolution(h, x_shape[-1]))


def shallow_features(h, x_shape, width):
    """Returns features of images: strided convolutions with batch norm.

    The contrast of the images has no effect on the features, because the first layer normalizes its batch,
    and real and generated images are normalized apart.
    """
    n, _ = stages(x_shape)
    for i in range(n + 1):
        h = leaky(BatchNormalization()(convolution(h, width * 2**i, 4, 2)))
    return keras.layers.Flatten()(h)


def deep_features(h, x_shape, width):
    """Returns features of images: pairs of convolutions of 3×3 and 4×4, without normalization."""
    n, _ = stages(x_shape)
    for i in range(n):
        h = leaky(convolution(h, width * 2**i), 0.1)
        h = leaky(convolution(h, width * 2**i, 4, 2), 0.1)
    return keras.layers.Flatten()(leaky(convolution(h, width * 2**n), 0.1))


def residual(h, channels):
    """Applies a residual block."""
    shortcut = h if h.shape[-1] == channels else convolution(h, channels, 1, use_bias=False)
    inner = convolution(leaky(h), min(h.shape[-1], channels))
    inner = convolution(leaky(inner), channels)
    return keras.layers.Add()([shortcut, keras.layers.Rescaling(0.1)(inner)])


def levels(x_shape):
    """Returns the number of halvings of the residual networks, five, and the size after them.

    Raises:
        ZooError: The sides are not multiples of 32.
    """
    if any(side % 32 for side in x_shape[:2]):
        raise ZooError(
            f"The residual networks take images whose sides are multiples of 32, not {tuple(x_shape)}.",
            image_size=128,
        )
    return 5, (x_shape[0] // 32, x_shape[1] // 32)


def residual_generator(h, x_shape, width):
    """Returns images: two residual blocks per resolution, without normalization."""
    n, (rows, columns) = levels(x_shape)
    h = keras.layers.Reshape((rows, columns, 16 * width))(dense(h, rows * columns * 16 * width))
    for i in range(n + 1):
        h = h if i == 0 else keras.layers.UpSampling2D()(h)
        channels = width * min(2 ** (n - i), 16)
        h = residual(residual(h, channels), channels)
    return image(leaky(h), x_shape)


def residual_features(h, x_shape, width):
    """Returns features of images: two residual blocks per resolution, without normalization."""
    n, _ = levels(x_shape)
    h = convolution(h, width)
    for i in range(n + 1):
        if i:  # zeros of the border are counted
            h = keras.layers.AveragePooling2D(3, 2)(keras.layers.ZeroPadding2D(1)(h))
        h = residual(residual(h, h.shape[-1]), width * min(2 ** (i + 1), 16))
    return keras.layers.Flatten()(leaky(h))


def plain_generator(h, x_shape, width):
    """Returns images, as `dcgan_generator` with the initial weights of DCGAN and without biases."""
    n, (rows, columns) = stages(x_shape)
    channels = width * 2**n
    h = keras.layers.Dense(rows * columns * channels, kernel_initializer=init())(h)
    h = keras.layers.Reshape((rows, columns, channels))(h)
    for i in range(n):
        h = strided_convolution(keras.layers.Conv2DTranspose, channels // 2 ** (i + 1), use_bias=False)(h)
        h = keras.layers.ReLU()(BatchNormalization()(h))
    h = keras.layers.Conv2D(x_shape[-1], 3, padding="same", kernel_initializer=init())(h)
    return keras.layers.Activation("tanh", dtype="float32")(h)


def plain_features(h, x_shape, width):
    """Returns features, as `shallow_features` with the initial weights of DCGAN and without biases."""
    n, _ = stages(x_shape)
    for i in range(n + 1):
        h = strided_convolution(keras.layers.Conv2D, width * 2**i, use_bias=False)(h)
        h = leaky(BatchNormalization()(h))
    return keras.layers.Flatten()(h)


# For each name: the generator, the features of the discriminator, and the initial weights of its logits.
# "dcgan" is not the authors'.
networks = {
    "points": (points_generator, points_features, torch_initializers),
    "dcgan": (plain_generator, plain_features, lambda fan: {"kernel_initializer": init()}),
    "dcgan_shallow": (dcgan_generator, shallow_features, torch_initializers),
    "dcgan_deep": (dcgan_generator, deep_features, torch_initializers),
    "resnet": (residual_generator, residual_features, torch_initializers),
}


def pair(h, x_shape, classes, pack, width, name):
    """Builds a generator's output and a discriminator.

    Args:
        h: Tensor `[B, n]`. Noise and embedded label.
        x_shape: Tuple. Shape of one example.
        classes: Integer. Number of labels.
        pack: Integer. Number of examples per pack.
        width: Integer. Channels next to the image, or units.
        name: String. A key of `networks`.

    Returns:
        Tuple of the generated examples, a tensor, and D(x, y), a model whose layer "features" gives the
        features that are clustered.
    """
    generator, features, start = networks[name]
    fake = generator(h, x_shape, width)
    x = keras.Input(x_shape, name="x")
    h = features(packed(x, pack), x_shape, width)
    y = keras.Input((classes,), name="label")
    features = keras.Model(x, h, name="features")
    logits = keras.layers.Dense(classes, dtype="float32", **start(h.shape[-1]))(features(x))
    chosen = keras.layers.Dot(axes=1, dtype="float32") if classes > 1 else First(dtype="float32")
    return fake, keras.Model({"x": x, "label": y}, chosen([logits, y]), name="discriminator")


class First(keras.layers.Layer):
    """Returns the first of its inputs. Keras 3.12 accepts only inputs that a layer reads."""

    def call(self, inputs):
        """Returns the first input."""
        return inputs[0]

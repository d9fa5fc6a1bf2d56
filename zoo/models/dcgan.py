"""DCGAN: Radford, Metz & Chintala 2016, Unsupervised Representation Learning with Deep
Convolutional Generative Adversarial Networks, arXiv 1511.06434."""

import keras
import tensorflow as tf

from zoo.adversarial import step
from zoo.errors import ZooError
from zoo.generative import Duel
from zoo.layers import BatchNormalization, SpectralNormalization, packed
from zoo.priors import Uniform
from zoo.registry import register


def init():
    """N(0, 0.02²), the paper's initial weights; anew for each layer, for each draws its seed."""
    return keras.initializers.RandomNormal(stddev=0.02)


def stages(x_shape):
    """How often a picture is halved until its sides are 4 to 7: (how often, (rows, columns)).

    Raises:
        ZooError: the shape is no picture, or does not halve that often.
    """
    if len(x_shape) != 3:
        raise ZooError(f"A convolutional model makes pictures, not examples of shape {x_shape}.")
    n = max((min(x_shape[:2]) // 4).bit_length() - 1, 0)
    if n < 1 or any(side % 2**n for side in x_shape[:2]):
        raise ZooError(
            f"Pictures of {x_shape[0]}×{x_shape[1]} cannot be halved down to sides of 4 to 7. "
            "Choose a size such as 16, 28, 32 or 64: --set image_size=32."
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


def generator_features(h, x_shape, width, kernel, y=None):
    """From noise to the map before the last layer: all with batch norm and ReLU."""
    n, (rows, columns) = stages(x_shape)
    channels = width * 2 ** (n - 1)
    h = keras.layers.Dense(rows * columns * channels, use_bias=False, kernel_initializer=init())(join(h, y))
    h = keras.layers.Reshape((rows, columns, channels))(h)
    h = keras.layers.ReLU()(BatchNormalization()(h))
    for i in range(n - 1):
        h = keras.layers.Conv2DTranspose(
            channels // 2 ** (i + 1),
            kernel,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer=init(),
        )(join(h, y))
        h = keras.layers.ReLU()(BatchNormalization()(h))
    return join(h, y)


def generator_output(h, x_shape, kernel):
    """The last fractionally strided convolution, without batch norm, and tanh in float32."""
    h = keras.layers.Conv2DTranspose(
        x_shape[-1], kernel, strides=2, padding="same", kernel_initializer=init()
    )(h)
    return keras.layers.Activation("tanh", dtype="float32")(h)


def discriminator_features(h, x_shape, width, kernel, y=None):
    """From pictures to the last map: LeakyReLU 0.2, batch norm in all but the first layer."""
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
        h = keras.layers.LeakyReLU(0.2)(h if i == 0 else BatchNormalization()(h))
    return join(h, y)


def spectral_discriminator(x, x_shape, width, kernel):
    """D with spectral norm in place of batch norm, and a convolution at full size before it strides.
    Miyato et al. 2018, Spectral Normalization for GANs, arXiv 1802.05957, table 3."""
    n, _ = stages(x_shape)
    layers = [keras.layers.Conv2D(width, 3, padding="same")]
    layers += [keras.layers.Conv2D(width * 2**i, kernel, strides=2, padding="same") for i in range(n)]
    h = x
    for layer in layers:
        h = keras.layers.LeakyReLU(0.1)(SpectralNormalization(layer)(h))
    last = keras.layers.Dense(1, dtype="float32")
    return SpectralNormalization(last, dtype="float32")(keras.layers.Flatten()(h))


def logit(h):
    """One score of a map, in float32."""
    h = keras.layers.Flatten()(h)
    return keras.layers.Dense(1, kernel_initializer=init(), dtype="float32")(h)


class DCGAN(Duel):
    """The non-saturating game between two convolutional networks."""

    @step
    def train_step(self, batch):
        x = self.real(batch)
        with self.turn("generator") as g:
            fakes = self.generate(self.draw(tf.shape(x)[0]), training=True)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = self.discriminator_loss(
                    self.discriminator(x, training=True),
                    self.discriminator(fakes, training=True),
                )
            g.loss = self.generator_loss(self.discriminator(fakes, training=True))

    def score(self, x):
        return self.probability(self.verdict(x))


@register("dcgan")
def build(
    x_shape,
    classes=None,
    z_dim=100,
    width=128,
    kernel=5,
    game="non_saturating",
    pack=1,
    spectral=False,
):
    """The networks of the paper's figure 1, for pictures of any size that halves down to 4 to 7.

    Args:
        x_shape: (H, W, C).
        classes: labels are not used.
        z_dim: z ~ U(−1, 1) in so many coordinates.
        width: channels of the layers next to the picture; each layer inwards has twice as many.
        kernel: side of all kernels (5 in the paper's figure and the authors' Theano code).
        game: "non_saturating" (the paper's), "minimax", "least_squares", …
        pack: how many examples D judges together (PacGAN).
        spectral: whether D has spectral norm in place of the paper's batch norm; see
            `spectral_discriminator`.
    """
    z = keras.Input((z_dim,), name="z")
    h = generator_features(z, x_shape, width, kernel)
    generator = keras.Model({"z": z}, generator_output(h, x_shape, kernel), name="generator")

    x = keras.Input(x_shape, name="x")
    seen = packed(x, pack)
    if spectral:
        verdict = spectral_discriminator(seen, x_shape, width, kernel)
    else:
        verdict = logit(discriminator_features(seen, x_shape, width, kernel))
    discriminator = keras.Model(x, verdict, name="discriminator")

    priors = {"z": Uniform(z_dim)}
    return DCGAN(generator, discriminator, priors, game, pack=pack, value_range=(-1.0, 1.0))

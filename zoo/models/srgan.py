"""SRResNet and SRGAN, super-resolution of photographs.

Reference: Ledig et al. 2017, Photo-Realistic Single Image Super-Resolution Using a Generative
Adversarial Network, arXiv 1609.04802.
"""

import math

import keras

from zoo.errors import unknown
from zoo.game import losses
from zoo.game.adversarial import step
from zoo.layers.activation import PReLU
from zoo.layers.convolution import BlockwiseConv2D, PixelShuffle
from zoo.layers.normalization import BatchNormalization
from zoo.networks.content import content_features
from zoo.registry import register
from zoo.tasks.super_resolution.base import Enlarger

shuffles = {2: (2,), 3: (3,), 4: (2, 2)}  # how a scale is reached


def same_convolution(channels, kernel=3, strides=1):
    """Returns a convolution with bias that keeps the size of a map, or divides it by `strides`."""
    return keras.layers.Conv2D(channels, kernel, strides, padding="same")


def normalized(h):
    """Applies batch norm with averages over a hundred batches.

    Few crops then hardly affect inference.
    """
    return BatchNormalization(momentum=0.99)(h)


def prelu(h):
    """Applies a PReLU with one slope per channel, initially 0.25."""
    return PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2])(h)


def srresnet(channels, width, blocks, scale):
    """Builds the generator of figure 4: k9n64, residual blocks, pixel shuffles, k9n3.

    Args:
        channels: Integer. Channels of an image.
        width: Integer. Channels of the inner layers.
        blocks: Integer. Number of residual blocks.
        scale: Integer. 2, 3 or 4.

    Returns:
        Tuple of the network and its halo: the number of pixels of the small image, on each side of a pixel,
        that affect the result at that pixel.

    Raises:
        ZooError: Another scale.
    """
    if scale not in shuffles:
        raise unknown("scale", str(scale), map(str, shuffles))
    x = keras.Input((None, None, channels), name="x")
    first = h = prelu(same_convolution(width, 9)(x))
    for _ in range(blocks):
        inner = prelu(normalized(same_convolution(width)(h)))
        h = keras.layers.Add()([h, normalized(same_convolution(width)(inner))])
    h = keras.layers.Add()([first, normalized(same_convolution(width)(h))])
    halo, done = 4.0 + 2 * blocks + 1, 1
    for factor in shuffles[scale]:
        h = prelu(PixelShuffle(factor)(same_convolution(width * factor**2)(h)))
        halo, done = halo + 1 / done, done * factor
    h = BlockwiseConv2D(channels, 9, block=factor)(h)
    h = keras.layers.Activation("linear", dtype="float32")(h)
    return keras.Model(x, h, name="generator"), math.ceil(halo + 4 / done)


def normalized_layer(layer, h, first=False, **kwargs):
    """Applies a layer of D and batch norm. First and dense layers do not have batch norm."""
    return layer(h) if first else normalized(layer(h))


def discriminator(x_shape, width, units, normalize=normalized_layer):
    """Returns D of figure 4: 64, 64/2, 128, 128/2, … 512/2, dense 1024, one logit.

    Args:
        x_shape: Tuple `(H, W, C)` of a sharp crop.
        width: Integer. Channels of the first layer. The last has eight times as many.
        units: Integer. Units of the dense layer.
        normalize: Function of a layer and its input that applies the layer and a normalization.
    """
    x = keras.Input(x_shape, name="x")
    h = keras.layers.LeakyReLU(0.2)(normalize(same_convolution(width), x, first=True))
    for i in range(1, 8):
        layer = same_convolution(width * 2 ** (i // 2), strides=1 + i % 2)
        h = keras.layers.LeakyReLU(0.2)(normalize(layer, h))
    dense = keras.layers.Dense(units)
    h = keras.layers.LeakyReLU(0.2)(normalize(dense, keras.layers.Flatten()(h), first=True))
    last = keras.layers.Dense(1, dtype="float32")
    return keras.Model(x, normalize(last, h, first=True, dtype="float32"), name="discriminator")


class SRResNet(Enlarger):
    """Trains G by min_G E ‖y − G(x)‖².

    Reference:
        Ledig et al., 2017, equation 4.
    """

    values = {"generator": ("image", "target")}

    @step
    def train_step(self, batch):
        """Makes one update by the squared distance of pixels."""
        x, y = self.real(batch)
        with self.turn("generator") as g:
            fake = self.generator(x, training=True)
            g.loss = losses.squared_distance(fake, y)
            g.loss = self.extended("generator", g.loss, image=fake, target=y)


class SRGAN(Enlarger):
    """Trains G alone in stage 0, as an SRResNet, and then G against D (section 3.2).

    The objective is min_G max_D E log D(y) + E log(1 − D(G(x))). The loss of G is the content loss plus
    `weight` times the adversarial loss (equation 3).

    Args:
        generator, discriminator: Networks.
        content: The frozen network of the content loss, or None, and the function of its features. See
            `zoo.networks.content.content_features`.
        weight: Float. Loss weight of the adversarial loss.
        batch_statistics: Boolean. Whether G normalizes by the statistics of each batch in the adversarial
            stage, as in the paper.
    """

    stages = 2
    views = ("discriminator",)
    values = {
        "discriminator": ("critic", "real", "fake"),
        "generator": ("image", "target"),
    }

    def __init__(self, generator, discriminator, content, weight, batch_statistics=True, **kwargs):
        super().__init__(generator, {"discriminator": [discriminator]}, **kwargs)
        self.discriminator = discriminator
        frozen, self.features = content
        if frozen is not None:
            frozen.trainable = False
        self.weight, self.batch_statistics = weight, batch_statistics

    def stages_of(self, side):
        """Returns both stages for the generator, and the second for the discriminator."""
        return [0, 1] if side == "generator" else [1]

    @step
    def train_step(self, batch):
        """Makes one update of G in stage 0, and one of D and one of G in stage 1."""
        x, y = self.real(batch)  # I^LR, I^HR
        if self.stage == 0:
            with self.turn("generator") as g:
                fake = self.generator(x, training=True)
                g.loss = losses.squared_distance(fake, y)  # equation 4
                g.loss = self.extended("generator", g.loss, image=fake, target=y)
            return
        D, phi, view = self.discriminator, self.features, self.view("discriminator")
        with self.turn("generator") as g:
            fake = self.generator(x, training=self.batch_statistics)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = losses.minimax(
                    D(view(y), training=True), D(view(fake), training=True)
                )  # equation 2
                d.loss = self.extended("discriminator", d.loss, critic=D, real=y, fake=fake)
            content = losses.squared_distance(phi(fake), phi(y))  # equations 4 and 5
            adversarial = losses.non_saturating(D(view(fake), training=True))  # equation 6
            g.loss = content + self.weight * adversarial  # equation 3
            g.loss = self.extended("generator", g.loss, image=fake, target=y)
        self.report("content", content)

    def recalibrate_batch_norm(self, data, size, batches=32):
        """Recalibrates batch norm, unless training runs G with frozen statistics."""
        if self.batch_statistics:
            super().recalibrate_batch_norm(data, size, batches)


@register("srresnet", reads="photographs")
def build_srresnet(
    x_shape, classes=None, width=64, blocks=16, scale=4, degradation="bicubic", low_range=(-1.0, 1.0)
):
    """Builds the generator, for training by the squared distance of pixels.

    Args:
        x_shape: Tuple `(H, W, C)` of the sharp crops. The sides are multiples of the scale.
        classes: Not used.
        width: Integer. Channels of G. Defaults to 64.
        blocks: Integer. Number of residual blocks. Defaults to 16.
        scale: Integer. 2, 3 or 4. Defaults to 4.
        degradation: String. "bicubic" or "gaussian": the method that makes the small images.
        low_range: Two floats. Range of the small images that G receives, (0, 1) in the paper. Defaults to
            (−1, 1).
    """
    generator, halo = srresnet(x_shape[-1], width, blocks, scale)
    return SRResNet(generator, {}, x_shape, scale, halo, degradation, low_range)


@register("srgan", reads="photographs")
def build_srgan(
    x_shape,
    classes=None,
    width=64,
    blocks=16,
    scale=4,
    degradation="bicubic",
    discriminator_width=64,
    units=1024,
    content="vgg54",
    weight=1e-3,
    low_range=(-1.0, 1.0),
    *,
    normalize=normalized_layer,
    batch_statistics=True,
):
    """Builds both networks of figure 4. A recipe's `stages` names the first adversarial step.

    Args:
        x_shape, classes, width, blocks, scale, degradation, low_range: See `build_srresnet`.
        discriminator_width: Integer. Channels of D's first layer. The last has eight times as many.
        units: Integer. Units of D's dense layer.
        content: "mse", "vgg22" or "vgg54" (VGG19's layers as the paper numbers them), a Keras model from
            images in [-1, 1] to features, or its file.keras. A recipe's `weights` may name the file of
            VGG19's weights as "vgg19".
        weight: Float. Loss weight of the adversarial loss.
        normalize, batch_statistics: Set by the parts `spectral_norm` and `frozen_batch_norm`.

    Raises:
        ZooError: An unknown content loss.
    """
    generator, halo = srresnet(x_shape[-1], width, blocks, scale)
    return SRGAN(
        generator,
        discriminator(x_shape, discriminator_width, units, normalize),
        content_features(content),
        weight,
        batch_statistics,
        x_shape=x_shape,
        scale=scale,
        halo=halo,
        degradation=degradation,
        low_range=low_range,
    )

"""SRResNet and SRGAN: Ledig et al. 2017, Photo-Realistic Single Image Super-Resolution Using a
Generative Adversarial Network, arXiv 1609.04802."""

import math

import keras
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game import losses, randomness
from zoo.game.adversarial import step
from zoo.layers.activation import PReLU
from zoo.layers.convolution import BlockwiseConv2D, PixelShuffle
from zoo.layers.normalization import BatchNormalization
from zoo.layers.reparametrized import SpectralNormalization
from zoo.networks import pretrained
from zoo.networks.content import content_features
from zoo.registry import register
from zoo.tasks.super_resolution.base import Enlarger

shuffles = {2: (2,), 3: (3,), 4: (2, 2)}  # how a scale is reached


def convolution(channels, kernel=3, strides=1):
    return keras.layers.Conv2D(channels, kernel, strides, padding="same")


def normalised(h):
    """Batch norm whose averages are over a hundred batches, so that few crops do not sway inference."""
    return BatchNormalization(momentum=0.99)(h)


def prelu(h):
    return PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2])(h)


def srresnet(channels, width, blocks, scale):
    """The generator of figure 4: k9n64 – residual blocks – pixel shuffles – k9n3.

    Args:
        channels: of a picture.
        width: channels inside.
        blocks: residual blocks.
        scale: 2, 3 or 4.

    Returns:
        (the network, how many of the small picture's pixels around one reach its result).

    Raises:
        ZooError: another scale.
    """
    if scale not in shuffles:
        raise unknown("scale", str(scale), map(str, shuffles))
    x = keras.Input((None, None, channels), name="x")
    first = h = prelu(convolution(width, 9)(x))
    for _ in range(blocks):
        inner = prelu(normalised(convolution(width)(h)))
        h = keras.layers.Add()([h, normalised(convolution(width)(inner))])
    h = keras.layers.Add()([first, normalised(convolution(width)(h))])
    halo, done = 4.0 + 2 * blocks + 1, 1
    for factor in shuffles[scale]:
        h = prelu(PixelShuffle(factor)(convolution(width * factor**2)(h)))
        halo, done = halo + 1 / done, done * factor
    h = BlockwiseConv2D(channels, 9, block=factor)(h)
    h = keras.layers.Activation("linear", dtype="float32")(h)
    return keras.Model(x, h, name="generator"), math.ceil(halo + 4 / done)


def discriminator(x_shape, width, units, spectral=False):
    """D of figure 4: 64, 64/2, 128, 128/2, … 512/2, dense 1024, one logit.

    Args:
        x_shape: (H, W, C) of a sharp crop.
        width: channels of the first layer; eight times as many inside.
        units: of the dense layer.
        spectral: whether every layer has spectral norm (Miyato et al. 2018) in place of batch norm; why,
            the recipe `srgan_photos` says.
    """

    def seen(layer, h, **kwargs):
        return (SpectralNormalization(layer, **kwargs) if spectral else layer)(h)

    x = keras.Input(x_shape, name="x")
    h = keras.layers.LeakyReLU(0.2)(seen(convolution(width), x))
    for i in range(1, 8):
        h = seen(convolution(width * 2 ** (i // 2), strides=1 + i % 2), h)
        h = keras.layers.LeakyReLU(0.2)(h if spectral else normalised(h))
    h = keras.layers.LeakyReLU(0.2)(seen(keras.layers.Dense(units), keras.layers.Flatten()(h)))
    verdict = seen(keras.layers.Dense(1, dtype="float32"), h, dtype="float32")
    return keras.Model(x, verdict, name="discriminator")


def begin_as(generator, start):
    """Gives G the weights of a trained one, by its name or its run folder.

    Raises:
        ZooError: there is none, or it is another network.
    """
    found = pretrained.network(start, lambda model: getattr(model, "generator", None))
    shapes = [[tuple(w.shape) for w in network.weights] for network in (generator, found)]
    if shapes[0] != shapes[1]:
        raise ZooError(
            f"{start} is another network than this generator. Give network.width, network.blocks and "
            "network.scale the values in its card, or let the game begin at none: "
            "--set network.start= --set stages=[0.7]."
        )
    generator.set_weights(found.get_weights())


class SRResNet(Enlarger):
    """min_G E ‖y − G(x)‖². Equation 4."""

    @step
    def train_step(self, batch):
        x, y = self.real(batch)
        with self.turn("generator") as g:
            g.loss = losses.squared_distance(self.generator(x, training=True), y)


class SRGAN(Enlarger):
    """min_G max_D E log D(y) + E log(1 − D(G(x))), with G's loss the content loss and 10⁻³ of its
    adversarial one (equation 3); at first G alone, as an SRResNet (§3.2).

    Args:
        generator, discriminator: networks.
        content: what the content loss compares pictures by; see `content_features`.
        weight: of the adversarial loss.
    """

    stages = 2

    def __init__(self, generator, discriminator, content, weight, **kwargs):
        super().__init__(generator, {"discriminator": [discriminator]}, **kwargs)
        self.discriminator = discriminator
        frozen, self.features = content
        if frozen is not None:
            frozen.trainable = False
        self.weight = weight

    def stages_of(self, side):
        return [0, 1] if side == "generator" else [1]

    @step
    def train_step(self, batch):
        (self.pretrain, self.play)[self.stage](*self.real(batch))

    def settle(self, data, size, batches=32):
        """Nothing: G plays by averages that stand still, and what it learns in play it learns for these."""

    def pretrain(self, x, y):
        """By the squared distance of pixels alone, so that the game does not start from nothing."""
        with self.turn("generator") as g:
            g.loss = losses.squared_distance(self.generator(x, training=True), y)

    def play(self, x, y):
        """Equation 3, of pictures that G makes as it will when it is trained, by the averages of its batch
        norm. The paper has those of each batch; then D never sees what is made by the averages, and that
        has a grain of its own (Wang et al. 2018, ESRGAN, §3.1)."""
        moved = randomness.integers((2,), self.scale)

        def verdict(pictures):
            """D's of pictures that are moved, by less than a small pixel, round the edge. The paper has
            them stay; then D's strides meet the same of the pixels that G makes of one each time, and the
            gradient through them prints a checker (Odena et al. 2016)."""
            return self.discriminator(tf.roll(pictures, moved, (1, 2)), training=True)

        with self.turn("generator") as g:
            fakes = self.generator(x, training=False)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = losses.minimax(verdict(y), verdict(fakes))
            content = losses.squared_distance(self.features(fakes), self.features(y))
            g.loss = content + self.weight * losses.non_saturating(verdict(fakes))
        self.report("content", content)


@register("srresnet", reads="photographs")
def build_srresnet(x_shape, classes=None, width=64, blocks=16, scale=4, degradation="bicubic"):
    """The generator alone, by the squared distance of pixels.

    Args:
        x_shape: (H, W, C) of the sharp crops, the sides multiples of the scale.
        classes: labels are not used.
        width: channels of G.
        blocks: its residual blocks.
        scale: 2, 3 or 4.
        degradation: how small pictures are made: "bicubic" or "gaussian".
    """
    generator, halo = srresnet(x_shape[-1], width, blocks, scale)
    return SRResNet(generator, {}, x_shape, scale, halo, degradation)


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
    spectral=False,
    content="vgg54",
    content_weights=None,
    weight=1e-3,
    start="",
):
    """Both networks of figure 4. A recipe's `stages` says when the game begins.

    Args:
        x_shape, classes, width, blocks, scale, degradation: as for `build_srresnet`.
        discriminator_width: channels of D's first layer; eight times as many inside.
        units: of D's dense layer.
        spectral: whether D has spectral norm in place of the paper's batch norm; see `discriminator`.
        content: "mse", "vgg22" or "vgg54" (VGG19's layers as the paper numbers them), a Keras model
            from pictures in [−1, 1] to features, or its file.keras.
        content_weights: the file of VGG19's weights; None: Keras' cache, else its download.
        weight: of the adversarial loss.
        start: a trained SRResNet of this width, blocks and scale (its name, or its run folder), that G
            begins as; with stages=[0] the game begins at once. Empty: none; then G needs its first
            stage, for the game leaves the averages of its batch norm as they are.

    Raises:
        ZooError: an unknown content, or a start of another network.
    """
    generator, halo = srresnet(x_shape[-1], width, blocks, scale)
    if start:
        begin_as(generator, start)
    return SRGAN(
        generator,
        discriminator(x_shape, discriminator_width, units, spectral),
        content_features(content, content_weights),
        weight,
        x_shape=x_shape,
        scale=scale,
        halo=halo,
        degradation=degradation,
    )

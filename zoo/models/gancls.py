"""GAN-CLS with GAN-INT: Reed et al. 2016, Generative Adversarial Text to Image Synthesis, arXiv
1605.05396."""

import keras
import tensorflow as tf

from zoo import losses
from zoo.adversarial import step
from zoo.errors import ZooError
from zoo.layers import BatchNormalization, DoublingConv2D, Noise
from zoo.models.attributes import what_and_where
from zoo.models.dcgan import init, stages
from zoo.priors import Normal
from zoo.registry import register
from zoo.texts import TextToImage, mismatched
from zoo.texts import encoder as text_encoder


def relu(h):
    return keras.layers.ReLU()(h)


def leaky(h):
    return keras.layers.LeakyReLU(0.2)(h)


def convolution(h, channels, kernel=3, strides=1):
    """A convolution without bias and its batch norm."""
    kwargs = {"padding": "same", "use_bias": False, "kernel_initializer": init()}
    return BatchNormalization()(keras.layers.Conv2D(channels, kernel, strides, **kwargs)(h))


def upsampled(h, channels):
    """Each pixel four times, then a convolution; transposed ones left checkers on flat grounds."""
    doubled = DoublingConv2D(channels, use_bias=False, kernel_initializer=init())
    return relu(BatchNormalization()(doubled(h)))


def bottleneck(h, channels, activation):
    """What the authors' code adds to their maps of 4×4 and 8×8: three convolutions and a shortcut."""
    inner = activation(convolution(h, channels, 1))
    inner = activation(convolution(inner, channels))
    return activation(keras.layers.Add()([h, convolution(inner, h.shape[-1])]))


def compressed(text, units):
    """φ(t) as the networks use it: a dense layer of 128 and LeakyReLU (§4). The batch norm is that of D in
    the authors' code, and is in G too: whatever an encoder's scale, neither z nor the picture drowns it."""
    dense = keras.layers.Dense(units, use_bias=False, kernel_initializer=init())
    return leaky(BatchNormalization()(dense(text)))


def generator_network(h, x_shape, width):
    """From noise and text to a picture in [−1, 1], with bottlenecks in the two innermost maps."""
    n, (rows, columns) = stages(x_shape)
    channels = width * 2 ** (n - 1)
    h = keras.layers.Dense(rows * columns * channels, use_bias=False, kernel_initializer=init())(h)
    h = BatchNormalization()(keras.layers.Reshape((rows, columns, channels))(h))
    h = bottleneck(h, channels // 4, relu)
    for i in range(1, n):
        h = upsampled(h, channels // 2**i)
        h = bottleneck(h, channels // 2**i // 4, relu) if i == 1 else h
    h = DoublingConv2D(x_shape[-1], kernel_initializer=init())(h)
    return keras.layers.Activation("tanh", dtype="float32")(h)


def trunk_network(x, x_shape, width, noise):
    """From a picture, with noise on it in training, to D's innermost map."""
    n, _ = stages(x_shape)
    first = keras.layers.Conv2D(width, 4, 2, padding="same", kernel_initializer=init())
    h = leaky(first(Noise(noise)(x)))
    inner = [(width * 2**i, 4, 2) for i in range(1, n)]
    inner += [(width * 2**i, 1, 1) for i in range(n - 2, 2, -1)]  # StackGAN's, where there are many
    for i, layer in enumerate(inner):
        h = convolution(leaky(h) if i else h, *layer)
    return bottleneck(h, h.shape[-1] // 4, leaky)


def judge_network(seen, text, units):
    """The logit of D's map with a text tiled over it. The paper's figure 2."""
    rows, columns, channels = seen.shape[1:]
    tiled = keras.layers.Reshape((1, 1, units))(compressed(text, units))
    tiled = keras.layers.UpSampling2D((rows, columns))(tiled)
    h = leaky(convolution(keras.layers.Concatenate()([seen, tiled]), channels, 1))
    h = keras.layers.Conv2D(1, (rows, columns), kernel_initializer=init(), dtype="float32")(h)
    return keras.layers.Flatten(dtype="float32")(h)


def discriminator(x_shape, width, units, embedding, noise, prefix=""):
    """(D's part that sees pictures alone, its part that sees their text too)."""
    x = keras.Input(x_shape, name="x")
    trunk = keras.Model(x, trunk_network(x, x_shape, width, noise), name=f"{prefix}trunk")
    seen, text = keras.Input(trunk.output_shape[1:], name="seen"), keras.Input((embedding,), name="text")
    judge = keras.Model([seen, text], judge_network(seen, text, units), name=f"{prefix}judge")
    return trunk, judge


def reader_network(x_shape, width, embedding, noise):
    """θ: what is in a picture, with noise on it in training, wherever it is; and coarsely where. From a map
    laid flat, as D's last layer has it, shapes are learned much more slowly."""
    x = keras.Input(x_shape, name="x")
    seen = leaky(trunk_network(x, x_shape, width, noise))
    read = keras.layers.Dense(embedding, dtype="float32")(what_and_where(seen))
    return keras.Model(x, read, name="reader")


def words_network(embedding):
    """w: the linear map from φ(t) to what θ is compared with, so scaled that E does not matter at first."""
    text = keras.Input((embedding,), name="text")
    said = keras.layers.Dense(embedding, dtype="float32")(BatchNormalization(dtype="float32")(text))
    return keras.Model(text, keras.layers.Rescaling(embedding**-0.5, dtype="float32")(said), name="words")


class GANCLS(TextToImage):
    """D tells real pictures with their text from fakes, and from real pictures with another's text;
    G is told interpolations of texts too. Algorithm 1 and equation 5."""

    def __init__(self, generator, trunk, judge, encoder, noise, examples, interpolated, **kwargs):
        sides = {"discriminator": [trunk, judge]}
        super().__init__(generator, encoder, noise, examples, sides, **kwargs)
        self.trunk, self.judge = trunk, judge
        self.interpolated = interpolated

    @step
    def train_step(self, batch):
        x, t = self.real(batch), self.told(batch)
        n = tf.shape(x)[0]
        half = tf.cast(self.interpolated * tf.cast(n, tf.float32), tf.int32)
        between = 0.5 * (t[:half] + t[n - half :])  # β = ½
        asked = tf.concat([t, between], 0)
        with self.turn("generator") as g:
            fakes = self.paint({"text": asked, **self.fresh(n + half)}, training=True)
            with g.paused():
                self.discriminate(x, t, fakes[:n])
            g.loss = self.deceive(fakes, asked)

    def discriminate(self, x, t, fakes):
        """D's turn, on as many pictures as fakes."""
        with self.turn("discriminator") as d:
            seen = self.trunk(x, training=True)
            d.loss = losses.matching_aware(
                self.judge([seen, t], training=True),
                self.judge([seen, mismatched(t)], training=True),
                self.judge([self.trunk(fakes, training=True), t], training=True),
            )

    def deceive(self, fakes, asked):
        """G's loss."""
        return losses.non_saturating(self.judge([self.trunk(fakes, training=True), asked], training=True))

    def score(self, x, text):
        return tf.sigmoid(self.judge([self.trunk(x), self.embed(text)]))


class ReadGANCLS(GANCLS):
    """The game of GAN-CLS, beside which at first a reader learns, by the structured joint embedding of the
    text encoder's own training, which real picture has which text. Then it joins as a second discriminator.

    That is a projection discriminator (Miyato and Koyama 2018, arXiv 1802.05637), trained contrastively on
    real pairs as XMC-GAN's is (Zhang et al. 2021, arXiv 2101.04702). A departure: D by itself hardly learns
    to see shapes. It may not join before it reads: D would win while G still learns what a ground is.

    Args:
        reader, words: networks, θ and w, from pictures and from φ(t) to embeddings of one size.
        rest: as for `GANCLS`.
    """

    stages = 2

    def __init__(self, reader, words, **rest):
        super().__init__(**rest)
        self.reader, self.words = reader, words
        self.sides = {"reader": [reader, words], **self.sides}

    def discriminate(self, x, t, fakes):
        super().discriminate(x, t, fakes)
        with self.turn("reader") as r:
            seen, said = self.reader(x, training=True), self.words(t, training=True)
            r.loss = losses.joint_embedding(tf.matmul(seen, said, transpose_b=True))
            if self.stage:
                wrong = self.words(mismatched(t), training=True)
                fake = self.reader(fakes, training=True)
                r.loss += losses.matching_aware(fit(seen, said), fit(seen, wrong), fit(fake, said))

    def deceive(self, fakes, asked):
        loss = super().deceive(fakes, asked)
        if self.stage:
            read = fit(self.reader(fakes, training=True), self.words(asked, training=True))
            loss += losses.non_saturating(read)
        return loss


def fit(seen, said):
    """The reader's logit, θ(x)·w(t): [B, 1]."""
    return tf.reduce_sum(seen * said, 1, keepdims=True)


@register("gancls", reads="descriptions")
def build(
    x_shape,
    classes=None,
    encoder="textencoder_shapes",
    examples=(),
    z_dim=100,
    units=128,
    width=128,
    discriminator_width=64,
    interpolated=0.5,
    instance_noise=0.0,
    reader_width=0,
):
    """The networks of the authors' code, but for how G doubles its maps; see `upsampled`.

    Args:
        x_shape: (H, W, C); the paper's are 64 pixels.
        classes: labels are not used.
        encoder: φ; see `zoo.texts.encoder`.
        examples: texts that stand for those that nobody gives, and that sample grids show.
        z_dim: z ~ N(0, I) in so many coordinates.
        units: of the dense layers that compress φ(t).
        width: channels of G's layer next to the picture; each layer inwards has twice as many.
        discriminator_width: of D's.
        interpolated: how many interpolated texts G is told, over those of the batch; 0: GAN-CLS alone.
        instance_noise: σ of the noise on all that D sees, of pictures in [−1, 1]; the paper has none.
        reader_width: channels of the first layer of the reader, see `ReadGANCLS`; 0: no reader, as in the
            paper, and no second stage.

    Raises:
        ZooError: an unknown encoder, or more interpolations than texts.
    """
    if not 0 <= interpolated <= 1:
        raise ZooError(f"network.interpolated is a share in [0, 1], not {interpolated}.")
    network = text_encoder(encoder)
    embedding = network.output_shape[-1]
    z, text = keras.Input((z_dim,), name="z"), keras.Input((embedding,), name="text")
    h = keras.layers.Concatenate()([z, compressed(text, units)])
    made = generator_network(h, x_shape, width)
    generator = keras.Model({"z": z, "text": text}, made, name="generator")
    trunk, judge = discriminator(x_shape, discriminator_width, units, embedding, instance_noise)
    game = {
        "generator": generator,
        "trunk": trunk,
        "judge": judge,
        "encoder": network,
        "noise": {"z": Normal(z_dim)},
        "examples": examples,
        "interpolated": interpolated,
    }
    if not reader_width:
        return GANCLS(**game)
    reader = reader_network(x_shape, reader_width, embedding, instance_noise)
    return ReadGANCLS(reader, words_network(embedding), **game)

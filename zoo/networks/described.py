"""The networks of GAN-CLS and StackGAN: images and their text."""

import keras
import tensorflow as tf

from zoo.game import losses
from zoo.layers.convolution import DoublingConv2D
from zoo.layers.noise import Noise
from zoo.layers.normalization import BatchNormalization
from zoo.networks.blocks import init, stages
from zoo.parts.inputs import mismatched
from zoo.parts.networks import modulated, projecting, with_all_others


def relu(h):
    return keras.layers.ReLU()(h)


def leaky(h):
    return keras.layers.LeakyReLU(0.2)(h)


def convolution(h, channels, kernel=3, strides=1):
    """A convolution without bias and its batch norm."""
    kwargs = {"padding": "same", "use_bias": False, "kernel_initializer": init()}
    return BatchNormalization()(keras.layers.Conv2D(channels, kernel, strides, **kwargs)(h))


def upsampled(h, channels, told=None):
    """Each pixel four times, then a convolution; transposed ones left checkers on flat grounds."""
    doubled = DoublingConv2D(channels, use_bias=False, kernel_initializer=init())
    return relu(modulated(BatchNormalization()(doubled(h)), told))


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


def generator_network(h, x_shape, width, told=None, detailed=False):
    """From noise and text to a picture in [−1, 1], with bottlenecks in the two innermost maps; each map
    may be told the text too, and there may be one of the picture's size."""
    n, (rows, columns) = stages(x_shape)
    channels = width * 2 ** (n - 1)
    h = keras.layers.Dense(rows * columns * channels, use_bias=False, kernel_initializer=init())(h)
    h = modulated(BatchNormalization()(keras.layers.Reshape((rows, columns, channels))(h)), told)
    h = bottleneck(h, channels // 4, relu)
    for i in range(1, n):
        h = upsampled(h, channels // 2**i, told)
        h = bottleneck(h, channels // 2**i // 4, relu) if i == 1 else h
    if detailed:
        h = upsampled(h, width // 2, told)
        h = keras.layers.Conv2D(x_shape[-1], 3, padding="same", kernel_initializer=init())(h)
    else:
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


def concatenating(x_shape, width, units, embedding, noise, prefix):
    """(D's part that sees pictures alone, its part that sees their text too)."""
    x = keras.Input(x_shape, name="x")
    trunk = keras.Model(x, trunk_network(x, x_shape, width, noise), name=f"{prefix}trunk")
    seen, text = keras.Input(trunk.output_shape[1:], name="seen"), keras.Input((embedding,), name="text")
    judge = keras.Model([seen, text], judge_network(seen, text, units), name=f"{prefix}judge")
    return trunk, judge


def with_another(judge, seen, t):
    """The logits of pictures with a text that is another's, [B, 1]. Algorithm 1."""
    return judge([seen, mismatched(t)], training=True)


class Discriminator(keras.Model):
    """D(x, φ(t)): the logits of pictures with texts, [B, 1].

    Args:
        trunk: a network from pictures to what is seen in them.
        judge: one from that and embeddings to logits.
        wrong: `with_another` or `with_all_others`.
        penalty: γ of R1.
    """

    def __init__(self, trunk, judge, wrong, penalty, **kwargs):
        super().__init__(**kwargs)
        self.trunk, self.judge = trunk, judge
        self.wrong, self.penalty = wrong, penalty
        self.built = True  # as its two networks are

    def call(self, pair, training=False):
        x, t = pair
        return self.judge([self.trunk(x, training=training), t], training=training)

    def matching_aware(self, x, fakes, t):
        """What D minimises, told real pictures and fakes of the same texts: algorithm 1, and R1."""
        seen = self.trunk(x, training=True)
        loss = losses.matching_aware(
            self.judge([seen, t], training=True),
            self.wrong(self.judge, seen, t),
            self([fakes, t], training=True),
        )
        if not self.penalty:
            return loss
        some = (tf.shape(x)[0] + 3) // 4  # of an expectation, for time
        return loss + self.penalty * losses.r1(self, x[:some], t[:some])


def discriminator(x_shape, width, units, embedding, noise=0.0, projection=False, penalty=0.0, prefix=""):
    """D, the paper's or, by projection, ours; see `build` for the rest."""
    networks, wrong = (projecting, with_all_others) if projection else (concatenating, with_another)
    trunk, judge = networks(x_shape, width, units, embedding, noise, prefix)
    return Discriminator(trunk, judge, wrong, penalty, name=f"{prefix}discriminator")

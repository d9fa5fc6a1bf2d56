"""Networks that extend a paper's own."""

import keras
import tensorflow as tf

from zoo.layers.noise import Noise
from zoo.layers.normalization import BatchNormalization
from zoo.networks.blocks import init, stages, what_and_where


def modulated(h, told):
    """h (1 + γ) + β, with a γ and a β a channel that are linear in what the map is told, or h where that is
    None. De Vries et al. 2017, Modulating Early Visual Processing by Language, arXiv 1707.00683, §3."""
    if told is None:
        return h
    gamma, beta = (
        keras.layers.Reshape((1, 1, h.shape[-1]))(
            keras.layers.Dense(h.shape[-1], kernel_initializer=init())(told)
        )
        for _ in range(2)
    )
    return keras.layers.Add()([h, keras.layers.Multiply()([h, gamma]), beta])


def projecting(x_shape, width, units, embedding, noise, prefix):
    """What `concatenating` gives, as the inner product of what is in a picture and what is said of it, and
    a verdict on the picture alone. Miyato and Koyama 2018, cGANs with Projection Discriminator, arXiv
    1802.05637, equation 4.

    A departure: the paper's D wins against scenes with flat grounds, and G then hardly learns colours. No
    norm here, neither batch norm nor their spectral one: with that D alone, after 1000 updates, told shapes
    in 66 % of pairs, without in 83.
    """
    n, _ = stages(x_shape)
    layers = [keras.layers.Conv2D(width, 3, padding="same")]
    layers += [keras.layers.Conv2D(width * 2 ** (i + 1), 4, 2, padding="same") for i in range(n)]
    x = keras.Input(x_shape, name="x")
    h = Noise(noise)(x)
    for layer in layers:
        h = keras.layers.LeakyReLU(0.1)(layer(h))
    read = keras.layers.Dense(2 * units, dtype="float32")(what_and_where(h, 16))
    alone = keras.layers.Dense(1, dtype="float32")(keras.layers.Flatten()(h))
    trunk = keras.Model(x, keras.layers.Concatenate(dtype="float32")([read, alone]), name=f"{prefix}trunk")

    seen, text = keras.Input(trunk.output_shape[1:], name="seen"), keras.Input((embedding,), name="text")
    said = keras.layers.Dense(2 * units, dtype="float32")(BatchNormalization()(text))
    fit = keras.layers.Dot(1, dtype="float32")([seen[:, :-1], said])
    logit = keras.layers.Add(dtype="float32")([fit, seen[:, -1:]])
    return trunk, keras.Model([seen, text], logit, name=f"{prefix}judge")


def with_all_others(judge, seen, t):
    """The smooth maximum, log Σ exp, of each picture's logits with all other texts of the batch, [B, 1].

    A departure that an inner product makes cheap: with a single other text D alone, after 750 updates, told
    places in 77 % of pairs, with all in 96.
    """
    n = tf.shape(t)[0]
    pairs = judge([tf.repeat(seen, n, 0), tf.tile(t, [n, 1])], training=True)
    others = tf.linalg.set_diag(tf.reshape(pairs, [n, n]), tf.fill([n], pairs.dtype.min))
    return tf.reduce_logsumexp(others, 1, keepdims=True)

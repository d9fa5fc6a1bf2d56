"""Networks of GAN-CLS and StackGAN, for images and their captions."""

import keras
import tensorflow as tf

from zoo.networks.blocks import (
    batch_norm,
    convolution_batch_norm,
    init,
    leaky,
    stages,
    strided_convolution,
    unchanged,
)


def relu(h):
    """Applies ReLU."""
    return keras.layers.ReLU()(h)


def transposed(channels, **kwargs):
    """Returns the transposed convolution of GAN-CLS, which doubles a map."""
    return keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same", **kwargs)


def upsampled(h, channels, doubling, modulate, text=None, activation=relu):
    """Doubles a map, with batch normalization and ReLU."""
    doubled = doubling(channels, use_bias=False, kernel_initializer=init())
    return activation(modulate(batch_norm(doubled(h)), text))


def bottleneck(h, channels, activation):
    """Applies the residual block that the authors' code has on maps of 4×4 and 8×8."""
    inner = activation(convolution_batch_norm(h, channels, 1))
    inner = activation(convolution_batch_norm(inner, channels))
    return activation(keras.layers.Add()([h, convolution_batch_norm(inner, h.shape[-1])]))


def compressed(text, units, normalized):
    """Compresses φ(t) by a dense layer and LeakyReLU (GAN-CLS, §4).

    Args:
        text: Tensor [B, E].
        units: Integer. 128 in the paper.
        normalized: Boolean. Whether the layer has batch normalization, which the paper's does not.
    """
    dense = keras.layers.Dense(units, use_bias=not normalized, kernel_initializer=init())
    return leaky(batch_norm(dense(text)) if normalized else dense(text))


def generator_network(
    h, x_shape, width, doubling, modulate=unchanged, text=None, detailed=False, inner=unchanged
):
    """Returns images in [−1, 1] of noise and captions, with bottlenecks in the two inner maps.

    Args:
        h: Tensor [B, n] of noise and caption.
        x_shape: Tuple `(H, W, C)`.
        width: Integer. Channels of the map before the image. Each map inwards has twice as many.
        doubling: Class of the layers that double a map: called with channels and Keras arguments.
        modulate: Function of a map and `text`, applied to each map. Defaults to no change.
        text: Tensor [B, n] that `modulate` receives.
        detailed: Boolean. Whether there is a map of the image's size. Defaults to `False`.
        inner: Function that is applied before the second bottleneck. Defaults to no change.
    """
    n, (rows, columns) = stages(x_shape)
    channels = width * 2 ** (n - 1)
    h = keras.layers.Dense(rows * columns * channels, use_bias=False, kernel_initializer=init())(h)
    h = modulate(batch_norm(keras.layers.Reshape((rows, columns, channels))(h)), text)
    h = bottleneck(h, channels // 4, relu)
    for i in range(1, n):
        h = upsampled(h, channels // 2**i, doubling, modulate, text, inner if i == 1 else relu)
        h = bottleneck(h, channels // 2**i // 4, relu) if i == 1 else h
    if detailed:
        h = upsampled(h, width // 2, doubling, modulate, text)
        h = keras.layers.Conv2D(x_shape[-1], 3, padding="same", kernel_initializer=init())(h)
    else:
        h = doubling(x_shape[-1], kernel_initializer=init())(h)
    return keras.layers.Activation("tanh", dtype="float32")(h)


def trunk_network(x, x_shape, width, corrupt, linear_layer):
    """Returns D's innermost map of images.

    The layer before the last strided one does not have an activation if `linear_layer` is `True`.
    """
    n, _ = stages(x_shape)
    first = strided_convolution(keras.layers.Conv2D, width)
    h = leaky(first(corrupt(x)))
    inner = [(width * 2**i, 4, 2) for i in range(1, n)]
    inner += [(width * 2**i, 1, 1) for i in range(n - 2, 2, -1)]  # StackGAN's, if there are many
    for i, layer in enumerate(inner):
        linear = i == 0 or (linear_layer and i == n - 2)
        h = convolution_batch_norm(h if linear else leaky(h), *layer)
    return bottleneck(h, h.shape[-1] // 4, leaky)


def head_network(seen, text, units, normalized):
    """Returns the logits of D's maps with captions tiled over them (GAN-CLS, figure 2)."""
    rows, columns, channels = seen.shape[1:]
    tiled = keras.layers.Reshape((1, 1, units))(compressed(text, units, normalized))
    tiled = keras.layers.UpSampling2D((rows, columns))(tiled)
    h = leaky(convolution_batch_norm(keras.layers.Concatenate()([seen, tiled]), channels, 1))
    h = keras.layers.Conv2D(1, (rows, columns), kernel_initializer=init(), dtype="float32")(h)
    return keras.layers.Flatten(dtype="float32")(h)


def concatenation_head(x_shape, width, units, embedding, corrupt, prefix, normalized, linear_layer):
    """Returns D's two networks: images to maps, and maps with captions to logits."""
    x = keras.Input(x_shape, name="x")
    seen = trunk_network(x, x_shape, width, corrupt, linear_layer)
    trunk = keras.Model(x, seen, name=f"{prefix}trunk")
    seen, text = keras.Input(trunk.output_shape[1:], name="seen"), keras.Input((embedding,), name="text")
    head = keras.Model([seen, text], head_network(seen, text, units, normalized), name=f"{prefix}head")
    return trunk, head


def other_captions(head, seen, h):
    """Returns the logits of images with captions of other images of the batch, `[B, 1]`."""
    return head([seen, tf.roll(h, 1, 0)], training=True)


class Discriminator(keras.Model):
    """D(x, φ(t)): the logits of images with captions, [B, 1].

    Args:
        trunk: A network from images to maps.
        head: A network from maps and embeddings to logits.
        negatives: Function of `head`, maps and embeddings to the logits of mismatched pairs.
    """

    def __init__(self, trunk, head, negatives, **kwargs):
        super().__init__(**kwargs)
        self.trunk, self.head = trunk, head
        self.negatives = negatives
        self.built = True  # both networks are built

    def call(self, pair, training=False):
        """Returns the logits of pairs of images and embeddings, `[B, 1]`."""
        x, h = pair
        return self.head([self.trunk(x, training=training), h], training=training)

    def scores(self, x, x_fake, h, mismatched=True):
        """Returns the logits of algorithm 1, in training: s_r, s_w and s_f, each [B, 1].

        Without mismatched pairs, s_w is s_f.
        """
        seen = self.trunk(x, training=True)  # one pass serves both captions
        s_r = self.head([seen, h], training=True)
        s_w = self.negatives(self.head, seen, h) if mismatched else None
        s_f = self([x_fake, h], training=True)
        return s_r, s_w if mismatched else s_f, s_f


def discriminator(
    x_shape,
    width,
    units,
    embedding,
    *,
    head=None,
    negatives=None,
    corrupt=unchanged,
    normalized_text=False,
    linear_layer=False,
    prefix="",
):
    """Returns a `Discriminator`.

    Args:
        x_shape: Tuple `(H, W, C)`.
        width: Integer. Channels of the first layer.
        units: Integer. Width of the compressed caption.
        embedding: Integer. Width of φ(t).
        head: Function that makes the two networks. Defaults to `concatenation_head`, the paper's.
        negatives: Function that scores mismatched pairs. Defaults to `other_captions`.
        corrupt: Function that is applied to the images. Defaults to no change.
        normalized_text: Boolean. Whether the compressed caption has batch norm. Defaults to `False`.
        linear_layer: Boolean. Whether the layer before the last strided one has no activation, as in stage
            I of StackGAN. Defaults to `False`.
        prefix: String before the names of the networks.
    """
    details = {} if head else {"normalized": normalized_text, "linear_layer": linear_layer}
    head = head or concatenation_head
    trunk, top = head(x_shape, width, units, embedding, corrupt, prefix, **details)
    return Discriminator(trunk, top, negatives or other_captions, name=f"{prefix}discriminator")

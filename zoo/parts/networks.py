"""Parts that choose a network."""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game.priors import Normal
from zoo.layers import BatchNormalization, DoublingConv2D, Noise, SpectralNormalization, Whitening
from zoo.networks.blocks import init, stages, what_and_where
from zoo.networks.described import relu
from zoo.networks.pyramid import spectral_discriminator
from zoo.parts.base import NetworkPart, part


@part("packing")
class Packing(NetworkPart):
    """Lets the discriminator see `m` examples together, which reveals mode collapse.

    Args:
        m: Integer. Number of examples per pack. The batch size must be a multiple of `m`.

    Reference:
        Lin et al., 2018, "PacGAN", arXiv 1712.04086, section 2.
    """

    m: int

    def slots(self):
        """Sets `pack`."""
        if self.m < 1:
            raise ZooError(f"parts.packing.m is {self.m}, but must be at least 1.")
        return {"pack": self.m}


@part("spectral_norm")
class SpectralNorm(NetworkPart):
    """Gives the discriminator spectral normalization in place of batch normalization.

    Reference:
        Miyato et al., 2018, "Spectral Normalization for GANs", arXiv 1802.05957, table 3.
    """

    def slots(self):
        """Sets `discriminator` (DCGAN) or `normalize` (SRGAN)."""
        return {"discriminator": spectral_discriminator, "normalize": _spectral}


def _spectral(layer, h, first=False, **kwargs):
    """Applies a layer with spectral normalization, in place of batch normalization."""
    return SpectralNormalization(layer, **kwargs)(h)


@part("instance_noise")
class InstanceNoise(NetworkPart):
    """Adds Gaussian noise to the examples that a discriminator sees, in training only.

    Args:
        sigma: Float. Standard deviation, in units of the discriminator's input.

    Reference:
        Sønderby et al., 2017, "Amortised MAP Inference for Image Super-Resolution", arXiv 1610.04490,
        section 3.3.
    """

    sigma: float

    def slots(self):
        """Sets `corrupt`."""
        return {"corrupt": lambda x: Noise(self.sigma)(x)}


@part("whitening")
class WhitenedText(NetworkPart):
    """Whitens the caption embeddings that G and D receive.

    Differences between captions that lie close to each other, such as "black" and "blue", otherwise are
    learned last, or not at all.

    Reference:
        Huang et al., 2018, "Decorrelated Batch Normalization", arXiv 1804.08450.
    """

    def slots(self):
        """Sets `scaled`."""
        return {"scaled": Whitening}


@part("text_norm")
class TextNorm(NetworkPart):
    """Applies batch normalization to the compressed caption embedding.

    The scale of the encoder then does not decide the balance of noise and caption. This extension is the
    project's own.
    """

    def slots(self):
        """Sets `normalized_text`."""
        return {"normalized_text": True}


@part("narrow_conditioning")
class NarrowConditioning(NetworkPart):
    """Starts StackGAN's conditions with a small standard deviation.

    This extension is the project's own.

    Args:
        log_sigma: Float. Initial log σ. The authors' code starts at 0. Defaults to -3.
    """

    log_sigma: float = -3.0

    def slots(self):
        """Sets `initial_log_sigma`."""
        return {"initial_log_sigma": self.log_sigma}


@part("inner_relu")
class InnerReLU(NetworkPart):
    """Applies ReLU before the second bottleneck of the generator, which ends with another one.

    This extension is the project's own.
    """

    def slots(self):
        """Sets `inner`."""
        return {"inner": relu}


@part("normal_epsilon")
class NormalEpsilon(NetworkPart):
    """Samples StackGAN's ε from the whole normal distribution, as the paper prints it.

    The authors' code restricts it to two standard deviations.
    """

    def slots(self):
        """Sets `epsilon`."""
        return {"epsilon": Normal}


@part("resize_convolution")
class ResizeConvolution(NetworkPart):
    """Doubles maps by nearest-neighbor upsampling and a convolution.

    It replaces transposed convolutions.

    Reference:
        Odena et al., 2016, "Deconvolution and Checkerboard Artifacts".
    """

    def slots(self):
        """Sets `doubling`."""
        return {"doubling": DoublingConv2D}


@part("detail")
class Detail(NetworkPart):
    """Adds a map of the image's size to the generator.

    It has half the channels of the map before it. This extension is the project's own.
    """

    def slots(self):
        """Sets `detailed`."""
        return {"detailed": True}


@part("modulation")
class Modulation(NetworkPart):
    """Modulates each doubled map of the generator by the caption: h (1 + γ) + β.

    γ and β are linear in the text features of the model.

    Reference:
        De Vries et al., 2017, "Modulating Early Visual Processing by Language", arXiv 1707.00683,
        section 3.
    """

    def slots(self):
        """Sets `modulate`."""
        return {"modulate": _modulated}


def _modulated(h, text):
    gamma, beta = (
        keras.layers.Reshape((1, 1, h.shape[-1]))(
            keras.layers.Dense(h.shape[-1], kernel_initializer=init())(text)
        )
        for _ in range(2)
    )
    return keras.layers.Add()([h, keras.layers.Multiply()([h, gamma]), beta])


@part("projection_head")
class ProjectionHead(NetworkPart):
    """Scores an example and its condition by an inner product of features.

    For GAN-CLS and StackGAN the discriminator is a network without any normalization. For the tagger an
    inner product is added to the logit of the paper's network.

    Args:
        units: Integer. Width of the inner product. 0 for twice the `units` of the model. Defaults to 0.

    Reference:
        Miyato and Koyama, 2018, "cGANs with Projection Discriminator", arXiv 1802.05637, equation 4.
    """

    units: int = 0

    def slots(self):
        """Sets `head` (GAN-CLS, StackGAN) or `product` (tagger)."""
        return {
            "head": lambda *sizes, **names: _projecting(*sizes, **names, width_of_product=self.units),
            "product": lambda parts: _inner_product(parts, self.units or 256),
        }


def _projecting(x_shape, width, units, embedding, corrupt, prefix, width_of_product=0):
    """Returns (trunk, head) of a projection discriminator."""
    n, _ = stages(x_shape)
    layers = [keras.layers.Conv2D(width, 3, padding="same")]
    layers += [keras.layers.Conv2D(width * 2 ** (i + 1), 4, 2, padding="same") for i in range(n)]
    size = width_of_product or 2 * units
    x = keras.Input(x_shape, name="x")
    h = corrupt(x)
    for layer in layers:
        h = keras.layers.LeakyReLU(0.1)(layer(h))
    read = keras.layers.Dense(size, dtype="float32")(what_and_where(h, 16))
    alone = keras.layers.Dense(1, dtype="float32")(keras.layers.Flatten()(h))
    trunk = keras.Model(x, keras.layers.Concatenate(dtype="float32")([read, alone]), name=f"{prefix}trunk")

    seen, text = keras.Input(trunk.output_shape[1:], name="seen"), keras.Input((embedding,), name="text")
    said = keras.layers.Dense(size, dtype="float32")(BatchNormalization()(text))
    fit = keras.layers.Dot(1, dtype="float32")([seen[:, :-1], said])
    logit = keras.layers.Add(dtype="float32")([fit, seen[:, -1:]])
    return trunk, keras.Model([seen, text], logit, name=f"{prefix}head")


def _inner_product(parts, units):
    """Returns the inner product [B, 1] of linear maps of two tensors."""
    maps = [keras.layers.Dense(units)(part) for part in parts]
    return keras.layers.Dot(1, dtype="float32")(maps)


@part("joint_layer")
class JointLayer(NetworkPart):
    """Adds a ReLU layer over noise and image features in the tagger's generator.

    The paper's generator adds a function of the noise to a function of the image: one cloud of word vectors
    that moves with the image. With the layer, the words that the noise chooses depend on the image.
    This extension is the project's own.

    Args:
        units: Integer. Number of units.
    """

    units: int

    def slots(self):
        """Sets `joint`."""
        return {"joint": lambda h: keras.layers.Dense(self.units, "relu")(h)}


@part("nearest_negatives")
class NearestNegatives(NetworkPart):
    """Takes the most similar other caption of the batch as the wrong one, in every second row.

    The paper takes any other caption. In scenes most of these differ in the background or the place, and
    the discriminator does not have to look at colors or shapes. This extension is the project's own.
    """

    def slots(self):
        """Sets `negatives`."""
        return {"negatives": _nearest_negatives}


def _nearest_negatives(head, seen, h):
    """Returns the logits of images with mismatched captions, [B, 1]."""
    direction = tf.math.l2_normalize(h, 1)
    closeness = tf.matmul(direction, direction, transpose_b=True)
    closeness = tf.linalg.set_diag(closeness, tf.fill(tf.shape(h)[:1], tf.cast(-2.0, h.dtype)))
    nearest = tf.gather(h, tf.argmax(closeness, 1))
    every_other = tf.range(tf.shape(h)[0])[:, None] % 2 == 0
    return head([seen, tf.where(every_other, nearest, tf.roll(h, 1, 0))], training=True)


@part("all_negatives")
class AllNegatives(NetworkPart):
    """Compares each image with all other captions of the batch.

    The loss uses the smooth maximum of their logits. An inner product makes this cheap, so use
    `projection_head` with it. This extension is the project's own.
    """

    def slots(self):
        """Sets `negatives`."""
        return {"negatives": _all_negatives}


def _all_negatives(head, seen, h):
    """Returns log Σ exp of the logits of each image with all other captions, [B, 1]."""
    n = tf.shape(h)[0]
    pairs = head([tf.repeat(seen, n, 0), tf.tile(h, [n, 1])], training=True)
    others = tf.linalg.set_diag(tf.reshape(pairs, [n, n]), tf.fill([n], pairs.dtype.min))
    return tf.reduce_logsumexp(others, 1, keepdims=True)


@part("frozen_batch_norm")
class FrozenBatchNorm(NetworkPart):
    """Runs the generator with its stored batch-norm statistics in the adversarial stage.

    Inference then makes the same images as training, without the grain that the stored statistics cause.

    Reference:
        Wang et al., 2018, "ESRGAN", arXiv 1809.00219, section 3.1.
    """

    def slots(self):
        """Sets `batch_statistics`."""
        return {"batch_statistics": False}

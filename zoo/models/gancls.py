"""GAN-CLS with GAN-INT, images from captions.

Reference: Reed et al. 2016, Generative Adversarial Text to Image Synthesis, arXiv 1605.05396.
"""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import losses
from zoo.game.adversarial import step
from zoo.game.priors import Normal
from zoo.networks.blocks import unchanged
from zoo.networks.described import (
    compressed,
    discriminator,
    generator_network,
    transposed,
)
from zoo.networks.encoders import encoder as text_encoder
from zoo.registry import register
from zoo.tasks.text_to_image.base import TextToImage


class GANCLS(TextToImage):
    """Trains D to separate real images with their captions from two kinds of mistakes.

    The mistakes are generated images, and real images with mismatched captions. G also receives
    interpolations of captions.

    Args:
        generator, encoder, noise: See `TextToImage`.
        discriminator: A `zoo.networks.described.Discriminator`.
        interpolated: Float in [0, 1]. Number of interpolated captions per caption of a batch.
        mismatched: Boolean. Whether D sees real images with mismatched captions.

    Reference:
        Reed et al., 2016, algorithm 1 (GAN-CLS) and equation 5 (GAN-INT).
    """

    values = {
        "discriminator": ("critic", "real", "fake", "given"),
        "generator": ("image", "target", "phi"),
    }

    def __init__(self, generator, discriminator, encoder, noise, interpolated, mismatched, **kwargs):
        sides = {"discriminator": [discriminator.trunk, discriminator.head]}
        super().__init__(generator, encoder, noise, sides, **kwargs)
        self.discriminator = discriminator
        self.interpolated, self.mismatched = interpolated, mismatched

    @step
    def train_step(self, batch):
        """Makes one step of algorithm 1, with interpolated captions for G."""
        D, x, (h, phi) = self.discriminator, self.real(batch), self.embed_batch(batch)
        n = tf.shape(x)[0]
        between = 0.5 * (h + tf.roll(h, n // 2, 0))  # β t₁ + (1 − β) t₂, β = ½
        between = between[: tf.cast(self.interpolated * tf.cast(n, tf.float32), tf.int32)]
        h_asked = tf.concat([h, between], 0)
        with self.turn("generator") as g:
            z = self.sample_noise(tf.shape(h_asked)[0])
            x_fake = self.paint({"text": h_asked, **z}, training=True)
            with g.paused(), self.turn("discriminator") as d:
                s_r, s_w, s_f = D.scores(x, x_fake[:n], h, self.mismatched)
                d.loss = losses.matching_aware(s_r, s_w, s_f)
                d.loss = self.extended(
                    "discriminator", d.loss, critic=D, real=x, fake=x_fake[:n], given=(h,)
                )
            g.loss = losses.non_saturating(D([x_fake, h_asked], training=True))
            g.loss = self.extended("generator", g.loss, image=x_fake[:n], target=x, phi=phi)

    def score(self, x, text):
        """Returns D(x, φ(t)), float32 `[B, 1]`."""
        return tf.sigmoid(self.discriminator([x, self.embed(text)]))


@register("gancls", reads="descriptions")
def build(
    x_shape,
    encoder,
    classes=None,
    z_dim=100,
    units=128,
    width=128,
    discriminator_width=64,
    interpolated=0.5,
    mismatched=True,
    captions=1,
    *,
    scaled=keras.layers.Identity,
    normalized_text=False,
    doubling=transposed,
    modulate=unchanged,
    detailed=False,
    inner=unchanged,
    corrupt=unchanged,
    head=None,
    negatives=None,
):
    """Builds the networks of the authors' code.

    Args:
        x_shape: Tuple `(H, W, C)`. The paper's images have 64 pixels.
        encoder: String. φ, the text encoder. See `zoo.networks.encoders.encoder`.
        classes: Not used.
        z_dim: Integer. z ~ N(0, I) has this many coordinates. Defaults to 100.
        units: Integer. Width of the dense layers that compress φ(t). Defaults to 128.
        width: Integer. Channels of G's map before the image. Each map inwards has twice as many.
        discriminator_width: Integer. Channels of D's first layer.
        interpolated: Float in [0, 1]. Number of interpolated captions per caption of a batch. 0 gives
            GAN-CLS alone. Defaults to 0.5.
        mismatched: Boolean. Whether D sees real images with mismatched captions. `False` gives GAN-INT
            without GAN-CLS. Defaults to `True`.
        captions: Integer. Number of captions per image whose embeddings are averaged, 4 in the authors'
            code. Defaults to 1.
        scaled, normalized_text, doubling, modulate, detailed, inner, corrupt, head, negatives: Set by the
            parts `whitening`, `text_norm`, `resize_convolution`, `modulation`, `detail`, `inner_relu`,
            `instance_noise`, `projection_head`, and `nearest_negatives` or `all_negatives`.

    Raises:
        ZooError: An unknown encoder, or more interpolations than captions.
    """
    if not 0 <= interpolated <= 1:
        raise ZooError(f"network.interpolated is {interpolated}, but a share lies in [0, 1].")
    network = text_encoder(encoder)
    embedding = network.output_shape[-1]
    z, text = keras.Input((z_dim,), name="z"), keras.Input((embedding,), name="text")
    said = compressed(text, units, normalized_text)
    h = keras.layers.Concatenate()([z, said])
    made = generator_network(h, x_shape, width, doubling, modulate, said, detailed, inner)
    generator = keras.Model({"z": z, "text": text}, made, name="generator")
    chosen = {"head": head, "negatives": negatives, "corrupt": corrupt, "normalized_text": normalized_text}
    D = discriminator(x_shape, discriminator_width, units, embedding, **chosen)
    options = {"scaled": scaled, "captions": captions}
    return GANCLS(generator, D, network, {"z": Normal(z_dim)}, interpolated, mismatched, **options)

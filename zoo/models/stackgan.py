"""StackGAN, images from captions in two stages.

Reference: Zhang et al. 2017, StackGAN: Text to Photo-realistic Image Synthesis with Stacked Generative
Adversarial Networks, arXiv 1612.03242.
"""

import keras
import tensorflow as tf

from zoo.datasets.captions import captions_of, one_each
from zoo.errors import ZooError
from zoo.game import losses
from zoo.game.adversarial import step
from zoo.game.priors import Normal, TruncatedNormal
from zoo.layers import DoublingConv2D
from zoo.networks.blocks import convolution_batch_norm, init, unchanged
from zoo.networks.described import (
    compressed,
    discriminator,
    generator_network,
    relu,
    upsampled,
)
from zoo.networks.encoders import encoder as text_encoder
from zoo.registry import register
from zoo.tasks.text_to_image.base import TextToImage
from zoo.tasks.text_to_image.preview import Stacked

ratio = 4  # of the images' sides, stage II over stage I


def conditioning(embedding, units, normalized_text, initial_log_sigma, prefix=""):
    """Builds the network from φ(t) to μ and log σ of the condition (section 3.2).

    Args:
        embedding: Integer. Dimension of φ(t).
        units: Integer. Coordinates of the condition.
        normalized_text: Boolean. Whether the compressed φ(t) has batch norm.
        initial_log_sigma: Float. Added to log σ.
        prefix: String before the name of the network.
    """
    text = keras.Input((embedding,), name="text")
    h = compressed(text, 2 * units, normalized_text)
    return keras.Model(text, [h[:, :units], h[:, units:] + initial_log_sigma], name=f"{prefix}conditioning")


def first_generator(x_shape, width, z_dim, units, modulate, detailed, inner):
    """Returns G₀ of stage I: from noise and c₀ to a small image (§3.3.1)."""
    z, c = keras.Input((z_dim,), name="z"), keras.Input((units,), name="c")
    h = keras.layers.Concatenate()([c, z])
    rough = generator_network(h, x_shape, width, DoublingConv2D, modulate, c, detailed, inner)
    return keras.Model({"z": z, "c": c}, rough, name="first_generator")


def second_generator(x_shape, width, units, blocks, modulate):
    """Builds G of stage II, from a small image and c to an image of four times its size.

    Reference:
        Zhang et al., 2017, section 3.3.2.
    """
    small = (x_shape[0] // ratio, x_shape[1] // ratio, x_shape[-1])
    rough, c = keras.Input(small, name="rough"), keras.Input((units,), name="c")
    h = relu(keras.layers.Conv2D(width, 3, padding="same", kernel_initializer=init())(rough))
    for channels in (2 * width, 4 * width):
        h = relu(convolution_batch_norm(h, channels, 4, 2))
    tiled = keras.layers.UpSampling2D(tuple(h.shape[1:3]))(keras.layers.Reshape((1, 1, units))(c))
    h = relu(convolution_batch_norm(keras.layers.Concatenate()([h, tiled]), 4 * width))
    for _ in range(blocks):
        inner = convolution_batch_norm(relu(convolution_batch_norm(h, 4 * width)), 4 * width)
        h = relu(keras.layers.Add()([h, inner]))
    for channels in (2 * width, width, width // 2, width // 4):
        h = upsampled(h, channels, DoublingConv2D, modulate, c)
    h = keras.layers.Conv2D(x_shape[-1], 3, padding="same", kernel_initializer=init())(h)
    picture = keras.layers.Activation("tanh", dtype="float32")(h)
    return keras.Model({"rough": rough, "c": c}, picture, name="generator")


class StackGAN(TextToImage):
    """Trains G₀ against D₀ at a quarter of the size, then G on G₀'s images against D.

    Each generator receives a condition c ~ N(μ(φ), Σ(φ)) of the caption, and its loss contains
    λ KL(N(μ, Σ) ‖ N(0, I)).

    Args:
        first, second: Dicts of each stage's networks: "generator", "conditioning" and "discriminator".
        encoder, noise: See `TextToImage`.
        divergence: Float. λ.

    Reference:
        Zhang et al., 2017, equations 3 and 4 (stage I), 5 and 6 (stage II).
    """

    stages = 2
    preview = Stacked
    values = {
        "first_discriminator": ("critic", "real", "fake", "given"),
        "first_generator": ("image", "target", "phi"),
        "discriminator": ("critic", "real", "fake", "given"),
        "generator": ("image", "target", "phi"),
    }

    def __init__(self, first, second, encoder, noise, divergence, **kwargs):
        sides = {
            "first_discriminator": [first["discriminator"].trunk, first["discriminator"].head],
            "first_generator": [first["generator"], first["conditioning"]],
            "discriminator": [second["discriminator"].trunk, second["discriminator"].head],
            "generator": [second["generator"], second["conditioning"]],
        }
        super().__init__(second["generator"], encoder, noise, sides, **kwargs)
        self.first, self.second = first, second
        self.divergence = divergence

    def stages_of(self, side):
        """Returns the first stage for the sides of stage I, else the later stages."""
        return [0] if side.startswith("first_") else range(1, self.stages)

    @step
    def train_step(self, batch):
        """Makes one step of stage I or II."""
        x, (h, phi) = self.real(batch), self.embed_batch(batch)
        given = {"text": h, **self.sample_noise(tf.shape(x)[0])}
        if self.stage == 0:
            x = tf.image.resize(x, self.first["generator"].output_shape[1:3], antialias=True)
            self.train_stage("first_", self.first["discriminator"], self.rough, x, h, phi, given)
        else:
            s_0, _ = self.rough(given)
            refine = lambda given, training: self.fine(s_0, given, training)  # noqa: E731
            self.train_stage("", self.second["discriminator"], refine, x, h, phi, given)

    def train_stage(self, prefix, D, paint, x, h, phi, given):
        """Makes one step of a stage. `paint` returns images and KL(N(μ, Σ) ‖ N(0, I))."""
        with self.turn(f"{prefix}generator") as g:
            x_fake, divergence = paint(given, training=True)
            with g.paused(), self.turn(f"{prefix}discriminator") as d:
                d.loss = losses.matching_aware(*D.scores(x, x_fake, h))
                values = {"critic": D, "real": x, "fake": x_fake, "given": (h,)}
                d.loss = self.extended(f"{prefix}discriminator", d.loss, **values)
            g.loss = losses.non_saturating(D([x_fake, h], training=True)) + self.divergence * divergence
            g.loss = self.extended(f"{prefix}generator", g.loss, image=x_fake, target=x, phi=phi)

    def rough(self, given, training=False):
        """Returns stage I's images and the divergence of their conditions.

        Returns:
            Tuple of float32 `[B, H/4, W/4, C]` and a scalar.
        """
        c, divergence = self.condition(self.first, given, "epsilon", training)
        return self.first["generator"]({"z": given["z"], "c": c}, training=training), divergence

    def fine(self, s_0, given, training=False):
        """Returns stage II's images and the divergence of their conditions.

        Returns:
            Tuple of float32 `[B, H, W, C]` and a scalar.
        """
        c, divergence = self.condition(self.second, given, "second_epsilon", training)
        return self.second["generator"]({"rough": s_0, "c": c}, training=training), divergence

    def condition(self, networks, given, noise, training):
        """Returns c = μ + σ ε, float32 [B, units], and KL(N(μ, Σ) ‖ N(0, I))."""
        outputs = networks["conditioning"](given["text"], training=training)
        mu, log_sigma = (tf.cast(output, tf.float32) for output in outputs)
        return mu + tf.exp(log_sigma) * given[noise], losses.normal_divergence(mu, log_sigma)

    def forward(self, batch):
        """Runs both stages on the captions of a batch, in training mode."""
        given = {"text": self.embed(one_each(captions_of(batch)))}
        given.update(self.sample_noise(tf.shape(batch["x"])[0]))
        self.fine(self.rough(given)[0], given, training=True)

    def paint(self, given, training=False):
        """Returns stage II's images of embeddings and noise."""
        return self.fine(self.rough(given, training)[0], given, training)[0]

    def sketch(self, seed, **conditions):
        """Returns stage I's images of the seeds and captions of `sample`: uint8 [B, H/4, W/4, C]."""
        return self.from_network(self.rough(self.encode(self.filled(seed, conditions)))[0])

    def score(self, x, text):
        """Returns D(x, φ(t)) of stage II, float32 `[B, 1]`."""
        return tf.sigmoid(self.second["discriminator"]([x, self.embed(text)]))

    def signatures(self):
        """Returns the signatures of `TextToImage`, and `sketch`: stage I's images."""

        def sketch(seed, text):
            return {"image": self.sketch(seed, text=text)}

        made = super().signatures()
        return {**made, "sketch": (sketch, made["sample"][1])}


@register("stackgan", reads="descriptions")
def build(
    x_shape,
    encoder,
    classes=None,
    z_dim=100,
    units=128,
    width=(128, 128),
    discriminator_width=(64, 64),
    blocks=4,
    divergence=2.0,
    captions=1,
    *,
    scaled=keras.layers.Identity,
    normalized_text=False,
    initial_log_sigma=0.0,
    modulate=unchanged,
    detailed=False,
    inner=unchanged,
    epsilon=TruncatedNormal,
    corrupt=unchanged,
    head=None,
    negatives=None,
):
    """Builds the networks of the authors' code.

    A recipe's `stages` names the first step of stage II.

    Args:
        x_shape: Tuple `(H, W, C)` of stage II. The paper's images have 256 pixels. Stage I has a quarter.
        encoder: String. φ, the text encoder. See `zoo.networks.encoders.encoder`.
        classes: Not used.
        z_dim: Integer. z ~ N(0, I) has this many coordinates. Defaults to 100.
        units: Integer. Coordinates of c. Defaults to 128.
        width: Two integers, for stages I and II. Channels of the generators next to stage I's image.
        discriminator_width: Two integers, for stages I and II. Channels of the first layers.
        blocks: Integer. Residual blocks of stage II. Defaults to 4.
        divergence: Float. λ of the mean of the KL divergence over coordinates. The authors' code has 2,
            the default.
        captions: Integer. Number of captions per image whose embeddings are averaged, 4 in the authors'
            code. Defaults to 1.
        scaled, normalized_text, initial_log_sigma, modulate, detailed, inner, epsilon, corrupt, head,
            negatives: Set by the parts `whitening`, `text_norm`, `narrow_conditioning`, `modulation`,
            `detail` and `inner_relu` (stage I), `normal_epsilon`, `instance_noise`, `projection_head`, and
            `nearest_negatives` or `all_negatives`.

    Raises:
        ZooError: An unknown encoder, or a size that two stages cannot make.
    """
    least = 8 * ratio  # stage I is halved at least once, down to 4
    if len(x_shape) != 3 or any(side % least for side in x_shape[:2]):
        raise ZooError(
            f"stackgan makes images whose sides are multiples of {least}, not {tuple(x_shape)}.",
            image_size=64,
        )
    network = text_encoder(encoder)
    embedding = network.output_shape[-1]
    small = (x_shape[0] // ratio, x_shape[1] // ratio, x_shape[-1])
    (first_width, width), (first_critic, critic) = width, discriminator_width
    chosen = {"head": head, "negatives": negatives, "corrupt": corrupt, "normalized_text": normalized_text}
    first_chosen = {**chosen, "linear_layer": True, "prefix": "first_"}
    conditions = (embedding, units, normalized_text, initial_log_sigma)
    first = {
        "generator": first_generator(small, first_width, z_dim, units, modulate, detailed, inner),
        "conditioning": conditioning(*conditions, "first_"),
        "discriminator": discriminator(small, first_critic, units, embedding, **first_chosen),
    }
    second = {
        "generator": second_generator(x_shape, width, units, blocks, modulate),
        "conditioning": conditioning(*conditions),
        "discriminator": discriminator(x_shape, critic, units, embedding, **chosen),
    }
    noise = {"z": Normal(z_dim), "epsilon": epsilon(units), "second_epsilon": epsilon(units)}
    return StackGAN(first, second, network, noise, divergence, scaled=scaled, captions=captions)

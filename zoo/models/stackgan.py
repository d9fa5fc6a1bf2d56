"""StackGAN: Zhang et al. 2017, StackGAN: Text to Photo-realistic Image Synthesis with Stacked Generative
Adversarial Networks, arXiv 1612.03242."""

import keras
import tensorflow as tf

from zoo.datasets.captions import captions_of, one_each
from zoo.errors import ZooError
from zoo.game import losses
from zoo.game.adversarial import step
from zoo.game.priors import Normal
from zoo.networks.blocks import init
from zoo.networks.described import (
    compressed,
    convolution,
    discriminator,
    generator_network,
    relu,
    upsampled,
)
from zoo.networks.encoders import encoder as text_encoder
from zoo.parts.losses import Matching
from zoo.registry import register
from zoo.tasks.text_to_image.base import TextToImage
from zoo.tasks.text_to_image.preview import Stacked

ratio = 4  # of the pictures' sides, stage II over stage I


def conditioning(embedding, units, prefix=""):
    """From φ(t) to μ and log σ of the condition, units coordinates each. §3.2.

    A departure: a batch norm, and σ that begin at e⁻³. At the authors' 1 texts drown at first: of each of
    the light grounds 62 to 89 % were right after 400 steps of stage I, and so 91 to 100.
    """
    text = keras.Input((embedding,), name="text")
    h = compressed(text, 2 * units)
    return keras.Model(text, [h[:, :units], h[:, units:] - 3.0], name=f"{prefix}conditioning")


def first_generator(x_shape, width, z_dim, units, modulated, detailed):
    """G₀: from noise and c to a rough picture. §3.3.1."""
    z, c = keras.Input((z_dim,), name="z"), keras.Input((units,), name="c")
    h = keras.layers.Concatenate()([c, z])
    rough = generator_network(h, x_shape, width, c if modulated else None, detailed)
    return keras.Model({"z": z, "c": c}, rough, name="first_generator")


def second_generator(x_shape, width, units, blocks, modulated):
    """G: from a rough picture and c to one four times as high and wide. §3.3.2."""
    small = (x_shape[0] // ratio, x_shape[1] // ratio, x_shape[-1])
    rough, c = keras.Input(small, name="rough"), keras.Input((units,), name="c")
    h = relu(keras.layers.Conv2D(width, 3, padding="same", kernel_initializer=init())(rough))
    for channels in (2 * width, 4 * width):
        h = relu(convolution(h, channels, 4, 2))
    tiled = keras.layers.UpSampling2D(tuple(h.shape[1:3]))(keras.layers.Reshape((1, 1, units))(c))
    h = relu(convolution(keras.layers.Concatenate()([h, tiled]), 4 * width))
    for _ in range(blocks):
        inner = convolution(relu(convolution(h, 4 * width)), 4 * width)
        h = relu(keras.layers.Add()([h, inner]))
    for channels in (2 * width, width, width // 2, width // 4):
        h = upsampled(h, channels, c if modulated else None)
    h = keras.layers.Conv2D(x_shape[-1], 3, padding="same", kernel_initializer=init())(h)
    picture = keras.layers.Activation("tanh", dtype="float32")(h)
    return keras.Model({"rough": rough, "c": c}, picture, name="generator")


class StackGAN(TextToImage):
    """First G₀ against D₀ at a quarter of the size, then G, which is given what G₀ made, against D. Each G
    sees of a text c ~ N(μ(t), Σ(t)), and pays λ KL(N(μ, Σ) ‖ N(0, I)). Equations 3 to 6.

    Args:
        first, second: each stage's networks, {"generator", "conditioning", "discriminator"}.
        encoder, noise, examples: as for `TextToImage`.
        divergence: λ.
        matching: what G pays too in a last part of stage II, a `Matching`; None: there is no such part.
        beginning: for its first so many steps each G pays for what is not as in the texts' own pictures.
    """

    preview = Stacked

    def __init__(
        self, first, second, encoder, noise, examples, divergence, matching=None, beginning=0, **kwargs
    ):
        sides = {
            "first_discriminator": [first["discriminator"].trunk, first["discriminator"].judge],
            "first_generator": [first["generator"], first["conditioning"]],
            "discriminator": [second["discriminator"].trunk, second["discriminator"].judge],
            "generator": [second["generator"], second["conditioning"]],
        }
        memory = matching.memory if matching else ()
        super().__init__(second["generator"], encoder, noise, examples, sides, memory=memory, **kwargs)
        self.first, self.second = first, second
        self.divergence, self.matching, self.beginning = divergence, matching, beginning
        self.stages = 3 if matching else 2

    def stages_of(self, side):
        return [0] if side.startswith("first_") else range(1, self.stages)

    @step
    def train_step(self, batch):
        x, (t, embeddings) = self.real(batch), self.told(batch)
        told = {"text": t, **self.fresh(tf.shape(x)[0])}
        if self.stage == 0:
            self.sketching(x, told)
        else:
            self.refining(x, told, embeddings)

    def sketching(self, x, told):
        """Stage I."""
        x = tf.image.resize(x, self.first["generator"].output_shape[1:3], antialias=True)
        self.duel(x, told, self.first, self.rough, "first_")

    def refining(self, x, told, embeddings):
        """Stage II, on what the first left behind."""
        rough, _ = self.rough(told)

        def refined(told, training):
            fine, cost = self.fine(rough, told, training)
            return fine, cost + (self.matching(fine, embeddings) if self.stage == 2 else 0.0)

        self.duel(x, told, self.second, refined, "")

    def duel(self, x, told, networks, paint, prefix):
        """One step of a stage: `paint` gives pictures and what they cost whatever D says of them."""
        t, discriminator = told["text"], networks["discriminator"]
        with self.turn(f"{prefix}generator") as g:
            fakes, cost = paint(told, training=True)
            with g.paused(), self.turn(f"{prefix}discriminator") as d:
                d.loss = discriminator.matching_aware(x, fakes, t)
            verdict = discriminator([fakes, t], training=True)
            g.loss = losses.non_saturating(verdict) + cost
            if self.beginning:
                early = self.optimizers[f"{prefix}generator"].iterations < self.beginning
                g.loss += tf.where(early, 100.0 * losses.l1(fakes, x), 0.0)

    def rough(self, told, training=False):
        """Stage I's pictures: (float32 [B, H/4, W/4, C], what their conditions cost)."""
        c, cost = self.condition(self.first, told, "epsilon", training)
        return self.first["generator"]({"z": told["z"], "c": c}, training=training), cost

    def fine(self, rough, told, training=False):
        """Stage II's of those: (float32 [B, H, W, C], what their conditions cost)."""
        c, cost = self.condition(self.second, told, "second_epsilon", training)
        return self.second["generator"]({"rough": rough, "c": c}, training=training), cost

    def condition(self, networks, told, noise, training):
        """c = μ(t) + σ(t) ε: (float32 [B, units], λ KL(N(μ, Σ) ‖ N(0, I)))."""
        parts = networks["conditioning"](told["text"], training=training)
        mean, log_sigma = (tf.cast(part, tf.float32) for part in parts)
        c = mean + tf.exp(log_sigma) * told[noise]
        return c, self.divergence * losses.normal_divergence(mean, log_sigma)

    def pass_over(self, batch):
        told = {"text": self.embed(one_each(captions_of(batch))), **self.fresh(tf.shape(batch["x"])[0])}
        self.fine(self.rough(told)[0], told, training=True)

    def paint(self, told, training=False):
        return self.fine(self.rough(told, training)[0], told, training)[0]

    def sketch(self, seed, **conditions):
        """What stage I makes of the same seeds and texts as `sample`: uint8 [B, H/4, W/4, C]."""
        return self.from_network(self.rough(self.encode(self.filled(seed, conditions)))[0])

    def score(self, x, text):
        return tf.sigmoid(self.second["discriminator"]([x, self.embed(text)]))

    def signatures(self):
        """Those of `TextToImage`, and `sketch`: stage I's pictures."""

        def sketch(seed, text):
            return {"image": self.sketch(seed, text=text)}

        made = super().signatures()
        return {**made, "sketch": (sketch, made["sample"][1])}


@register("stackgan", reads="descriptions")
def build(
    x_shape,
    classes=None,
    encoder="textencoder_shapes",
    examples=(),
    z_dim=100,
    units=128,
    width=128,
    discriminator_width=64,
    first_width=None,
    first_discriminator_width=None,
    blocks=4,
    divergence=2.0,
    instance_noise=0.0,
    projection=False,
    penalty=0.0,
    whitened=False,
    modulated=False,
    detailed=False,
    beginning=0,
    match=0.0,
):
    """The networks of the authors' code. A recipe's `stages` says when stage II begins, and its last part.

    Args:
        x_shape: (H, W, C) of stage II; the paper's are 256 pixels. Stage I's sides are a quarter.
        classes: labels are not used.
        encoder: φ; see `zoo.networks.encoders.encoder`.
        examples: texts that stand for those that nobody gives, and that sample grids show.
        z_dim: z ~ N(0, I) in so many coordinates.
        units: coordinates of c.
        width: channels of the generators' layer next to stage I's picture.
        discriminator_width: of the discriminators' first layers.
        first_width, first_discriminator_width: of stage I's, where small pictures want other numbers; None:
            as above.
        blocks: residual blocks of stage II.
        divergence: λ of the KL divergence, mean over coordinates, which blurs texts; 2 as in the authors'
            code. With that the means of bottom and top, or of two shapes, lay but 3 σ apart on scenes.
        instance_noise: σ of the noise on all that D sees, of pictures in [−1, 1]; the paper has none.
        projection, penalty, whitened: as for `gancls`, of both stages' D; the paper has none.
        modulated: as for `gancls`, of both stages' G; the paper has none.
        detailed: as for `gancls`, of stage I's G; stage II's always has such maps.
        beginning: as for `gancls`, of each stage: given stage I's black, stage II too drew light grounds.
        match: as for `gancls`, of stage II's G in a last part, which the recipe's `stages` begin; the paper
            has none.

    Raises:
        ZooError: an unknown encoder, one that sees no pictures with a `match`, or a size that cannot be
            made in two stages.
    """
    least = 8 * ratio  # stage I is halved once at least, down to 4
    if len(x_shape) != 3 or any(side % least for side in x_shape[:2]):
        raise ZooError(
            f"stackgan makes pictures whose sides are multiples of {least}, not {tuple(x_shape)}: "
            "--set image_size=64."
        )
    network = text_encoder(encoder)
    embedding = network.output_shape[-1]
    small = (x_shape[0] // ratio, x_shape[1] // ratio, x_shape[-1])
    judged = (units, embedding, instance_noise, projection, penalty)
    first_discriminator_width = first_discriminator_width or discriminator_width
    first = {
        "generator": first_generator(small, first_width or width, z_dim, units, modulated, detailed),
        "conditioning": conditioning(embedding, units, "first_"),
        "discriminator": discriminator(small, first_discriminator_width, *judged, "first_"),
    }
    second = {
        "generator": second_generator(x_shape, width, units, blocks, modulated),
        "conditioning": conditioning(embedding, units),
        "discriminator": discriminator(x_shape, discriminator_width, *judged),
    }
    noise = {"z": Normal(z_dim), "epsilon": Normal(units), "second_epsilon": Normal(units)}
    matching = Matching(match, encoder, x_shape) if match else None
    matched = (divergence, matching, beginning)
    return StackGAN(first, second, network, noise, examples, *matched, whitened=whitened)

"""GAN-CLS with GAN-INT: Reed et al. 2016, Generative Adversarial Text to Image Synthesis, arXiv
1605.05396."""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import losses
from zoo.game.adversarial import step
from zoo.game.priors import Normal
from zoo.networks.described import compressed, discriminator, generator_network
from zoo.networks.encoders import encoder as text_encoder
from zoo.parts.losses import Matching
from zoo.registry import register
from zoo.tasks.text_to_image.base import TextToImage


class GANCLS(TextToImage):
    """D tells real pictures with their text from fakes, and from real pictures with another's text;
    G is told interpolations of texts too. Algorithm 1 and equation 5.

    Args:
        generator, encoder, noise, examples: as for `TextToImage`.
        discriminator: a `Discriminator`.
        interpolated: how many interpolations, over the texts of a batch.
        matching: what G pays too in a second stage, a `Matching`; None: there is one stage.
        beginning: for so many steps G pays for what is not as in the texts' own pictures.
    """

    def __init__(
        self,
        generator,
        discriminator,
        encoder,
        noise,
        examples,
        interpolated,
        matching,
        beginning=0,
        **kwargs,
    ):
        sides = {"discriminator": [discriminator.trunk, discriminator.judge]}
        memory = matching.memory if matching else ()
        super().__init__(generator, encoder, noise, examples, sides, memory=memory, **kwargs)
        self.discriminator = discriminator
        self.interpolated = interpolated
        self.matching = matching
        self.beginning = beginning
        self.stages = 2 if matching else 1

    @step
    def train_step(self, batch):
        x, (t, embeddings) = self.real(batch), self.told(batch)
        n = tf.shape(x)[0]
        half = tf.cast(self.interpolated * tf.cast(n, tf.float32), tf.int32)
        between = 0.5 * (t + tf.roll(t, n // 2, 0))[:half]  # β = ½
        asked = tf.concat([t, between], 0)
        with self.turn("generator") as g:
            fakes = self.paint({"text": asked, **self.fresh(n + half)}, training=True)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = self.discriminator.matching_aware(x, fakes[:n], t)
            verdict = self.discriminator([fakes, asked], training=True)
            g.loss = losses.non_saturating(verdict)
            if self.stage:
                g.loss += self.matching(fakes[:n], embeddings)
            if self.beginning:
                early = self.optimizers["generator"].iterations < self.beginning
                g.loss += tf.where(early, 100.0 * losses.l1(fakes[:n], x), 0.0)

    def score(self, x, text):
        return tf.sigmoid(self.discriminator([x, self.embed(text)]))


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
    projection=False,
    penalty=0.0,
    whitened=False,
    modulated=False,
    detailed=False,
    beginning=0,
    match=0.0,
):
    """The networks of the authors' code, but for how G doubles its maps; see `upsampled`.

    Args:
        x_shape: (H, W, C); the paper's are 64 pixels.
        classes: labels are not used.
        encoder: φ; see `zoo.networks.encoders.encoder`.
        examples: texts that stand for those that nobody gives, and that sample grids show.
        z_dim: z ~ N(0, I) in so many coordinates.
        units: of the dense layers that compress φ(t).
        width: channels of G's layer next to the picture; each layer inwards has twice as many.
        discriminator_width: of D's.
        interpolated: how many interpolated texts G is told, over those of the batch; 0: GAN-CLS alone.
        instance_noise: σ of the noise on all that D sees, of pictures in [−1, 1]; the paper has none.
        projection: whether D is that of `projecting`, not the paper's, and is shown real
            pictures with all other texts of a batch.
        penalty: γ of R1 on D, over a quarter of each batch; the paper has none.
        whitened: whether φ(t) is told with all its directions varying alike, a departure: what texts that
            lie close to each other speak of is else learned last, or never (black for a blue ground, the
            bottom for the top).
        modulated: whether each doubled map of G is told the text, not the innermost alone, a departure;
            see `modulated`.
        detailed: whether G has a map of the picture's size too, with half as many channels as the one
            before it, a departure: the paper's draws each four pixels at once, too coarsely for the corners
            of small shapes.
        beginning: for so many steps G also pays 100 E ‖x − G(z, t)‖₁ (Isola et al. 2017, pix2pix, equation
            3), a departure. G else learns what most scenes have in common before it hears what they differ
            in: light grounds. From these there is no way to black ones by D's logit, which falls on the
            greys between them (in StackGAN's stage I −2.6, −4.8, 2.7), and whether black is ever drawn is
            up to chance.
        match: λ of what G pays in a second stage for pictures that fit other texts better, a departure;
            see `zoo.parts.losses.Matching`. From the first step on it led G to please the encoder with
            pictures that show neither places nor black grounds.

    Raises:
        ZooError: an unknown encoder, or one that sees no pictures with a `match`; or more interpolations
            than texts.
    """
    if not 0 <= interpolated <= 1:
        raise ZooError(f"network.interpolated is a share in [0, 1], not {interpolated}.")
    network = text_encoder(encoder)
    embedding = network.output_shape[-1]
    z, text = keras.Input((z_dim,), name="z"), keras.Input((embedding,), name="text")
    said = compressed(text, units)
    h = keras.layers.Concatenate()([z, said])
    made = generator_network(h, x_shape, width, said if modulated else None, detailed)
    generator = keras.Model({"z": z, "text": text}, made, name="generator")
    judged = (x_shape, discriminator_width, units, embedding, instance_noise, projection, penalty)
    return GANCLS(
        generator,
        discriminator(*judged),
        network,
        {"z": Normal(z_dim)},
        examples,
        interpolated,
        Matching(match, encoder, x_shape) if match else None,
        beginning,
        whitened=whitened,
    )

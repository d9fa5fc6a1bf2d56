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
from zoo.texts import Matching, TextToImage, mismatched
from zoo.texts import encoder as text_encoder


def relu(h):
    return keras.layers.ReLU()(h)


def leaky(h):
    return keras.layers.LeakyReLU(0.2)(h)


def convolution(h, channels, kernel=3, strides=1):
    """A convolution without bias and its batch norm."""
    kwargs = {"padding": "same", "use_bias": False, "kernel_initializer": init()}
    return BatchNormalization()(keras.layers.Conv2D(channels, kernel, strides, **kwargs)(h))


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


def with_another(judge, seen, t):
    """The logits of pictures with a text that is another's, [B, 1]. Algorithm 1."""
    return judge([seen, mismatched(t)], training=True)


def with_all_others(judge, seen, t):
    """The smooth maximum, log Σ exp, of each picture's logits with all other texts of the batch, [B, 1].

    A departure that an inner product makes cheap: with a single other text D alone, after 750 updates, told
    places in 77 % of pairs, with all in 96.
    """
    n = tf.shape(t)[0]
    pairs = judge([tf.repeat(seen, n, 0), tf.tile(t, [n, 1])], training=True)
    others = tf.linalg.set_diag(tf.reshape(pairs, [n, n]), tf.fill([n], pairs.dtype.min))
    return tf.reduce_logsumexp(others, 1, keepdims=True)


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
        encoder: φ; see `zoo.texts.encoder`.
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
            see `zoo.texts.Matching`. From the first step on it led G to please the encoder with pictures
            that show neither places nor black grounds.

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

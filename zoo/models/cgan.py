"""CGAN: Mirza & Osindero 2014, Conditional Generative Adversarial Nets, arXiv 1411.1784."""

import keras
import tensorflow as tf

from zoo.game.adversarial import step
from zoo.game.priors import Uniform
from zoo.layers.noise import Dropout
from zoo.layers.packing import packed
from zoo.networks.blocks import flat, logit, maxout, shaped
from zoo.networks.labels import labelled, labels_of
from zoo.networks.pyramid import discriminator_features, generator_features, generator_output
from zoo.registry import register
from zoo.tasks.generation.base import Duel


class CGAN(Duel):
    """min_G max_D E log D(x|y) + E log(1 − D(G(z|y))). Equation 2."""

    judged_with = ("label",)
    values = {"discriminator": ("critic", "real", "fake", "given"), "generator": ("image",)}

    @step
    def train_step(self, batch):
        x, y = self.real(batch), self.priors["label"].encode(self.labels(batch))
        z = self.draw(tf.shape(x)[0])["z"]
        with self.turn("generator") as g:
            fakes = self.generator({"z": z, "label": y}, training=True)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = self.discriminator_loss(
                    self.discriminator({"x": x, "label": y}, training=True),
                    self.discriminator({"x": fakes, "label": y}, training=True),
                )
                values = {"critic": self.discriminator, "real": x, "fake": fakes, "given": {"label": y}}
                d.loss = self.extended("discriminator", d.loss, **values)
            g.loss = self.generator_loss(self.discriminator({"x": fakes, "label": y}, training=True))
            g.loss = self.extended("generator", g.loss, image=fakes)

    def labels(self, batch):
        """y of a batch: int32 [B]."""
        return labels_of(batch)

    def score(self, x, label):
        y = self.priors["label"].encode(label)
        return self.probability(self.verdict({"x": x, "label": y}))


@register("cgan")
def build(
    x_shape,
    classes=None,
    z_dim=100,
    z_range=(0.0, 1.0),
    generator_units=(200, 1000, 1200),
    discriminator_units=(240, 50, 240),
    pieces=(5, 5, 4),
    generator_dropout=0.5,
    discriminator_dropout=0.5,
    input_dropout=0.0,
    game="non_saturating",
    *,
    pack=1,
):
    """The paper's own networks, §4.1.

    The paper does not give the initial weights. They are Glorot's, Keras' default, for with the
    small uniform ones of the GAN authors' configuration the game went on as if there were no y.

    Args:
        x_shape: the shape of an example; images come out in [0, 1].
        classes: how many labels.
        z_dim: z is uniform in so many coordinates …
        z_range: … between these; the paper's is "the unit hypercube".
        generator_units: ReLU units over z, over y, and over both joined.
        discriminator_units: maxout units over x, over y, and over both joined.
        pieces: linear pieces of those maxout units.
        generator_dropout, discriminator_dropout: rates on the hidden layers.
        input_dropout: rate on the x that D sees.
        game: "non_saturating", "minimax", "least_squares", …
        pack: Set by the part `packing`.
    """
    priors = {"z": Uniform(z_dim, *z_range), "label": labelled(classes)}
    dense, joined = keras.layers.Dense, keras.layers.Concatenate()

    z, y = keras.Input((z_dim,), name="z"), keras.Input((classes,), name="label")
    over_z, over_y, over_both = generator_units
    h_z = dense(over_z, "relu")(z)
    h_y = dense(over_y, "relu")(y)
    h = Dropout(generator_dropout)(joined([h_z, h_y]))
    h = Dropout(generator_dropout)(dense(over_both, "relu")(h))
    pixels = shaped(h, x_shape)
    generator = keras.Model({"z": z, "label": y}, pixels, name="generator")

    x, y = keras.Input(x_shape, name="x"), keras.Input((classes,), name="label")
    over_x, over_y, over_both = discriminator_units
    h_x = maxout(Dropout(input_dropout)(flat(packed(x, pack))), over_x, pieces[0])
    h_y = maxout(packed(y, pack), over_y, pieces[1])
    h = Dropout(discriminator_dropout)(keras.layers.Concatenate()([h_x, h_y]))
    h = Dropout(discriminator_dropout)(maxout(h, over_both, pieces[2]))
    logit = dense(1, dtype="float32")(h)
    discriminator = keras.Model({"x": x, "label": y}, logit, name="discriminator")

    value_range = (0.0, 1.0) if len(x_shape) == 3 else None
    return CGAN(generator, discriminator, priors, game, pack=pack, value_range=value_range)


@register("cgan_conv")
def build_conv(x_shape, classes=None, z_dim=100, width=64, kernel=5, game="non_saturating", *, pack=1):
    """DCGAN's networks with the label beside every layer's input, as in its authors' MNIST code.

    Args:
        x_shape: (H, W, C).
        classes: how many labels.
        z_dim: z ~ U(−1, 1) in so many coordinates.
        width: channels of the layers next to the picture; each layer inwards has twice as many.
        kernel: side of all kernels.
        game: "non_saturating", "minimax", "least_squares", …
        pack: Set by the part `packing`.
    """
    priors = {"z": Uniform(z_dim), "label": labelled(classes)}

    z, y = keras.Input((z_dim,), name="z"), keras.Input((classes,), name="label")
    h = generator_features(z, x_shape, width, kernel, y)
    pixels = generator_output(h, x_shape, kernel)
    generator = keras.Model({"z": z, "label": y}, pixels, name="generator")

    x, y = keras.Input(x_shape, name="x"), keras.Input((classes,), name="label")
    h = discriminator_features(packed(x, pack), x_shape, width, kernel, packed(y, pack))
    discriminator = keras.Model({"x": x, "label": y}, logit(h), name="discriminator")

    return CGAN(generator, discriminator, priors, game, pack=pack, value_range=(-1.0, 1.0))

"""CGAN, a GAN whose generator and discriminator receive the label.

Reference: Mirza & Osindero 2014, Conditional Generative Adversarial Nets, arXiv 1411.1784.
"""

import keras
import tensorflow as tf

from zoo.game.adversarial import step
from zoo.game.priors import Uniform
from zoo.layers.noise import Dropout
from zoo.layers.packing import packed
from zoo.networks.blocks import flat, logit, maxout, shaped
from zoo.networks.labels import labeled, labels_of
from zoo.networks.pyramid import discriminator_features, generator_features, generator_output
from zoo.registry import register
from zoo.tasks.generation.base import Duel


class CGAN(Duel):
    """Trains G and D by min_G max_D E log D(x|y) + E log(1 − D(G(z|y))).

    Reference:
        Mirza & Osindero, 2014, equation 2.
    """

    discriminator_conditions = ("label",)
    data_label = "label"
    weight = 1.0  # factor of D's loss
    values = {"discriminator": ("critic", "real", "fake", "given"), "generator": ("image",)}

    @step
    def train_step(self, batch):
        """Makes one update of D and one of G, with the labels of the batch."""
        x, y = self.real(batch), self.priors["label"].encode(self.labels(batch))
        z = self.draw(tf.shape(x)[0])["z"]
        with self.turn("generator") as g:
            fakes = self.generator({"z": z, "label": y}, training=True)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = self.weight * self.discriminator_loss(
                    self.discriminator({"x": x, "label": y}, training=True),
                    self.discriminator({"x": fakes, "label": y}, training=True),
                )
                values = {"critic": self.discriminator, "real": x, "fake": fakes, "given": {"label": y}}
                d.loss = self.extended("discriminator", d.loss, **values)
            g.loss = self.generator_loss(self.discriminator({"x": fakes, "label": y}, training=True))
            g.loss = self.extended("generator", g.loss, image=fakes)

    def labels(self, batch):
        """Returns the labels y of a batch, int32 `[B]`."""
        return labels_of(batch)

    def score(self, x, label):
        """Returns D(x|y), float32 `[B, 1]`."""
        y = self.priors["label"].encode(label)
        return self.probability(self.verdict({"x": x, "label": y}))


class MultilayerCGAN(CGAN):
    """The CGAN of section 4.1, with two details of the GAN authors' code, on which it builds.

    D's loss has a factor ½, and the output bias of G may start at the logit of each pixel's mean.
    """

    weight = 0.5


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
    discriminator_dropout=(0.0, 0.5),
    game="non_saturating",
    bias_from_data=True,
    *,
    pack=1,
):
    """Builds the networks of section 4.1.

    The paper does not give the initial weights. They are Glorot's, because D ignores y with the small
    uniform ones of the GAN authors' configuration. The dropout of G stays on while sampling: without it the
    samples of a class are one image.

    Args:
        x_shape: Tuple. Shape of one example. Images lie in [0, 1].
        classes: Integer. Number of labels.
        z_dim: Integer. Coordinates of z, which is uniform in `z_range`. Defaults to 100.
        z_range: Pair of floats. Defaults to the unit hypercube of the paper.
        generator_units: Three integers. ReLU units over z, over y, and over both.
        discriminator_units: Three integers. Maxout units over x, over y, and over both.
        pieces: Three integers. Linear pieces per maxout unit of these layers.
        generator_dropout: Float. Dropout rate of G's hidden layers. Defaults to 0.5.
        discriminator_dropout: Two floats. Dropout rates of D's input x and of D's hidden layers.
        game: String. "non_saturating", "minimax", "least_squares", …
        bias_from_data: Boolean. Whether the output bias of G starts at the logit of each pixel's mean, as
            in the GAN authors' code. Defaults to `True`.
        pack: Set by the part `packing`.
    """
    priors = {"z": Uniform(z_dim, *z_range), "label": labeled(classes)}
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
    of_x, of_hidden = discriminator_dropout
    h_x = maxout(Dropout(of_x)(flat(packed(x, pack))), over_x, pieces[0])
    h_y = maxout(packed(y, pack), over_y, pieces[1])
    h = Dropout(of_hidden)(keras.layers.Concatenate()([h_x, h_y]))
    h = Dropout(of_hidden)(maxout(h, over_both, pieces[2]))
    logit = dense(1, dtype="float32")(h)
    discriminator = keras.Model({"x": x, "label": y}, logit, name="discriminator")

    value_range = (0.0, 1.0) if len(x_shape) == 3 else None
    options = {"bias_from_data": bias_from_data, "dropout": generator_dropout > 0, "pack": pack}
    return MultilayerCGAN(generator, discriminator, priors, game, value_range=value_range, **options)


@register("cgan_conv")
def build_conv(x_shape, classes=None, z_dim=100, width=64, kernel=5, game="non_saturating", *, pack=1):
    """Builds DCGAN's networks with the label at the input of every layer.

    DCGAN's authors do this in their MNIST code.

    Args:
        x_shape: Tuple `(H, W, C)`.
        classes: Integer. Number of labels.
        z_dim: Integer. Coordinates of z ~ U(−1, 1). Defaults to 100.
        width: Integer. Channels of the layers next to the image. Each layer inwards has twice as many.
            Defaults to 64.
        kernel: Integer. Side of all kernels. Defaults to 5.
        game: String. "non_saturating", "minimax", "least_squares", …
        pack: Set by the part `packing`.
    """
    priors = {"z": Uniform(z_dim), "label": labeled(classes)}

    z, y = keras.Input((z_dim,), name="z"), keras.Input((classes,), name="label")
    h = generator_features(z, x_shape, width, kernel, y)
    pixels = generator_output(h, x_shape, kernel)
    generator = keras.Model({"z": z, "label": y}, pixels, name="generator")

    x, y = keras.Input(x_shape, name="x"), keras.Input((classes,), name="label")
    h = discriminator_features(packed(x, pack), x_shape, width, kernel, packed(y, pack))
    discriminator = keras.Model({"x": x, "label": y}, logit(h), name="discriminator")

    return CGAN(generator, discriminator, priors, game, pack=pack, value_range=(-1.0, 1.0))

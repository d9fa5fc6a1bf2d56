"""The least-squares CGAN of a course report (Z. Chen, Conditional GAN).

The report trains D on three kinds of pairs and plots both losses.
"""

import keras
import numpy as np
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import randomness
from zoo.game.adversarial import step
from zoo.game.losses import squared_distance
from zoo.game.priors import Normal
from zoo.layers.noise import Dropout
from zoo.layers.normalization import BatchNormalization
from zoo.layers.packing import each_its_own_pack, packed
from zoo.networks.blocks import flat
from zoo.networks.labels import labeled, labels_of
from zoo.registry import register
from zoo.tasks.generation.base import Generative


class LeastSquaresCGAN(Generative):
    """Trains D on real x with its label and G(z|y) with y, and also on real x with a wrong label.

    If D has one score, the score separates the first kind (1) from the others (0). If D has two scores,
    the first separates real from generated x, and the second matching from mismatched labels. The update
    of D uses only the first score of generated pairs, because their match is unknown. The update of G
    moves both scores to 1.

    Args:
        generator, priors: See `Generative`.
        discriminator: Network from `{"x", "label"}` to one or two scores.
        mismatched: Boolean. Whether D also sees real x with a wrong label.
        pack: Integer. Number of examples per pack.
    """

    discriminator_conditions = ("label",)
    data_label = "label"
    values = {"discriminator": ("critic", "real", "fake", "given"), "generator": ("image",)}

    def __init__(self, generator, discriminator, priors, mismatched, pack, **kwargs):
        super().__init__(generator, priors, {"discriminator": [discriminator]}, **kwargs)
        self.discriminator = discriminator
        self.scores, self.mismatched = discriminator.output_shape[-1], mismatched
        self.pack = pack

    @step
    def train_step(self, batch):
        """Makes one update of G, then one of D, in the report's order."""
        x, y, m = self.real(batch), labels_of(batch), tf.shape(batch["x"])[0]

        with self.turn("generator") as g:  # the report moves G first
            inputs = self.draw(m)
            fakes = self.generate(inputs, training=True)
            g.loss = squared_distance(self.discriminate(fakes, inputs["label"]), 1.0)
            g.loss = self.extended("generator", g.loss, image=fakes)

        classes = self.priors["label"].classes
        wrong = (y + 1 + randomness.integers([m], classes - 1)) % classes
        with self.turn("discriminator") as d:
            pairs = [squared_distance(self.discriminate(x, y), 1.0)]
            if self.mismatched:
                target = 0.0 if self.scores == 1 else tf.constant([1.0, 0.0])
                pairs.append(squared_distance(self.discriminate(x, wrong), target))
            pairs.append(squared_distance(self.discriminate(fakes, inputs["label"])[:, :1], 0.0))
            given = {"label": self.priors["label"].encode(y)}
            values = {"critic": self.discriminator, "real": x, "fake": fakes, "given": given}
            d.loss = self.extended("discriminator", tf.add_n(pairs) / len(pairs), **values)

    def discriminate(self, x, label):
        """Returns D's scores in training, `[B, 1]` or `[B, 2]`."""
        y = self.priors["label"].encode(label)
        return self.discriminator({"x": x, "label": y}, training=True)

    def score(self, x, label):
        """Returns D's scores of examples and labels, float32 `[B, 1]` or `[B, 2]`."""
        y = self.priors["label"].encode(label)
        return self.discriminator(each_its_own_pack({"x": x, "label": y}, self.pack))


@register("cgan_mlp")
def build(
    x_shape,
    classes=None,
    z_dim=100,
    generator_units=(128, 256, 512, 1024),
    discriminator_units=(512, 512, 512),
    dropout=0.4,
    scores=1,
    mismatched=True,
    *,
    pack=1,
):
    """Builds the report's networks.

    Args:
        x_shape: Tuple. Shape of one example. Images lie in [−1, 1].
        classes: Integer. Number of labels, at least 2.
        z_dim: Integer. Coordinates of z ~ N(0, I). Defaults to 100.
        generator_units: Tuple of integers. LeakyReLU units of G, with batch norm from the second layer on.
        discriminator_units: Tuple of integers. LeakyReLU units of D, with dropout from the second layer on.
        dropout: Float. Dropout rate. Defaults to 0.4.
        scores: Integer. 1, or 2 for separate scores of realism and match. Defaults to 1.
        mismatched: Boolean. Whether D also sees real x with a wrong label. Two scores need these pairs.
            Defaults to `True`.
        pack: Set by the part `packing`.

    Raises:
        ZooError: Another number of scores, or fewer than two labels.
    """
    if scores == 2 and not mismatched:
        raise ZooError("Two scores need pairs with wrong labels.", **{"network.mismatched": True})
    if scores not in (1, 2):
        raise ZooError(f"network.scores is 1 or 2, not {scores}.")
    priors = {"z": Normal(z_dim), "label": labeled(classes)}
    if priors["label"].classes < 2:
        raise ZooError("The data has one class, but D needs mismatched labels. Use two classes or more.")
    dense, leaky = keras.layers.Dense, lambda h: keras.layers.LeakyReLU(0.2)(h)

    z, y = keras.Input((z_dim,), name="z"), keras.Input((classes,), name="label")
    h = keras.layers.Concatenate()([z, y])
    for i, units in enumerate(generator_units):
        h = dense(units)(h)
        h = leaky(h if i == 0 else BatchNormalization()(h))
    h = dense(int(np.prod(x_shape)), "tanh", dtype="float32")(h)
    pixels = keras.layers.Reshape(x_shape, dtype="float32")(h)
    generator = keras.Model({"z": z, "label": y}, pixels, name="generator")

    x, y = keras.Input(x_shape, name="x"), keras.Input((classes,), name="label")
    h = keras.layers.Concatenate()([flat(packed(x, pack)), packed(y, pack)])
    for i, units in enumerate(discriminator_units):
        h = dense(units)(h)
        h = leaky(h if i == 0 else Dropout(dropout)(h))
    verdict = dense(scores, dtype="float32")(h)
    discriminator = keras.Model({"x": x, "label": y}, verdict, name="discriminator")

    return LeastSquaresCGAN(generator, discriminator, priors, mismatched, pack, value_range=(-1.0, 1.0))

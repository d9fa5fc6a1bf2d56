"""GAN, multilayer networks with the minimax or the non-saturating loss.

Reference: Goodfellow et al. 2014, Generative Adversarial Networks, arXiv 1406.2661.
"""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game.adversarial import step
from zoo.game.priors import Uniform
from zoo.layers.noise import Dropout
from zoo.layers.packing import packed
from zoo.networks.blocks import flat, maxout, shaped, within
from zoo.registry import register
from zoo.tasks.generation.base import Duel


class GAN(Duel):
    """Trains G and D by k updates of D per update of G.

    The objective is min_G max_D E log D(x) + E log(1 − D(G(z))), or another `game`.

    Args:
        generator, discriminator, priors, game: See `Duel`.
        k: Integer. Number of updates of D per update of G.
        simultaneous: Boolean. Whether one step is that of the authors' code. Defaults to `False`.
    """

    def __init__(self, generator, discriminator, priors, game, k, simultaneous=False, **kwargs):
        super().__init__(generator, discriminator, priors, game, **kwargs)
        self.batches_per_step, self.simultaneous = k, simultaneous

    @step
    def train_step(self, batch):
        """Makes one step of algorithm 1, or of the authors' code."""
        (self.step_together if self.simultaneous else self.step_in_turn)(batch)

    def step_together(self, batch):  # AdversaryCost2 of the authors' code
        """Updates G and D from the same fakes, dropout masks and weights, with half of D's loss."""
        x = self.real(batch)
        with self.turn("generator") as g:
            fakes = self.generate(self.draw(tf.shape(x)[0]), training=True)
            with self.turn("discriminator") as d:
                real, fake = (self.discriminator(examples, training=True) for examples in (x, fakes))
                d.loss = 0.5 * self.discriminator_loss(real, fake)
                values = {"critic": self.discriminator, "real": x, "fake": fakes}
                d.loss = self.extended("discriminator", d.loss, **values)
            g.loss = self.extended("generator", self.generator_loss(fake), image=fakes)

    def step_in_turn(self, batch):  # Algorithm 1
        """Makes k updates of D and one of G."""
        m = tf.shape(batch["x"])[0] // self.batches_per_step
        for x in self.split(self.real(batch)):
            fakes = self.generate(self.draw(m), training=True)
            with self.turn("discriminator") as d:
                d.loss = self.discriminator_loss(
                    self.discriminator(x, training=True),
                    self.discriminator(fakes, training=True),
                )
                values = {"critic": self.discriminator, "real": x, "fake": fakes}
                d.loss = self.extended("discriminator", d.loss, **values)
        with self.turn("generator") as g:
            fakes = self.generate(self.draw(m), training=True)
            g.loss = self.generator_loss(self.discriminator(fakes, training=True))
            g.loss = self.extended("generator", g.loss, image=fakes)

    def score(self, x):
        """Returns D(x), float32 `[B, 1]`."""
        return self.probability(self.verdict(x))


@register("gan")
def build(
    x_shape,
    classes=None,
    z_dim=100,
    generator_units=(1200, 1200),
    discriminator_units=(240, 240),
    pieces=5,
    dropout=(0.2, 0.5, 0.5),
    initial_range=(0.05, 0.005),
    game="non_saturating",
    k=1,
    simultaneous=False,
    bias_from_data=True,
    *,
    pack=1,
):
    """Builds the multilayer networks that the authors trained on MNIST.

    Args:
        x_shape: Tuple. Shape of one example. Images lie in [0, 1], points are unbounded.
        classes: Not used.
        z_dim: Integer. Coordinates of z ~ U(−√3, √3), whose variance is 1. Defaults to 100.
        generator_units: Tuple of integers. ReLU units of G, layer by layer.
        discriminator_units: Tuple of integers. Maxout units of D, layer by layer.
        pieces: Integer. Linear pieces per maxout unit. Defaults to 5.
        dropout: Tuple of floats. Dropout rates before D's layers. The last is that of the output layer.
        initial_range: Two floats. Initial weights of G and of D are uniform in ± these values.
        game: String. "non_saturating" (the authors' code), "minimax", "least_squares", …
        k: Integer. Number of updates of D per update of G. Defaults to 1.
        simultaneous: Boolean. If `True`, G and D are updated from the same fakes, dropout masks and
            weights, with half of D's loss, as in the authors' code. Otherwise by algorithm 1. Defaults to
            `False`.
        bias_from_data: Boolean. Whether the output bias of G starts at the logit of each pixel's mean, as
            in the authors' code. Defaults to `True`.
        pack: Set by the part `packing`.

    Raises:
        ZooError: `dropout` does not have one rate per layer of D, or simultaneous updates with `k` > 1.
    """
    if simultaneous and k != 1:
        raise ZooError(f"Simultaneous updates need one update of D per step, not {k}.", **{"network.k": 1})
    if len(dropout) != len(discriminator_units) + 1:
        raise ZooError(
            f"network.dropout wants {len(discriminator_units) + 1} rates, one for each of "
            f"discriminator_units and one for the output, not {tuple(dropout)}."
        )

    g_range, d_range = initial_range
    z = h = keras.Input((z_dim,), name="z")
    for units in generator_units:
        h = keras.layers.Dense(units, "relu", kernel_initializer=within(g_range))(h)
    generator = keras.Model(
        {"z": z}, shaped(h, x_shape, kernel_initializer=within(g_range)), name="generator"
    )

    x = keras.Input(x_shape, name="x")
    h = flat(packed(x, pack))
    for units, rate in zip(discriminator_units, dropout[:-1], strict=True):
        h = maxout(Dropout(rate)(h), units, pieces, kernel_initializer=within(d_range))
    h = Dropout(dropout[-1])(h)
    logit = keras.layers.Dense(1, kernel_initializer=within(d_range), dtype="float32")(h)
    discriminator = keras.Model(x, logit, name="discriminator")

    priors = {"z": Uniform(z_dim, -(3**0.5), 3**0.5)}
    value_range = (0.0, 1.0) if len(x_shape) == 3 else None
    options = {"simultaneous": simultaneous, "bias_from_data": bias_from_data, "pack": pack}
    return GAN(generator, discriminator, priors, game, k, value_range=value_range, **options)

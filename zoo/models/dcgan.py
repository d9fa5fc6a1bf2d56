"""DCGAN: Radford, Metz & Chintala 2016, Unsupervised Representation Learning with Deep
Convolutional Generative Adversarial Networks, arXiv 1511.06434."""

import keras
import tensorflow as tf

from zoo.game.adversarial import step
from zoo.game.priors import Uniform
from zoo.layers.packing import packed
from zoo.networks.pyramid import batch_normalized_discriminator, generator_features, generator_output
from zoo.registry import register
from zoo.tasks.generation.base import Duel


class DCGAN(Duel):
    """The non-saturating game between two convolutional networks."""

    @step
    def train_step(self, batch):
        x = self.real(batch)
        with self.turn("generator") as g:
            fakes = self.generate(self.draw(tf.shape(x)[0]), training=True)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = self.discriminator_loss(
                    self.discriminator(x, training=True),
                    self.discriminator(fakes, training=True),
                )
                values = {"critic": self.discriminator, "real": x, "fake": fakes}
                d.loss = self.extended("discriminator", d.loss, **values)
            g.loss = self.generator_loss(self.discriminator(fakes, training=True))
            g.loss = self.extended("generator", g.loss, image=fakes)

    def score(self, x):
        return self.probability(self.verdict(x))


@register("dcgan")
def build(
    x_shape,
    classes=None,
    z_dim=100,
    width=128,
    kernel=5,
    game="non_saturating",
    *,
    pack=1,
    discriminator=batch_normalized_discriminator,
):
    """The networks of the paper's figure 1, for pictures of any size that halves down to 4 to 7.

    Args:
        x_shape: (H, W, C).
        classes: labels are not used.
        z_dim: z ~ U(−1, 1) in so many coordinates.
        width: channels of the layers next to the picture; each layer inwards has twice as many.
        kernel: side of all kernels (5 in the paper's figure and the authors' Theano code).
        game: "non_saturating" (the paper's), "minimax", "least_squares", …
        pack: Set by the part `packing`.
        discriminator: Set by the part `spectral_norm`.
    """
    z = keras.Input((z_dim,), name="z")
    h = generator_features(z, x_shape, width, kernel)
    generator = keras.Model({"z": z}, generator_output(h, x_shape, kernel), name="generator")

    x = keras.Input(x_shape, name="x")
    verdict = discriminator(packed(x, pack), x_shape, width, kernel)
    discriminator = keras.Model(x, verdict, name="discriminator")

    priors = {"z": Uniform(z_dim)}
    return DCGAN(generator, discriminator, priors, game, pack=pack, value_range=(-1.0, 1.0))

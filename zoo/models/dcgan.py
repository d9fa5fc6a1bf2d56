"""DCGAN, convolutional networks for images.

Reference: Radford, Metz & Chintala 2016, Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks, arXiv 1511.06434.
"""

import keras
import tensorflow as tf

from zoo.game.adversarial import step
from zoo.game.priors import Uniform
from zoo.layers.packing import packed
from zoo.networks.pyramid import batch_normalized_discriminator, generator_features, generator_output
from zoo.registry import register
from zoo.tasks.generation.base import Duel


class DCGAN(Duel):
    """Trains two convolutional networks by the losses of a `game`."""

    @step
    def train_step(self, batch):
        """Makes one update of D and one of G, with the same generated images."""
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
        """Returns D(x), float32 `[B, 1]`."""
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
    """Builds the networks of figure 1.

    Args:
        x_shape: Tuple `(H, W, C)`. The sides can be halved down to 4 to 7.
        classes: Not used.
        z_dim: Integer. Coordinates of z ~ U(−1, 1). Defaults to 100.
        width: Integer. Channels of the layers next to the image. Each layer inwards has twice as many.
            Defaults to 128.
        kernel: Integer. Side of all kernels. Defaults to 5, as in figure 1 and in the authors' Theano code.
        game: String. "non_saturating" (the paper's), "minimax", "least_squares", …
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

"""pix2pix, translation learned from pairs.

Reference: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks,
arXiv 1611.07004.
"""

import keras

from zoo.game import losses
from zoo.game.adversarial import step
from zoo.networks.translators import halvings, patch_discriminator, unet
from zoo.registry import register
from zoo.tasks.translation.base import Translator


class Conditional:
    """Trains G and D by min_G max_D E log D(x, y) + E log(1 − D(x, G(x))) + λ E ‖y − G(x)‖₁.

    This is a mixin for subclasses of `Adversarial` with the sides "discriminator" and "generator".

    Reference:
        Isola et al., 2017, equation 4.
    """

    values = {
        "discriminator": ("critic", "real", "fake", "given"),
        "generator": ("image", "target"),
    }

    def condition(self, discriminator, weight):
        """Sets the discriminator and the loss weight.

        Args:
            discriminator: Network from pairs of images to logits of patches.
            weight: Float. λ.
        """
        self.discriminator = discriminator
        self.critic = keras.Model(discriminator.inputs[::-1], discriminator.outputs[0])  # of (y, x)
        self.weight = weight  # λ

    def train_on_pairs(self, x, y, generate):
        """Makes one update of D, at half its loss (section 3.3), and one of G.

        Args:
            x, y: Tensors `[B, H, W, C]` in [−1, 1].
            generate: Function without arguments that returns G(x) in training mode.
        """
        with self.turn("generator") as g:
            fakes = generate()
            with g.paused(), self.turn("discriminator") as d:
                d.loss = 0.5 * losses.minimax(  # halved, to slow D down (§3.3)
                    self.discriminator([x, y], training=True),
                    self.discriminator([x, fakes], training=True),
                )
                values = {"critic": self.critic, "real": y, "fake": fakes, "given": (x,)}
                d.loss = self.extended("discriminator", d.loss, **values)
            distance = losses.l1(y, fakes)
            verdict = self.discriminator([x, fakes], training=True)
            g.loss = losses.non_saturating(verdict) + self.weight * distance
            g.loss = self.extended("generator", g.loss, image=fakes, target=y)
        self.report("l1", distance)


class Pix2Pix(Conditional, Translator):
    """Translates images by the objective of `Conditional`. The noise z is G's dropout.

    Args:
        generator: Network from x to y.
        discriminator, weight: See `Conditional.condition`.
    """

    def __init__(self, generator, discriminator, weight, **kwargs):
        super().__init__({"a_to_b": generator}, [discriminator], noisy=True, **kwargs)
        self.generator = generator
        self.condition(discriminator, weight)

    @step
    def train_step(self, batch):
        """Makes one update of D and one of G."""
        x, y = self.real(batch)
        self.train_on_pairs(x, y, lambda: self.generator(x, training=True))


@register("pix2pix", reads="pairs")
def build(
    x_shape,
    classes=None,
    width=64,
    discriminator_width=64,
    patch: int | str = 70,
    dropout=0.5,
    weight=100.0,
):
    """Builds the networks of appendix 6.1.

    Args:
        x_shape: Tuple `(H, W, C)`. The sides are equal and a multiple of 16, best a power of two.
        classes: Not used.
        width: Integer. Channels next to the image in the U-net. The innermost layers have eight times as
            many. Defaults to 64.
        discriminator_width: Integer. Channels of D's first layer. Defaults to 64.
        patch: Receptive field of D: 1, 16, 34, 70, 142 or 286 pixels, or "image". Defaults to 70.
        dropout: Float. Dropout rate of the decoder, the only noise. It stays on after training.
        weight: Float. λ of the L1 distance. Defaults to 100.
    """
    return Pix2Pix(
        unet(x_shape, width, dropout, "generator"),
        patch_discriminator(x_shape, discriminator_width, patch, "discriminator", pictures=2),
        weight,
        x_shape=x_shape,
        width=width,
        multiple=2 ** halvings(x_shape),
    )

"""pix2pix: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks,
arXiv 1611.07004."""

from zoo.game import losses
from zoo.game.adversarial import step
from zoo.networks.translators import halvings, patch_discriminator, unet
from zoo.registry import register
from zoo.tasks.translation.base import Translator


class Pix2Pix(Translator):
    """min_G max_D E log D(x, y) + E log(1 − D(x, G(x))) + λ E ‖y − G(x)‖₁. Equation 4."""

    def __init__(self, generator, discriminator, weight, **kwargs):
        super().__init__({"a_to_b": generator}, [discriminator], noisy=True, **kwargs)
        self.generator, self.discriminator = generator, discriminator
        self.weight = weight  # λ

    @step
    def train_step(self, batch):
        x, y = self.real(batch)
        with self.turn("generator") as g:
            fakes = self.generator(x, training=True)  # the noise z is its dropout
            with g.paused(), self.turn("discriminator") as d:
                d.loss = 0.5 * losses.minimax(  # halved, to slow D down (§3.3)
                    self.discriminator([x, y], training=True),
                    self.discriminator([x, fakes], training=True),
                )
            distance = losses.l1(y, fakes)
            verdict = self.discriminator([x, fakes], training=True)
            g.loss = losses.non_saturating(verdict) + self.weight * distance
        self.report("l1", distance)


@register("pix2pix", reads="pairs")
def build(x_shape, classes=None, width=64, discriminator_width=64, patch=70, dropout=0.5, weight=100.0):
    """The networks of appendix 6.1.

    Args:
        x_shape: (H, W, C), square, the side a multiple of 16 (and best a power of two).
        classes: labels are not used.
        width: channels next to the picture in the U-net; eight times as many inside.
        discriminator_width: channels of D's first layer.
        patch: what D judges: patches of 1, 16, 34, 70, 142 or 286 pixels, or "image".
        dropout: rate in the decoder, in training and after it: the only noise.
        weight: λ of the L1 distance.
    """
    return Pix2Pix(
        unet(x_shape, width, dropout, "generator"),
        patch_discriminator(x_shape, discriminator_width, patch, "discriminator", pictures=2),
        weight,
        x_shape=x_shape,
        width=width,
        multiple=2 ** halvings(x_shape),
    )

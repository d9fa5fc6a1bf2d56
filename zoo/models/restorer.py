"""Inpainting and denoising as conditional GANs.

Reference: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks,
arXiv 1611.07004, for the objective and the networks. The hole in the center is that of Pathak et al. 2016,
Context Encoders: Feature Learning by Inpainting, arXiv 1604.07379.
"""

from zoo.errors import ZooError
from zoo.game.adversarial import step
from zoo.images import pixels
from zoo.models.pix2pix import Conditional
from zoo.networks.translators import halvings, patch_discriminator, unet
from zoo.registry import register
from zoo.tasks.restoration.base import Restorer


class ConditionalRestorer(Conditional, Restorer):
    """Restores images by the objective of pix2pix.

    y is an image and x the damaged image. G also receives the mask of x, and copies the pixels outside it.

    Args:
        generator: See `Restorer`.
        discriminator, weight: See `Conditional.condition`.
    """

    def __init__(self, generator, discriminator, weight, **kwargs):
        super().__init__(generator, {"discriminator": [discriminator]}, **kwargs)
        self.condition(discriminator, weight)

    @step
    def train_step(self, batch):
        """Makes one update of D and one of G."""
        damaged, mask = self.damage(batch["x"])
        x, y = pixels.scale(damaged), pixels.scale(batch["x"])
        self.train_on_pairs(x, y, lambda: self.restored(x, mask, training=True))


def _build(x_shape, damage, width, levels, discriminator_width, patch, weight):
    if levels < 2:
        raise ZooError(f"network.levels is 2 halvings or more, not {levels}.")
    n = min(halvings(x_shape), levels)
    return ConditionalRestorer(
        unet(x_shape, width, 0.0, "generator", given=1, levels=levels),
        patch_discriminator(x_shape, discriminator_width, patch, "discriminator", pictures=2),
        weight,
        x_shape=x_shape,
        damage=damage,
        largest=2**27 // width,
        multiple=2**n,
    )


@register("inpainter", reads="photographs")
def build_inpainter(
    x_shape,
    classes=None,
    holes="center",
    width=64,
    levels=8,
    discriminator_width=64,
    patch: int | str = 70,
    weight=100.0,
):
    """Builds the networks of pix2pix without dropout, for filling missing pixels.

    Args:
        x_shape: Tuple `(H, W, C)` of the crops. The sides are equal and a multiple of 16.
        classes: Not used.
        holes: String. "center" removes a square of half the side, "scattered" removes each pixel with
            probability ½. Defaults to "center".
        width: Integer. Channels of the U-net's first layer. Defaults to 64.
        levels: Integer. Maximum number of halvings in the U-net. Defaults to 8.
        discriminator_width: Integer. Channels of D's first layer. Defaults to 64.
        patch: Receptive field of D: 1, 16, 34, 70, 142 or 286 pixels, or "image". Defaults to 70.
        weight: Float. λ of the L1 distance. Defaults to 100.

    Raises:
        ZooError: Unknown holes, fewer than two levels, or a shape or patch that does not fit.
    """
    return _build(x_shape, {"holes": holes}, width, levels, discriminator_width, patch, weight)


@register("denoiser", reads="photographs")
def build_denoiser(
    x_shape,
    classes=None,
    sigma=25.0,
    width=64,
    levels=8,
    discriminator_width=64,
    patch: int | str = 70,
    weight=100.0,
):
    """Builds the networks of pix2pix without dropout, for removing Gaussian noise.

    Args:
        x_shape, classes, width, levels, discriminator_width, patch, weight: See `build_inpainter`.
        sigma: Float. Standard deviation of the noise, in gray levels of 255. Defaults to 25.

    Raises:
        ZooError: `sigma` is not positive, fewer than two levels, or a shape or patch that does not fit.
    """
    return _build(x_shape, {"sigma": sigma}, width, levels, discriminator_width, patch, weight)

"""Schemes whose generators enlarge pictures: single-image super-resolution."""

import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game.adversarial import Adversarial
from zoo.images import degradation, pixels
from zoo.tasks.super_resolution.preview import Enlargements


class Enlarger(Adversarial):
    """A game in which a generator makes the sharp picture of a small one.

    Args:
        generator: a network from [B, h, w, C] to [B, scale h, scale w, C], both in [−1, 1], for any h, w.
        sides: as for `Adversarial`.
        x_shape: (H, W, C) of the crops of training.
        scale: how many times as high and wide a picture becomes.
        halo: how many of the small picture's pixels around one can change what becomes of it.
        degradation: how small pictures are made; its name in `zoo.degradation`.

    Raises:
        ZooError: an unknown degradation, or crops whose sides are no multiple of the scale.
    """

    task = "super_resolution"
    preview = Enlargements

    def __init__(self, generator, sides, x_shape, scale, halo, degradation, **kwargs):
        super().__init__({**sides, "generator": [generator]}, **kwargs)
        self.generator = generator
        self.x_shape, self.scale, self.halo = tuple(x_shape), scale, halo
        self.degradation = degradation
        check(x_shape, scale, degradation)

    def real(self, batch):
        """Small pictures and the sharp ones they were made of, in [−1, 1]: (x, y)."""
        return pixels.scale(self.reduce(batch["x"])), pixels.scale(batch["x"])

    def reduce(self, images):
        """Sharp pictures made small, uint8 [B, scale h, scale w, C] to [B, h, w, C]."""
        return degradation.known[self.degradation](images, self.scale)

    def upscale(self, image):
        """Pictures of any size made larger: uint8 [B, h, w, C] to [B, scale h, scale w, C]."""
        return pixels.quantize(self.generator(pixels.scale(image), training=False))

    def forward(self, batch):
        self.generator(self.real(batch)[0], training=True)

    def signatures(self):
        """`upscale`."""

        def upscale(image):
            return {"image": self.upscale(image)}

        spec = tf.TensorSpec([None, None, None, self.x_shape[-1]], tf.uint8, "image")
        return {"upscale": (upscale, {"image": spec})}

    def describe(self):
        return {
            "x_shape": list(self.x_shape),
            "scale": self.scale,
            "halo": self.halo,
            "degradation": self.degradation,
        }


def check(x_shape, scale, name):
    """Raises a ZooError where crops of that shape cannot be made small in that way."""
    if name not in degradation.known:
        raise unknown("degradation", name, degradation.known)
    if len(x_shape) != 3 or x_shape[0] % scale or x_shape[1] % scale:
        raise ZooError(
            f"The crops are {tuple(x_shape)}, but their height and width must be multiples of the scale "
            f"({scale}).",
            image_size=24 * scale,
        )

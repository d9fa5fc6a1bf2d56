"""The training base class of super-resolution models."""

import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game.adversarial import Adversarial
from zoo.images import degradation, pixels
from zoo.tasks.super_resolution.preview import Enlargements


class Enlarger(Adversarial):
    """A model whose generator enlarges images.

    Args:
        generator: Network from `[B, h, w, C]` in `low_range` to `[B, scale h, scale w, C]` in [−1, 1], for
            any h, w.
        sides: Dict of the other sides. See `Adversarial`.
        x_shape: Tuple `(H, W, C)` of the training crops.
        scale: Integer. Factor of height and width.
        halo: Integer. Number of pixels of the small image, on each side of a pixel, that affect the result
            at that pixel.
        degradation: String. Method that makes the small images. See `zoo.images.degradation`.
        low_range: Two floats. Range of the small images that the generator receives.

    Raises:
        ZooError: An unknown degradation, or crops whose sides are not multiples of the scale.
    """

    task = "super_resolution"
    preview = Enlargements

    def __init__(self, generator, sides, x_shape, scale, halo, degradation, low_range, **kwargs):
        super().__init__({**sides, "generator": [generator]}, **kwargs)
        self.generator = generator
        self.x_shape, self.scale, self.halo = tuple(x_shape), scale, halo
        self.degradation, self.low_range = degradation, tuple(low_range)
        check(x_shape, scale, degradation)

    def real(self, batch):
        """Returns the small images of a batch in `low_range` and the sharp ones in [−1, 1], as `(x, y)`."""
        return pixels.scale(self.reduce(batch["x"]), *self.low_range), pixels.scale(batch["x"])

    def reduce(self, images):
        """Reduces sharp images: uint8 `[B, scale h, scale w, C]` to `[B, h, w, C]`."""
        return degradation.known[self.degradation](images, self.scale)

    def upscale(self, image):
        """Enlarges images of any size: uint8 `[B, h, w, C]` to `[B, scale h, scale w, C]`."""
        return pixels.quantize(self.generator(pixels.scale(image, *self.low_range), training=False))

    def forward(self, batch):
        """Runs the generator on the small images of a batch, in training mode."""
        self.generator(self.real(batch)[0], training=True)

    def signatures(self):
        """Returns `upscale`: images to enlarged images."""

        def upscale(image):
            return {"image": self.upscale(image)}

        spec = tf.TensorSpec([None, None, None, self.x_shape[-1]], tf.uint8, "image")
        return {"upscale": (upscale, {"image": spec})}

    def describe(self):
        """Returns the shape of the crops, the scale, the halo and the degradation."""
        return {
            "x_shape": list(self.x_shape),
            "scale": self.scale,
            "halo": self.halo,
            "degradation": self.degradation,
        }


def check(x_shape, scale, name):
    """Checks that crops of a shape can be reduced.

    Args:
        x_shape: Tuple `(H, W, C)`.
        scale: Integer. Factor of height and width.
        name: String. Name of the degradation.

    Raises:
        ZooError: An unknown degradation, or sides that are not multiples of the scale.
    """
    if name not in degradation.known:
        raise unknown("degradation", name, degradation.known)
    if len(x_shape) != 3 or x_shape[0] % scale or x_shape[1] % scale:
        raise ZooError(
            f"The crops are {tuple(x_shape)}, but their height and width must be multiples of the scale "
            f"({scale}).",
            image_size=24 * scale,
        )

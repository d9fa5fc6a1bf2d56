"""The training base class of restoration models."""

import tensorflow as tf

from zoo.game.adversarial import Adversarial
from zoo.images import pixels
from zoo.tasks.restoration.damage import make, without
from zoo.tasks.restoration.preview import Restorations


class Restorer(Adversarial):
    """A model whose generator restores the missing or noisy pixels of images.

    All other pixels are copied.

    Args:
        generator: Network from a damaged image in [−1, 1] and its mask in {0, 1}, `[B, H, W, C + 1]`, to
            the restored image `[B, H, W, C]`, for any H and W that are multiples of `multiple`.
        sides: Dict of the other sides. See `Adversarial`.
        x_shape: Tuple `(H, W, C)` of the training crops.
        damage: Dict of the damage, `{"holes": "center"}` or `{"sigma": 25.0}`. See
            `zoo.tasks.restoration.damage.make`. With holes, `restore` takes a mask. Otherwise all pixels
            are restored.
        largest: Integer. Maximum number of pixels of an image.
        multiple: Integer. Factor by which the generator reduces height and width.
    """

    task = "restoration"
    preview = Restorations

    def __init__(self, generator, sides, x_shape, damage, largest, multiple, **kwargs):
        super().__init__({**sides, "generator": [generator]}, **kwargs)
        self.generator = generator
        self.x_shape, self.described = tuple(x_shape), dict(damage)
        self.damage, self.masked = make(**damage), "holes" in damage
        self.largest, self.multiple = largest, multiple

    def restored(self, x, mask, training=False):
        """Returns restored images in [−1, 1], with a gradient.

        Args:
            x: Tensor `[B, H, W, C]` in [−1, 1]. Damaged images.
            mask: Tensor bool `[B, H, W]`.
            training: Boolean. Defaults to `False`.
        """
        mask = mask[..., None]
        y = self.generator(tf.concat([x, tf.cast(mask, x.dtype)], -1), training=training)
        return tf.where(mask, y, x)

    def restore(self, image, mask):
        """Restores images of any size, one by one.

        Args:
            image: Tensor uint8 `[B, H, W, C]`.
            mask: Tensor bool `[B, H, W]`, `True` for pixels to restore.

        Returns:
            Tensor uint8 `[B, H, W, C]`.
        """

        def one(inputs):
            image, mask = (value[None] for value in inputs)
            height, width = tf.shape(image)[1], tf.shape(image)[2]
            image = without(image, mask) if self.masked else image
            x = pixels.mirrored_to(pixels.scale(image), self.multiple)
            m = pixels.mirrored_to(mask[..., None], self.multiple)[..., 0]
            return pixels.quantize(self.restored(x, m)[0, :height, :width])

        spec = tf.TensorSpec([None, None, image.shape[-1]], tf.uint8)
        return tf.map_fn(one, (image, mask), fn_output_signature=spec, parallel_iterations=1)

    def signatures(self):
        """Returns `restore`: images, and masks of missing pixels, to restored images."""

        def restore(image, mask=None):
            everywhere = tf.ones(tf.shape(image)[:3], tf.bool)
            return {"image": self.restore(image, everywhere if mask is None else mask)}

        image = {"image": tf.TensorSpec([None, None, None, self.x_shape[-1]], tf.uint8, "image")}
        mask = {"mask": tf.TensorSpec([None, None, None], tf.bool, "mask")}
        return {"restore": (restore, {**image, **(mask if self.masked else {})})}

    def describe(self):
        """Returns the shape of the crops, the largest image, the damage, and whether there is a mask."""
        return {
            "x_shape": list(self.x_shape),
            "largest": self.largest,
            "damage": self.described,
            "masked": self.masked,
        }

"""The training base class of translators."""

import tensorflow as tf

from zoo.game import randomness
from zoo.game.adversarial import Adversarial
from zoo.images import pixels
from zoo.tasks.translation.preview import Translations


class Translator(Adversarial):
    """A model whose generators translate images of any size.

    Args:
        translations: Dict, `{"a_to_b": generator, …}`, of networks from and to `[B, H, W, C]` in [−1, 1],
            for any H and W that are multiples of `multiple`.
        discriminators: List of networks.
        x_shape: Tuple `(H, W, C)` of the training images.
        width: Integer. Channels of the generators at full size, which determine the memory.
        multiple: Integer. Factor by which the generators reduce height and width.
        least: Integer. Shortest side that the generators accept. Defaults to 1.
        noisy: Boolean. Whether the generators' only noise is dropout, which then stays on after training.
            `translate` then takes a seed. Defaults to `False`.
    """

    task = "translation"
    preview = Translations

    def __init__(
        self, translations, discriminators, x_shape, width, multiple, least=1, noisy=False, **kwargs
    ):
        sides = {"discriminator": discriminators, "generator": list(translations.values())}
        super().__init__(sides=sides, **kwargs)
        self.translations = translations
        self.x_shape = tuple(x_shape)
        self.largest_picture = 2**27 // width  # pixels, in at most 4 GB: 2048 × 2048 took 2.6 at 32
        self.multiple, self.least, self.noisy = multiple, least, noisy

    def real(self, batch):
        """Returns the images of both domains in [−1, 1], `(a, b)`, each `[B, H, W, C]`."""
        return pixels.scale(batch["a"]), pixels.scale(batch["b"])

    def translate(self, image, name, seed=None):
        """Translates images one by one.

        Args:
            image: Tensor uint8 `[B, H, W, C]`, of any size.
            name: String. Name of the translation.
            seed: Tensor int64 `[B]`, for noisy generators.

        Returns:
            Tensor uint8 `[B, H, W, C]`. A row depends only on its own image and seed.
        """
        generator = self.translations[name]

        def one(inputs):
            picture, number = inputs
            height, width = tf.shape(picture)[0], tf.shape(picture)[1]
            x = pixels.mirrored_to(pixels.scale(picture[None]), self.multiple, self.least)
            with randomness.Draws(number):
                y = generator(x, training=self.noisy)
            return pixels.quantize(y[0, :height, :width])

        numbers = tf.zeros(tf.shape(image)[:1], tf.int64) if seed is None else seed
        spec = tf.TensorSpec([None, None, image.shape[-1]], tf.uint8)
        return tf.map_fn(one, (image, numbers), fn_output_signature=spec, parallel_iterations=1)

    def signatures(self):
        """Returns one signature per direction: images of any size, and seeds for noisy generators."""
        specs = {"image": tf.TensorSpec([None, None, None, self.x_shape[-1]], tf.uint8, "image")}
        if self.noisy:
            specs["seed"] = tf.TensorSpec([None], tf.int64, "seed")

        def signature(name):
            return lambda image, seed=None: {"image": self.translate(image, name, seed)}

        return {name: (signature(name), specs) for name in self.translations}

    def describe(self):
        """Returns the directions and the sizes that the generators accept."""
        return {
            "translations": list(self.translations),
            "x_shape": list(self.x_shape),
            "noisy": self.noisy,
            "largest_picture": self.largest_picture,
            "multiple": self.multiple,
        }

"""A loaded translator."""

import numpy as np

from zoo.errors import ZooError, unknown
from zoo.images import pixels
from zoo.saved.trained import Trained
from zoo.tasks.translation.folder import translate_files


class TrainedTranslator(Trained):
    """A trained translator of images, with `translate`."""

    task = "translation"
    options = ("input", "direction", "longest", "beside")

    def write_samples(self, out, seed=0, input=None, direction=None, longest=None, beside=False):
        """Translates image files. See `zoo.tasks.translation.folder.translate_files`."""
        return translate_files(self, input, out, direction, seed, longest, beside)

    @property
    def translations(self):
        """Names of the directions in which the model translates images."""
        return self.interface.get("translations", [])

    def translate(self, image, direction=None, seed=0):
        """Translates images of one domain into images of another.

        Args:
            image: uint8 `[H, W]`, `[H, W, C]` or `[B, H, W, C]`, of any size; a Pillow image; or the path
                of an image file. C may be 1, 3 or 4. The fourth channel is opacity on a white background.
            direction: String. One of `translations`. Defaults to the first.
            seed: Integer, or one integer per image, for noisy generators. Defaults to 0.

        Returns:
            uint8 `[H, W, C]`, or `[B, H, W, C]` for a batch. An image depends only on its original and
            seed.

        Raises:
            ZooError: An unknown direction, images that are not uint8, or images that are too large.
        """
        direction = direction or self.translations[0]
        if direction not in self.translations:
            raise unknown(f"direction of {self.name} named", direction, self.translations)
        batch = pixels.as_batch(image, self.interface["x_shape"][-1])
        height, width = batch.shape[1:3]
        largest, multiple = self.interface["largest_picture"], self.interface.get("multiple", 1)
        padded = -(-height // multiple) * -(-width // multiple) * multiple**2
        if padded > largest:
            shrink = (largest / padded) ** 0.5
            raise ZooError(
                f"An image of {width}×{height} would take too much memory. Reduce it to at most "
                f"{int(width * shrink)}×{int(height * shrink)}.",
                longest=int(max(height, width) * shrink),
            )
        seeds = np.full(len(batch), seed) if np.ndim(seed) == 0 else seed
        noise = {"seed": seeds} if self.interface["noisy"] else {}
        result = self.call(direction, batch=16, image=batch, **noise)["image"]
        return result if np.ndim(image) == 4 else result[0]

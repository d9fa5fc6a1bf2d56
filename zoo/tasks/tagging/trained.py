"""A loaded tagger."""

import numpy as np

from zoo.images import pixels
from zoo.saved.trained import Trained
from zoo.tasks.tagging.folder import tag_files


class TrainedTagger(Trained):
    """A trained tagger of images, with `tag`."""

    task = "tagging"
    options = ("input",)

    def write_samples(self, out, seed=0, input=None):
        """Tags image files. See `zoo.tasks.tagging.folder.tag_files`."""
        return tag_files(self, input, out, seed)

    def tag(self, image, seed=0):
        """Returns words for images.

        Args:
            image: uint8 `[H, W]`, `[H, W, C]` or `[B, H, W, C]`, of any size; a Pillow image; or the path
                of an image file. Only the central square is used.
            seed: Integer, or one integer per image. Defaults to 0.

        Returns:
            List of words, most frequent first, or a list of such lists for a batch.

        Raises:
            ZooError: The images are not uint8.
        """
        side, _, channels = self.interface["x_shape"]
        batch = np.stack([pixels.fitted(x, side, channels) for x in pixels.as_batch(image, channels)])
        seeds = np.full(len(batch), seed) if np.ndim(seed) == 0 else seed
        at_once = max(1, min(32, 2_000_000 // self.interface["words"]))  # each image has 100 samples
        found = self.call("tag", batch=at_once, image=batch, seed=seeds)["tag"]
        words = [[word.decode() for word in row] for row in found]
        return words if np.ndim(image) == 4 else words[0]

"""A loaded super-resolution model."""

import itertools

import numpy as np

from zoo.errors import ZooError
from zoo.images import pixels
from zoo.saved.trained import Trained
from zoo.tasks.super_resolution.folder import enlarge_files


class TrainedEnlarger(Trained):
    """A trained super-resolution model, with `upscale`."""

    task = "super_resolution"
    options = ("input", "longest", "beside")

    def write_samples(self, out, seed=0, input=None, longest=None, beside=False):
        """Enlarges image files. See `zoo.tasks.super_resolution.folder.enlarge_files`."""
        return enlarge_files(self, input, out, longest, beside)

    def upscale(self, image, tile=None):
        """Enlarges images, in overlapping tiles.

        The tiles overlap by the receptive field of the generator. The result is the same as that of the
        whole image, in less memory.

        Args:
            image: uint8 `[H, W]`, `[H, W, C]` or `[B, H, W, C]`, of any size; a Pillow image; or the path
                of an image file. C may be 1, 3 or 4. The fourth channel is opacity on a white background.
            tile: Integer. Longest side of a tile, in pixels of the small image. Defaults to 160, or to the
                whole image if it has at most 320×240 pixels.

        Returns:
            uint8 `[scale H, scale W, C]`, or `[B, scale H, scale W, C]` for a batch.

        Raises:
            ZooError: The images are not uint8, or the tile is not a positive integer.
        """
        batch = pixels.as_batch(image, self.interface["x_shape"][-1])
        n, height, width, channels = batch.shape
        if tile is not None and (not isinstance(tile, (int, np.integer)) or tile < 1):
            raise ZooError(f"A tile has a side of whole pixels, at least 1, not {tile!r}.")
        scale, halo = self.interface["scale"], self.interface["halo"]
        result = np.empty((n, scale * height, scale * width, channels), np.uint8)
        if tile is None:
            tile = max(height, width) if height * width <= 320 * 240 else 160
        high, wide = (-(-side // -(-side // tile)) for side in (height, width))  # alike, and few
        places = itertools.product(range(n), range(0, height, high), range(0, width, wide))
        for picture, y, x in places:
            top, left = max(y - halo, 0), max(x - halo, 0)
            part = batch[picture, None, top : y + high + halo, left : x + wide + halo]
            made = self.call("upscale", image=part)["image"][0, scale * (y - top) :, scale * (x - left) :]
            place = result[picture, scale * y : scale * (y + high), scale * x : scale * (x + wide)]
            place[:] = made[: place.shape[0], : place.shape[1]]
        return result if np.ndim(image) == 4 else result[0]

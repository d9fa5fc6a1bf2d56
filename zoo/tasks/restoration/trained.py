"""A loaded restoration model."""

import numpy as np

from zoo.errors import ZooError
from zoo.images import pixels
from zoo.saved.trained import Trained
from zoo.tasks.restoration.folder import restore_files


class TrainedRestorer(Trained):
    """A trained model for inpainting or denoising, with `restore`."""

    task = "restoration"
    options = ("input", "longest", "beside")

    def write_samples(self, out, seed=0, input=None, longest=None, beside=False):
        """Restores image files. See `zoo.tasks.restoration.folder.restore_files`."""
        return restore_files(self, input, out, longest, beside)

    def restore(self, image, mask=None):
        """Restores images.

        Args:
            image: uint8 `[H, W]`, `[H, W, C]` or `[B, H, W, C]`, of any size; a Pillow image; or the path
                of an image file. C may be 1, 3 or 4. The fourth channel is opacity. A model for inpainting
                fills the pixels that are not opaque. Other models lay the image on white.
            mask: Boolean `[H, W]` or `[B, H, W]`, `True` for missing pixels. Required by models for
                inpainting, unless the images have four channels.

        Returns:
            uint8 `[H, W, C]`, or `[B, H, W, C]` for a batch. Pixels outside the mask are copied.

        Raises:
            ZooError: The images are not uint8 or too large, or the mask is missing, not boolean, of another
                size, or not for this model.
        """
        batch = pixels.as_array(image, alpha=self.interface["masked"])
        if self.interface["masked"] and batch.ndim > 2 and batch.shape[-1] == 4:
            clear = batch[..., 3] < 255
            image, mask = batch[..., :3], clear if mask is None else _either(mask, clear)
        single = batch.ndim < 4
        batch = pixels.as_batch(image, self.interface["x_shape"][-1])
        height, width = batch.shape[1:3]
        if height * width > self.interface["largest"]:
            shrink = (self.interface["largest"] / (height * width)) ** 0.5
            raise ZooError(
                f"An image of {width}×{height} would take too much memory. Reduce it to at most "
                f"{int(width * shrink)}×{int(height * shrink)}.",
                longest=int(max(height, width) * shrink),
            )
        masks = self._masks(mask, single, batch.shape[:3])
        result = self.call("restore", batch=16, image=batch, **masks)["image"]
        return result[0] if single else result

    def _masks(self, mask, single, shape):
        """Returns the mask as an input of the signature, if it has one."""
        if not self.interface["masked"]:
            if mask is not None:
                raise ZooError(f"{self.name} restores all pixels and does not take a mask. Remove it.")
            return {}
        if mask is None:
            raise ZooError(
                "A mask is missing: a boolean array that is True for missing pixels. Pass `mask`, or RGBA "
                "images in which missing pixels are transparent."
            )
        masks = np.asarray(mask)
        masks = masks[None] if single and masks.ndim == 2 else masks
        if masks.dtype != bool or masks.shape != shape:
            rows = "×".join(map(str, shape[1:] if single else shape))
            raise ZooError(f"mask must be a boolean array of {rows}, not {masks.dtype} {np.shape(mask)}.")
        return {"mask": masks}


def _either(mask, clear):
    """Returns the union of a user's mask and the transparent pixels, or the mask if their shapes differ."""
    mask = np.asarray(mask)
    return mask | clear if mask.dtype == bool and mask.shape == clear.shape else mask

"""Restoration of image files."""

import numpy as np

from zoo.errors import ZooError
from zoo.images import pixels
from zoo.images.files import read_image
from zoo.images.folders import files_of, process_files


def restore_files(trained, source, out, longest=None, beside=False):
    """Restores an image file, or every image file of a folder.

    A model for inpainting fills the pixels that are not opaque, such as the erased parts of a PNG file.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        source, out, longest: See `process_files`.
        beside: Boolean. Whether the result has the original on its left side. Defaults to `False`.

    Returns:
        List of the paths of the files.

    Raises:
        ZooError: See `process_files` and `TrainedRestorer.restore`; or an image for inpainting does not
            have transparent pixels.
    """
    masked = trained.interface["masked"]
    channels = trained.interface["x_shape"][-1]
    for path in files_of(source) if masked else ():
        image = read_image(path, alpha=True)
        if image.mode != "RGBA" or image.getextrema()[3][0] == 255:
            raise ZooError(
                f"{path} does not have transparent pixels, which {trained.name} fills. Erase the missing "
                "parts of the image and save it as PNG."
            )

    def restored(original):
        result = trained.restore(original)
        return np.concatenate([pixels.as_batch(original, channels)[0], result], 1) if beside else result

    factors = (2 if beside else 1, 1)
    return process_files(source, out, restored, 4 if masked else channels, longest, factors)

"""Super-resolution of image files."""

import numpy as np
from PIL import Image

from zoo.images.files import to_pillow
from zoo.images.folders import process_files


def enlarge_files(trained, source, out, longest=None, beside=False):
    """Enlarges an image file, or every image file of a folder.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        source, out, longest: See `process_files`.
        beside: Boolean. Whether the result has the bicubically enlarged original on its left side.
            Defaults to `False`.

    Returns:
        List of the paths of the files.

    Raises:
        ZooError: See `process_files` and `TrainedEnlarger.upscale`.
    """

    def enlarged(original):
        result = trained.upscale(original)
        if not beside:
            return result
        bicubic = to_pillow(original).resize(result.shape[1::-1], Image.Resampling.BICUBIC)
        return np.concatenate([np.asarray(bicubic).reshape(result.shape), result], axis=1)

    scale = trained.interface["scale"]
    factors = (2 * scale if beside else scale, scale)
    return process_files(source, out, enlarged, trained.interface["x_shape"][-1], longest, factors)

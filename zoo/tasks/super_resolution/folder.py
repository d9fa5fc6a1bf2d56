"""Super-resolution of image files."""

import numpy as np
from PIL import Image

from zoo.images.files import to_pillow
from zoo.images.folders import process_files


def enlarge_files(trained, source, out, longest=None, beside=False):
    """Enlarges a picture, or every picture of a folder.

    Args:
        trained: a `zoo.saved.trained.Trained`.
        source, out, longest: as for `process_files`.
        beside: whether the original, enlarged bicubically, stands to the left.

    Returns:
        The paths written.

    Raises:
        ZooError: what `process_files` and `Trained.upscale` raise.
    """

    def enlarged(original):
        result = trained.upscale(original)
        if not beside:
            return result
        bicubic = to_pillow(original).resize(result.shape[1::-1], Image.Resampling.BICUBIC)
        return np.concatenate([np.asarray(bicubic).reshape(result.shape), result], axis=1)

    return process_files(source, out, enlarged, trained.interface["x_shape"][-1], longest)

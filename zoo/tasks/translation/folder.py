"""Translation of image files."""

import numpy as np

from zoo.images.folders import process_files


def translate_files(trained, source, out, direction=None, seed=0, longest=None, beside=False):
    """Translates a picture, or every picture of a folder.

    Args:
        trained: a `zoo.saved.trained.Trained`.
        source, out, longest: as for `process_files`.
        direction: one of `trained.translations`; None: the first.
        seed: decides the noise, where there is any.
        beside: whether the original stands to the left of its translation.

    Returns:
        The paths written.

    Raises:
        ZooError: what `process_files` and `Trained.translate` raise.
    """

    def translated(original):
        result = trained.translate(original, direction, seed)
        return np.concatenate([original, result], axis=1) if beside else result

    return process_files(source, out, translated, trained.interface["x_shape"][-1], longest)

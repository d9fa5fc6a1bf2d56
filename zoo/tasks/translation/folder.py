"""Translation of image files."""

import numpy as np

from zoo.images.folders import process_files


def translate_files(trained, source, out, direction=None, seed=0, longest=None, beside=False):
    """Translates an image file, or every image file of a folder.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        source, out, longest: See `process_files`.
        direction: String. One of `trained.translations`. Defaults to the first.
        seed: Integer. Random seed of noisy generators. Defaults to 0.
        beside: Boolean. Whether the result has the original on its left side. Defaults to `False`.

    Returns:
        List of the paths of the files.

    Raises:
        ZooError: See `process_files` and `TrainedTranslator.translate`.
    """

    def translated(original):
        result = trained.translate(original, direction, seed)
        return np.concatenate([original, result], axis=1) if beside else result

    factors = (2 if beside else 1, 1)
    return process_files(source, out, translated, trained.interface["x_shape"][-1], longest, factors)

"""Fréchet Segmentation Distance: which things are seen how large, in real and in generated pictures.

Bau et al. 2019, arXiv 1910.11626, §3.1; table 4 of Liu et al. 2020. Comparable only where the segmenter is
the same.
"""

import numpy as np

from zoo.metrics.frechet import frechet


def pixel_counts(labels, classes):
    """How many pixels of each picture a segmenter gives to each class.

    Args:
        labels: int [N, H, W], below `classes`.

    Returns:
        float64 [N, classes].
    """
    return np.stack([np.bincount(np.ravel(one), minlength=classes) for one in labels]).astype(np.float64)


def fsd(real, fake, classes):
    """The Fréchet distance of pixel counts, in squared pixels.

    Args:
        real, fake: what a segmenter reads, int [N, H, W] and [M, H, W], below `classes`.
    """
    return frechet(pixel_counts(real, classes), pixel_counts(fake, classes))

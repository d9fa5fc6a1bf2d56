"""Fréchet Segmentation Distance (FSD).

Compares the areas of objects in real and generated images. Distances are comparable only if the segmenter
is the same.

Reference:
    Bau et al., 2019, "Seeing What a GAN Cannot Generate", arXiv 1910.11626, section 3.1. Liu et al., 2020,
    arXiv 2006.10728, table 4.
"""

import numpy as np

from zoo.metrics.frechet import frechet


def pixel_counts(labels: np.ndarray, classes: int) -> np.ndarray:
    """Counts the pixels of each class in each image.

    Args:
        labels: Integer array `[N, H, W]`. Labels in 0..classes - 1.
        classes: Integer. Number of classes.

    Returns:
        float64 array `[N, classes]`.
    """
    return np.stack([np.bincount(np.ravel(one), minlength=classes) for one in labels]).astype(np.float64)


def fsd(real: np.ndarray, fake: np.ndarray, classes: int) -> float:
    """Computes the Fréchet distance of the pixel counts of segmented images.

    Args:
        real: Integer array `[N, H, W]`. Labels of the pixels of real images.
        fake: Integer array `[M, H, W]`. Labels of the pixels of generated images.
        classes: Integer. Number of classes.

    Returns:
        Non-negative float in squared pixels, up to rounding.
    """
    return frechet(pixel_counts(real, classes), pixel_counts(fake, classes))

"""Agreement of the colors of objects in translated images."""

import numpy as np
from scipy import ndimage
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

least = 20  # minimum number of pixels of an object


def of_objects(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Computes the mean color of each object.

    An object is a connected region of one label other than 0 (the background). Regions of fewer than 20
    pixels are skipped.

    Args:
        images: Array `[N, H, W, C]`.
        labels: Integer array `[N, H, W]`.

    Returns:
        float64 array `[objects, C]`.
    """
    colors = []
    for image, label in zip(np.asarray(images, np.float64), labels):
        for kind in np.setdiff1d(label, [0]):
            regions, n = ndimage.label(label == kind)
            for region in (regions == i for i in range(1, n + 1)):
                if region.sum() >= least:
                    colors.append(image[region].mean(0))
    return np.array(colors)


def nearest(colors: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Returns the index of the nearest color of a palette for each color.

    Args:
        colors: Array `[objects, C]`.
        palette: Array `[K, C]`.

    Returns:
        Integer array `[objects]`.
    """
    return np.square(colors[:, None] - palette[None]).sum(-1).argmin(1)


def agreement(ours: np.ndarray, theirs: np.ndarray, names: np.ndarray) -> float:
    """Computes the share of objects with the color class of their true counterparts.

    The classifier uses the five nearest colors of true counterparts.

    Args:
        ours: Array `[objects, C]`. Mean colors of objects.
        theirs: Array `[objects, C]`. Mean colors of the true counterparts.
        names: Integer array `[objects]`. Color class of each counterpart.

    Returns:
        Float in [0, 1].
    """
    return KNeighborsClassifier(5).fit(theirs, names).score(ours, names)


def readable(theirs: np.ndarray, names: np.ndarray) -> float:
    """Computes the accuracy of the color classifier on real objects.

    Uses five-fold cross-validation.

    Args:
        theirs: Array `[objects, C]`. Mean colors of objects.
        names: Integer array `[objects]`. Color class of each object.

    Returns:
        Float in [0, 1].
    """
    return float(cross_val_score(KNeighborsClassifier(5), theirs, names, cv=5).mean())

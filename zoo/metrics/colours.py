"""Whether objects have the colours that they should."""

import numpy as np
from scipy import ndimage
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

least = 20  # pixels of an object that has a colour


def of_objects(images, labels):
    """The mean colour of each object: of each connected region of one label but 0 (the ground).

    Args:
        images: [N, H, W, C].
        labels: which object, or none, is at each pixel [N, H, W].

    Returns:
        float64 [objects, C].
    """
    found = []
    for image, label in zip(np.float64(images), labels):
        for kind in np.setdiff1d(label, [0]):
            regions, n = ndimage.label(label == kind)
            for region in (regions == i for i in range(1, n + 1)):
                if region.sum() >= least:
                    found.append(image[region].mean(0))
    return np.array(found)


def nearest(colours, palette):
    """Which colour of a palette is nearest to each: [objects, C] and [K, C] to int [objects]."""
    return np.square(colours[:, None] - palette[None]).sum(-1).argmin(1)


def agreement(ours, theirs, names):
    """The share of objects whose colour is read, by its five nearest among real objects, as it should be.

    Args:
        ours, theirs: mean colours of objects and of their true counterparts [objects, C].
        names: what the counterparts' colours are called, int [objects].
    """
    return KNeighborsClassifier(5).fit(theirs, names).score(ours, names)


def readable(theirs, names):
    """The share of real objects whose colour is read rightly among the others, by five-fold validation."""
    return float(cross_val_score(KNeighborsClassifier(5), theirs, names, cv=5).mean())

"""Whether objects have the colours that they should."""

import numpy as np
from scipy import ndimage
from sklearn.cluster import KMeans

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


def agreement(images, wanted, labels, count):
    """The share of objects whose colour is nearest to the one of `count` that the wanted ones have.

    Args:
        images, wanted: uint8 [N, H, W, C].
        labels: as for `of_objects`.
        count: how many colours the wanted objects have, the centres of their k-means.
    """
    ours, theirs = of_objects(images, labels), of_objects(wanted, labels)
    colours = KMeans(count, n_init=10, random_state=0).fit(theirs)
    return float(np.mean(colours.predict(ours) == colours.labels_))

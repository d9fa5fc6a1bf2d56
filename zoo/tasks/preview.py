"""Previews: the images that a run writes each period.

A preview has a method `draw(step)`. It returns an image (uint8 `[H, W, C]`, or None) and the ratio of
the samples' variation to the data's.
"""

import numpy as np


def variation(x, groups=None):
    """Returns the mean standard deviation of a pixel or coordinate, within groups if given.

    Args:
        x: Array `[N, …]`.
        groups: Array `[N]` of group labels. Defaults to one group.
    """
    x = np.asarray(x, np.float32)
    parts = [x] if groups is None else [x[groups == g] for g in np.unique(groups)]
    return float(np.mean([part.std(0).mean() for part in parts])) + 1e-9


class Nothing:
    """A preview without images, for models that do not generate."""

    def __init__(self, model, data):
        pass

    def draw(self, step):
        """Returns no image and a ratio of 1."""
        return None, 1.0

"""What a training shows of itself each period: the same request, answered by what was learned so far.

A preview has `draw(step)`, which returns a picture (uint8 [H, W, C], or None) and how much the
generator's answers vary, over how much the data does.
"""

import numpy as np


def variation(x, groups=None):
    """The mean standard deviation of a pixel (or coordinate), within groups where there are any."""
    x = np.asarray(x, np.float32)
    parts = [x] if groups is None else [x[groups == g] for g in np.unique(groups)]
    return float(np.mean([part.std(0).mean() for part in parts])) + 1e-9


class Nothing:
    """Of a model that makes no pictures."""

    def __init__(self, model, data):
        pass

    def draw(self, step):
        return None, 1.0

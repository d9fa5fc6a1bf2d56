"""The preview of restoration."""

import numpy as np
import tensorflow as tf

from zoo.images.sheets import tile
from zoo.tasks.preview import variation
from zoo.tasks.restoration.damage import each


class Restorations:
    """Shows images: damaged, restored and original.

    Args:
        model: A `Restorer`.
        data: The training data.
    """

    shown = 8

    def __init__(self, model, data):
        self.whole = data.columns(0, self.shown)["x"]
        self.damaged, self.mask = each(model.damage, self.whole, range(len(self.whole)))
        self.restore = tf.function(model.restore, autograph=False)

    def draw(self, step):
        """Returns the image of a step, and the ratio of the results' variation to the originals'."""
        restored = self.restore(self.damaged, self.mask).numpy()
        sheet = np.concatenate([self.damaged, restored, self.whole])
        return tile(sheet, len(restored)), variation(restored) / variation(self.whole)

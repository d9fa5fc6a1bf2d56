"""The preview of super-resolution."""

import numpy as np
import tensorflow as tf

from zoo.images import pixels
from zoo.images.sheets import tile
from zoo.tasks.preview import variation


class Enlargements:
    """Shows centers of images: enlarged bicubically, by the generator, and original.

    Args:
        model: An `Enlarger`.
        data: The training data.
    """

    shown = 8

    def __init__(self, model, data):
        self.sharp = data.columns(0, self.shown)["x"]
        self.small = model.reduce(self.sharp)
        self.bicubic = pixels.resized(self.small, self.sharp.shape[1:3]).numpy()
        self.upscale = tf.function(model.upscale, autograph=False)

    def draw(self, step):
        """Returns the image of a step, and the ratio of the results' variation to the originals'."""
        made = self.upscale(self.small).numpy()
        sheet = np.concatenate([self.bicubic, made, self.sharp])
        return tile(sheet, len(made)), variation(made) / variation(self.sharp)

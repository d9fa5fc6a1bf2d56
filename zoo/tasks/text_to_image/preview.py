"""The preview of a generator with two stages."""

import tensorflow as tf

from zoo.tasks.generation.preview import Samples
from zoo.tasks.inputs import two_stages
from zoo.tasks.preview import variation


class Stacked(Samples):
    """Shows one row per caption: images of the first stage left, of the second right."""

    def __init__(self, model, data):
        super().__init__(model, data)
        self.sketch = tf.function(model.sketch, autograph=False)

    def draw(self, step):
        """Returns the image of a step, and the variation ratio of the current stage."""
        stages = [draw(**self.inputs).numpy() for draw in (self.sketch, self.sample)]
        shown = two_stages(*stages, self.columns)
        rough, fine = stages
        return shown, variation(fine if self.model.stage else rough) / self.reference

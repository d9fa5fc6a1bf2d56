"""The preview of a generator with two stages."""

import tensorflow as tf

from zoo.tasks.generation.preview import Samples
from zoo.tasks.inputs import two_stages
from zoo.tasks.preview import variation


class Stacked(Samples):
    """A row a text: what the first stage makes, left, and what the second makes of it, right."""

    def __init__(self, model, data):
        super().__init__(model, data)
        self.sketch = tf.function(model.sketch, autograph=False)

    def draw(self, step):
        stages = [draw(**self.inputs).numpy() for draw in (self.sketch, self.sample)]
        shown = two_stages(*stages, self.columns)
        rough, fine = stages
        return shown, variation(fine if self.model.stage else rough) / self.reference

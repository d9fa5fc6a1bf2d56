"""The preview of a tagger."""

import tensorflow as tf

from zoo.images import plots


class Tagged:
    """Shows images with the tags of users and the generated tags.

    Args:
        model: A `Tagger`.
        data: The training data.
    """

    shown = 8

    def __init__(self, model, data):
        columns = data.columns(0, self.shown)
        self.images = columns["x"]
        given = [", ".join(tag.decode() for tag in tags if tag) for tags in columns["tags"]]
        self.columns = {"User tags": given, "Generated tags": None}
        self.model, self.tags = model, tf.function(model.tags, autograph=False)

    def draw(self, step):
        """Returns the image of a step, and a ratio of 1."""
        best, _ = self.tags(self.images, tf.range(len(self.images), dtype=tf.int64))
        self.columns["Generated tags"] = [", ".join(self.model.vocabulary[i] for i in row) for row in best]
        return plots.table(self.images, self.columns), 1.0

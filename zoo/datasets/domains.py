"""Two unpaired sets of images."""

import dataclasses

import numpy as np
import tensorflow as tf

from zoo.datasets.data import Data


@dataclasses.dataclass(frozen=True)
class Domains:
    """Two sets of pictures that nobody paired.

    Attributes:
        a, b: the `Data` of each.
    """

    a: Data
    b: Data
    is_pictures = True

    @property
    def classes(self):
        return self.a.classes

    @property
    def name(self):
        return self.a.name

    @property
    def shape(self):
        return self.a.shape

    @property
    def count(self):
        """Examples an epoch: all of the larger set."""
        return max(self.a.count, self.b.count)

    def batches(self, batch_size, seed, first=0):
        """Endless batches {"a", "b"}, each in an order of its own."""
        a, b = self.a.batches(batch_size, seed, first), self.b.batches(batch_size, seed + 2**31, first)
        return tf.data.Dataset.zip(a, b).map(lambda a, b: {"a": a["x"], "b": b["x"]}).prefetch(2)

    def labelled(self):
        """Both as one set, {"x", "y"}, whose label says which: 0 for a, 1 for b."""
        a, b = (
            data._examples.map(lambda example, y=y: {"x": example["x"], "y": tf.constant(y)})
            for y, data in enumerate((self.a, self.b))
        )
        whole = {"classes": 2, "count": self.a.count + self.b.count, "_examples": a.concatenate(b)}
        return dataclasses.replace(self.a, **whole)

    def columns(self, start=0, stop=None):
        """Examples of both, as many of each: {"a", "b"}.

        Where the i-th of both are one scene, as in the test splits of `shapes/unpaired`, also "y",
        its true segmentation, the same for both.
        """
        stop = min(self.a.count, self.b.count, self.count if stop is None else stop)
        a, b = self.a.columns(start, stop), self.b.columns(start, stop)
        of_pixels = "y" in a and "y" in b and a["y"].ndim > 2  # not the classes of a folder's sub-folders
        same = of_pixels and np.array_equal(a["y"], b["y"])
        return {"a": a["x"], "b": b["x"], **({"y": a["y"]} if same else {})}

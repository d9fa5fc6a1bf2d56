"""Two unpaired sets of images."""

import dataclasses

import numpy as np
import tensorflow as tf

from zoo.datasets.data import Data


@dataclasses.dataclass(frozen=True)
class Domains:
    """Two unpaired sets of images.

    Attributes:
        a, b: The `Data` of each domain.
    """

    a: Data
    b: Data
    is_images = True

    @property
    def classes(self):
        """Number of labels of the first domain."""
        return self.a.classes

    @property
    def name(self):
        """Name of the dataset."""
        return self.a.name

    @property
    def shape(self):
        """Shape of one image."""
        return self.a.shape

    @property
    def names(self):
        """Names of the labels of the first domain."""
        return self.a.names

    @property
    def origin(self):
        """How the first domain was read."""
        return self.a.origin

    def describe(self):
        """Returns one line that says how the data was read."""
        return f"A: {self.a.describe()}. B: {self.b.describe()}"

    @property
    def count(self):
        """Number of examples of an epoch: all of the larger set."""
        return max(self.a.count, self.b.count)

    def batches(self, batch_size, seed, first=0):
        """Returns infinite batches `{"a", "b"}`, with independent orders.

        Args:
            batch_size, seed, first: See `Data.batches`.
        """
        a, b = self.a.batches(batch_size, seed, first), self.b.batches(batch_size, seed + 2**31, first)
        return tf.data.Dataset.zip(a, b).map(lambda a, b: {"a": a["x"], "b": b["x"]}).prefetch(2)

    def labeled(self):
        """Returns both domains as one `Data`, with the label 0 for a and 1 for b."""
        a, b = (
            data._examples.map(lambda example, y=y: {"x": example["x"], "y": tf.constant(y)})
            for y, data in enumerate((self.a, self.b))
        )
        whole = {
            "classes": 2,
            "names": ("A", "B"),
            "count": self.a.count + self.b.count,
            "_examples": a.concatenate(b),
        }
        return dataclasses.replace(self.a, **whole)

    def columns(self, start=0, stop=None):
        """Returns examples of both domains, the same number of each, `{"a", "b"}`.

        If the i-th images of both domains show the same scene, as in the test splits of `shapes/unpaired`,
        the entry "y" is its true segmentation.

        Args:
            start, stop: See `Data.columns`.
        """
        stop = min(self.a.count, self.b.count, self.count if stop is None else stop)
        a, b = self.a.columns(start, stop), self.b.columns(start, stop)
        of_pixels = "y" in a and "y" in b and a["y"].ndim > 2  # not the classes of a folder's sub-folders
        same = of_pixels and np.array_equal(a["y"], b["y"])
        return {"a": a["x"], "b": b["x"], **({"y": a["y"]} if same else {})}

"""Data, all of it through TFDS: embedded builders, any set of TFDS by name, any folder of pictures."""

from zoo.datasets.loading import Data, load

__all__ = ["Data", "load"]

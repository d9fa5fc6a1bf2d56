"""Data, all of it through TFDS: embedded builders, any set of TFDS by name, any folder of pictures."""

from zoo.datasets.loading import Data, Domains, is_folder, load, load_domains, load_pairs, mixture

__all__ = ["Data", "Domains", "is_folder", "load", "load_domains", "load_pairs", "mixture"]

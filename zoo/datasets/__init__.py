"""Datasets: embedded ones, datasets of TFDS, and folders of images, all through TFDS."""

from zoo.datasets.data import Data
from zoo.datasets.descriptions import load_descriptions
from zoo.datasets.domains import Domains
from zoo.datasets.folder.layout import Reading, has_splits, is_folder
from zoo.datasets.loading import load, load_domains, load_pairs
from zoo.datasets.photographs import Photographs, load_photographs
from zoo.datasets.sources import mixture

__all__ = [
    "Data",
    "Domains",
    "Photographs",
    "Reading",
    "has_splits",
    "is_folder",
    "load",
    "load_descriptions",
    "load_domains",
    "load_pairs",
    "load_photographs",
    "mixture",
]

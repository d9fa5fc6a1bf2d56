"""Data, all of it through TFDS: embedded builders, any set of TFDS by name, any folder of pictures."""

from zoo.datasets.loading import (
    Data,
    Domains,
    Photographs,
    is_folder,
    load,
    load_descriptions,
    load_domains,
    load_pairs,
    load_photographs,
    mixture,
)

__all__ = [
    "Data",
    "Domains",
    "Photographs",
    "is_folder",
    "load",
    "load_descriptions",
    "load_domains",
    "load_pairs",
    "load_photographs",
    "mixture",
]

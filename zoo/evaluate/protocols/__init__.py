"""Evaluation protocols. Importing this package registers all of them."""

from zoo.evaluate.protocols import (
    classifiers,
    modes,
    restoration,
    samples,
    super_resolution,
    translations,
    words,
)

__all__ = ["classifiers", "modes", "restoration", "samples", "super_resolution", "translations", "words"]

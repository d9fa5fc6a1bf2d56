"""Evaluation protocols. Importing this package registers all of them."""

from zoo.evaluate.protocols import (
    judges,
    modes,
    restoration,
    samples,
    super_resolution,
    translations,
    words,
)

__all__ = ["judges", "modes", "restoration", "samples", "super_resolution", "translations", "words"]

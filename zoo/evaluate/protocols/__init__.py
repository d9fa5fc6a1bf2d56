"""Evaluation protocols. Importing this package registers all of them."""

from zoo.evaluate.protocols import judges, modes, samples, super_resolution, translations, words

__all__ = ["judges", "modes", "samples", "super_resolution", "translations", "words"]

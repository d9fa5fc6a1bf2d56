"""The preview of a translator."""

import functools

import numpy as np
import tensorflow as tf

from zoo.images.sheets import tile
from zoo.tasks.preview import variation


class Translations:
    """Shows eight images per direction.

    Each column has the original, its translation, and the translation back. If the model has one direction,
    the ground truth replaces the translation back.

    Args:
        model: A `Translator`.
        data: The training data.
    """

    shown = 8

    def __init__(self, model, data):
        columns = data.columns(0, self.shown)
        self.sources = {"a_to_b": columns["a"], "b_to_a": columns["b"]}
        self.reference = {"a_to_b": variation(columns["b"]), "b_to_a": variation(columns["a"])}
        self.translate = {
            name: tf.function(functools.partial(model.translate, name=name), autograph=False)
            for name in model.translations
        }
        self.seeds = tf.range(self.shown, dtype=tf.int64)

    def draw(self, step):
        """Returns the image of a step, and the smallest variation ratio of the directions."""
        rows, ratios = [], []
        for name, translate in self.translate.items():
            source = self.sources[name]
            seeds = self.seeds[: len(source)]
            there = translate(source, seed=seeds).numpy()
            back = self.translate.get("_to_".join(reversed(name.split("_to_"))))
            wanted = self.sources["b_to_a"] if back is None else back(there, seed=seeds).numpy()
            rows.append(np.stack([source, there, wanted]))
            ratios.append(variation(there) / self.reference[name])
        sheet = np.concatenate(rows)  # [3 rows a direction, shown, H, W, C]
        return tile(sheet.reshape(-1, *sheet.shape[2:]), sheet.shape[1]), min(ratios)

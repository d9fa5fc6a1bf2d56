"""Previews of generators."""

import numpy as np
import tensorflow as tf

from zoo.datasets.captions import captions_of
from zoo.game.priors import Text
from zoo.images import plots
from zoo.images.sheets import tile
from zoo.tasks.inputs import draw_inputs, grid_inputs, row_seeds
from zoo.tasks.preview import variation


class Samples:
    """Generates a grid of images of fixed seeds, or points with those of the data.

    Args:
        model: A `Generative`.
        data: The training data.
    """

    def __init__(self, model, data):
        self.model = model
        x, y = data.arrays(0, 4000)
        self.real = x
        if data.is_images:
            conditions = dict(model.conditions())
            if isinstance(conditions.get("text"), Text) and not conditions["text"].examples:
                said = captions_of(data.columns(0, 6))[:, 0]  # nobody says which texts to show
                conditions["text"] = Text(tuple(text.decode(errors="replace") for text in said))
            inputs, self.columns = grid_inputs(conditions)
        else:
            inputs, self.columns = {"seed": row_seeds(0, 2000)}, None
        self.inputs = {k: tf.constant(v) for k, v in inputs.items()}
        self.sample = tf.function(model.sample, autograph=False)
        self.reference = variation(x, y if "label" in inputs else None)

    def draw(self, step):
        """Returns the image of a step, and the ratio of the samples' variation to the data's."""
        fake = self._in_pieces()
        labels = self.inputs["label"].numpy() if "label" in self.inputs else None
        return self._image(fake), variation(fake, labels) / self.reference

    def _in_pieces(self, size=100):
        """Returns samples of the inputs. Images are drawn in pieces, which bounds the memory."""
        if not self.columns:
            return self.sample(**self.inputs).numpy()
        starts = range(0, len(self.inputs["seed"]), size)
        parts = [{k: v[i : i + size] for k, v in self.inputs.items()} for i in starts]
        return np.concatenate([self.sample(**part).numpy() for part in parts])

    def _image(self, fake):
        if self.columns:
            return tile(fake, self.columns)
        if fake.shape[1] == 2:
            return plots.scatter(self.real, fake)
        real, center = self.real[:, 0], self.real.mean()
        reach = 6 * self.real.std()
        x = np.linspace(center - reach, center + reach, 200, dtype=np.float32)
        verdicts = self.model.score(x[:, None]).numpy()[:, 0]
        z = np.sort(draw_inputs(self.model.priors, 24, 0)["z"], 0)
        mapped = self.model.generate({"z": tf.constant(z)}).numpy()[:, 0]
        return plots.densities(real, fake[:, 0], x, verdicts, z[:, 0], mapped)


class Gallery(Samples):
    """Shows one row per cluster: real images of the cluster left, generated images right."""

    def _image(self, fake):
        if not self.columns:
            return super()._image(fake)
        batches = np.array_split(self.real, -(-len(self.real) // 500))
        owner = np.concatenate([self.model.cluster(self.model.to_network(x)) for x in batches])
        rows = fake.reshape(-1, self.columns, *fake.shape[1:])
        sheet = np.full((len(rows), 2 * self.columns, *fake.shape[1:]), 255, np.uint8)
        sheet[:, self.columns :] = rows
        for row, cluster in zip(sheet, range(len(rows))):
            members = self.real[owner == cluster][: self.columns]
            row[: len(members)] = members
        return tile(sheet.reshape(-1, *fake.shape[1:]), 2 * self.columns)

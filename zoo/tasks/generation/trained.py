"""A loaded generator of images or points."""

import functools

import numpy as np
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game.priors import draw_rows
from zoo.images import pixels
from zoo.saved.trained import Trained
from zoo.tasks.generation.album import write_album
from zoo.tasks.inputs import row_seeds


class TrainedGenerator(Trained):
    """A trained generator, with `sample`, `generate` and `to_pixels`."""

    task = "generation"
    options = ("columns", "images", "given")

    def write_samples(self, out, seed=0, columns=10, images=0, given=None):
        """Writes grids, walks and single images. See `zoo.tasks.generation.album.write_album`."""
        return write_album(self, out, seed, columns, images, given)

    @property
    def conditions(self):
        """Inputs of `sample` next to the seed: `{name: prior}`."""
        noise = self.interface.get("noise", ())
        return {name: prior for name, prior in self.priors.items() if name not in noise}

    def sample(self, n=None, seed=0, **conditions):
        """New examples.

        Args:
            n: how many; default: as many as the conditions have rows, or 1.
            seed: a number, or one for each row. The same seed and conditions always give the
                same examples.
            **conditions: values for `conditions`, one row each or one value for all, such as
                label=[3, 7]; those left out are drawn.

        Returns:
            uint8 images [n, H, W, C] (float32 points [n, d] for models of points).

        Raises:
            ZooError: a condition that the model does not have, a value out of range, inputs that
                differ in length, or an n or a seed that is no whole number.
        """
        rows = self._condition_arrays(conditions)
        seeds = np.asarray(seed)
        if seeds.dtype.kind not in "iu" or seeds.ndim > 1 or (seeds.ndim == 0 and seeds < 0):
            raise ZooError(
                f"A seed is a whole number from 0 on, or a list of one for each row, not {seed!r}."
            )
        ranks = {k: len(p.shape) for k, p in self.conditions.items()}
        if n is None:
            lengths = [len(v) for k, v in rows.items() if v.ndim > ranks[k]]
            n = max(lengths, default=seeds.size)
        if not isinstance(n, (int, np.integer)) or n < 1:
            raise ZooError(f"At least one example must be asked for, and a whole number, not {n!r}.")
        inputs = {
            k: np.broadcast_to(v, (n, *v.shape)) if v.ndim == ranks[k] else v for k, v in rows.items()
        }
        if seeds.ndim == 0:
            seeds = row_seeds(int(seed), n)
        if len(seeds) != n:
            raise ZooError(f"{len(seeds)} seeds are given for {n} examples.")
        for tag, (name, prior) in enumerate(self.priors.items()):
            if name in self.conditions and name not in inputs:
                draw = tf.function(functools.partial(draw_rows, prior, tag=tag), autograph=False)
                inputs[name] = draw(tf.constant(seeds, tf.int64)).numpy()
        (output,) = self.call("sample", seed=seeds, **inputs).values()
        return output

    def _condition_arrays(self, conditions):
        """Returns the values of conditions as arrays."""
        for name in conditions:
            if name not in self.conditions:
                raise unknown(f"condition of {self.name} named", name, self.conditions or {"none"})
        try:
            return {k: np.asarray(v) for k, v in conditions.items()}
        except ValueError as error:
            raise ZooError(f"The rows of a condition differ in length: {error}.") from error

    def generate(self, **inputs):
        """The generator itself: values of all `priors` to examples, float32, in its own range."""
        (output,) = self.call("generate", **inputs).values()
        return output

    def to_pixels(self, x):
        """Converts outputs of `generate` to uint8 pixels. Points stay as they are."""
        if self.interface.get("value_range") is None:
            return x
        return pixels.quantise(x, *self.interface["value_range"]).numpy()

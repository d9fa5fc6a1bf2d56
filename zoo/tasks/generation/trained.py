"""A loaded generator of images or points."""

import functools

import numpy as np
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game.priors import draw_rows
from zoo.images import pixels
from zoo.saved.names import labels_by_name
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
        """Generates examples.

        Args:
            n: Integer. Number of examples. Defaults to the number of rows of the conditions, or 1.
            seed: Integer, or one integer per row. The same seeds and conditions give the same examples.
                Defaults to 0.
            **conditions: Values of `conditions`, one row each or one value for all, such as `label=[3, 7]`.
                Missing conditions are sampled.

        Returns:
            uint8 images `[n, H, W, C]`, or float32 points `[n, d]`.

        Raises:
            ZooError: An unknown condition, a value out of range, inputs of different lengths, or an `n` or
                a `seed` that is not an integer.
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
            return {k: labels_by_name(self, k, np.asarray(v)) for k, v in conditions.items()}
        except ValueError as error:
            raise ZooError(f"The rows of a condition differ in length: {error}.") from error

    def generate(self, **inputs):
        """Returns examples for values of all `priors`, float32 in the generator's range."""
        (output,) = self.call("generate", **inputs).values()
        return output

    def to_pixels(self, x):
        """Scales the output of `generate` to uint8 pixels. Returns points unchanged."""
        if self.interface.get("value_range") is None:
            return x
        return pixels.quantize(x, *self.interface["value_range"]).numpy()

"""Early stopping: the weights of the period with the best Parzen estimate."""

import json

import keras
import numpy as np
import tensorflow as tf

from zoo import paths
from zoo.errors import ZooError
from zoo.metrics import parzen
from zoo.tasks.inputs import row_seeds
from zoo.train.assemble import load_data

count, batch = 10_000, 1000  # samples per estimate, samples per call


class Selection(keras.callbacks.Callback):
    """Estimates the log-likelihood of validation images each period, and keeps the best weights.

    The estimates are in `selection.json` of the run folder, `{step: nats}`.

    Args:
        out: Path of the run folder.
        recipe: A `Recipe` with `early_stopping`, the split of the validation images.
        data_dir: Path of the TFDS folder.
        write: Boolean. Whether this process writes files.

    Reference:
        Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, section 5. The estimate is
        that of their script, with σ chosen on the first 1,000 validation images.
    """

    def __init__(self, out, recipe, data_dir, write=True):
        super().__init__()
        self.record, self.weights, self.write = out / "selection.json", out / "selected.npz", write
        self.estimates = (
            json.loads(self.record.read_text(encoding="utf-8")) if self.record.is_file() else {}
        )
        data = load_data(recipe, recipe.early_stopping, data_dir)
        if not data.is_images:
            raise ZooError("early_stopping compares images, but the data has points.", early_stopping="")
        images, _ = data.arrays(0, count)
        self.images, self._sample = images / 255.0, None

    def on_epoch_end(self, epoch, logs=None):
        """Estimates the log-likelihood, and keeps the weights if it is the best so far."""
        if not self.write:
            return
        step = int(self.model.iteration.numpy())
        self._sample = self._sample or tf.function(self.model.sample, autograph=False)
        parts = np.split(row_seeds(0, count), count // batch)
        samples = np.concatenate([self._sample(tf.constant(seeds)).numpy() for seeds in parts]) / 255.0
        value, _, _ = parzen.parzen(samples, self.images[:1000], self.images)
        before = [v for at, v in self.estimates.items() if int(at) < step and np.isfinite(v)]
        self.estimates[str(step)] = round(float(value), 4)
        if np.isfinite(value) and value > max(before, default=-np.inf):
            with paths.whole(self.weights) as partial, open(partial, "wb") as file:
                np.savez(file, step=step, **dict(self._variables(self.model)))
        with paths.whole(self.record) as partial:
            partial.write_text(json.dumps(self.estimates, indent=1) + "\n", encoding="utf-8")
        print(f"Parzen estimate at step {step}: {value:.1f} nats.")

    def restore(self, model):
        """Sets the best weights.

        Returns:
            Dict of facts for the model card.
        """
        with np.load(self.weights) as best:
            for name, variable in self._variables(model):
                variable.assign(best[name])
            step = int(best["step"])
        print(f"The weights of step {step} are exported, which have the best estimate.")
        return {"selected_step": step, "selected_estimate": self.estimates[str(step)]}

    @staticmethod
    def _variables(model):
        """Yields the variables of all networks with their keys."""
        for side, networks in model.sides.items():
            for network in networks:
                for i, variable in enumerate(network.variables):
                    yield f"{side}/{network.name}/{i}", variable

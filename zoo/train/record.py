"""History, previews and curves of a run."""

import contextlib
import csv
import sys
import time

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from zoo import paths
from zoo.errors import ZooError
from zoo.images import plots
from zoo.images.files import save_animation, save_image
from zoo.images.sheets import thinned
from zoo.tasks.preview import Nothing
from zoo.train.checkpoints import states
from zoo.train.history import columns, read_rows


@contextlib.contextmanager
def decoration(what):
    """Turns errors of files that a run does not need into a warning.

    Args:
        what: String. Name of the files.
    """
    try:
        yield
    except Exception as error:
        reason = (str(error) or repr(error)).splitlines()[0][:200]
        print(f"\nwarning: {what} cannot be written ({reason}). The training goes on.", file=sys.stderr)


class Stages(keras.callbacks.Callback):
    """Starts each stage of a model at the recipe's step.

    Args:
        starts: Tuple of integers. First steps of the second stage, the third, …
    """

    def __init__(self, starts):
        super().__init__()
        self.starts = starts

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the stage, and rebuilds the training function if the stage has changed."""
        done = int(self.model.iteration.numpy())
        stage = sum(done >= start for start in self.starts)
        if stage != self.model.stage:
            self.model.stage = stage
            self.model.make_train_function(force=True)  # the graph of the stage before would go on


class Record(keras.callbacks.Callback):
    """Writes losses, samples, curves, TensorBoard logs and a checkpoint each period.

    It also detects NaN losses and mode collapse, and saves the state after a signal.

    Args:
        out: Path of the run folder.
        recipe: A `Recipe`.
        data: The training data.
        checkpoints: The `Checkpoints` of the run, which may have restored a state.
        done: Integer. Number of steps before this call.
        workers: The `Workers` of the run.
        signals: The `Signals` of the run.
        minutes: Float. Time between checkpoints within a period, or `None`. Defaults to `None`.
        identity: Dict. Facts of the run that each checkpoint stores. Defaults to none.

    Attributes:
        collapsed_below: Float. Smallest ratio of the samples' variation to the data's without a warning.
        failure: The `ZooError` that stopped the training, or None.
        seconds: Float. Duration of the training so far.
    """

    collapsed_below = 0.1  # the samples' spread over the data's

    def __init__(self, out, recipe, data, checkpoints, done, workers, signals, minutes=None, identity=None):
        super().__init__()
        self.out, self.recipe, self.checkpoints = out, recipe, checkpoints
        self.workers, self.signals, self.minutes = workers, signals, minutes
        self.identity = identity or {}
        self.step = done
        self.window = recipe.period // 10
        self.failure = None
        self._rows = self._kept_rows(done)
        last = float(self._rows[-1]["seconds"]) if self._rows else 0.0
        facts = checkpoints.facts
        self.seconds = facts.get("seconds", last)
        self._pending = facts.get("pending", [])
        # Before a generator has learned anything it makes one thing only; that is no collapse.
        self._varied, self._warned = facts.get("varied", False), facts.get("warned", False)
        self._data = data
        self._timed, self._announced = None, False

    def on_train_begin(self, logs=None):
        """Opens the TensorBoard log and prepares the previews."""
        self._started = time.monotonic() - self.seconds
        self._saved = time.monotonic()
        if self.workers.chief:
            self._board = tf.summary.create_noop_writer()
            with decoration("the log of TensorBoard"):
                self._board = tf.summary.create_file_writer(str(self.out / "tensorboard"))
            self._preview = (self.model.preview or Nothing)(self.model, self._data)

    def on_train_batch_begin(self, batch, logs=None):
        """Passes a signal on to the other workers."""
        if self.signals.number:
            self.workers.ask_to_stop()

    def on_train_batch_end(self, batch, logs=None):
        """Collects the losses, stops on a NaN loss or a signal, and ends the epoch with the period.

        The epoch in which a run resumes may be shorter than a period.
        """
        self.step += self.model.steps_per_execution
        self._announce_long_run()
        stopping = self.workers.asked_to_stop(logs, self.signals.number)
        values = {name: float(np.mean(value)) for name, value in logs.items()}
        if not all(np.isfinite(v) for v in values.values()):
            bad = ", ".join(f"{k} = {v}" for k, v in values.items() if not np.isfinite(v))
            self._fail(bad)
            return
        self._pending.append(values)
        at_once = self.model.steps_per_execution
        crossed = self.step % max(self.window, at_once) < at_once  # the end of a window
        period_ends = self.step % self.recipe.period == 0 or self.step >= self.recipe.steps
        if crossed or period_ends:
            self._note()
        if period_ends:
            self._stopping = stopping
            self.model.stop_training = True  # until `on_epoch_end`
        elif (stopping or self._is_due()) and self._is_finite():
            self._save()
            self._stop(stopping)

    def _announce_long_run(self):
        """Prints the expected duration after 20 steps, if it exceeds one hour."""
        now = time.monotonic()
        self._timed = self._timed or (self.step, now)  # without the first step, which builds the graph
        steps = self.step - self._timed[0]
        if self._announced or steps < 20:
            return
        self._announced = True
        remaining = self.recipe.steps - self.step
        hours = (now - self._timed[1]) / steps * remaining / 3600
        if hours > 1 and self.workers.chief:
            print(f"\nThe remaining {remaining:,} steps take about {hours:.1f} hours on this machine.")

    def _is_due(self):
        return self.minutes is not None and time.monotonic() - self._saved >= 60 * self.minutes

    def _fail(self, what):
        folder = self.checkpoints.folder
        good = f" The last good checkpoint is kept in {folder}." if states(folder) else ""
        rate = f"optimizers.{next(iter(self.recipe.optimizers))}.learning_rate"
        self.failure = ZooError(
            f"At step {self.step} {what}.{good} Start a run in another folder with a lower learning rate "
            "or in float32.",
            **{rate: ..., "precision": "float32"},
        )
        self.model.stop_training = True

    def _note(self):
        """Appends a row with the mean of each loss since the last row.

        If one call of the graph makes several steps, Keras reports the losses of the last step.
        """
        names = dict.fromkeys(name for values in self._pending for name in values)
        means = {k: np.mean([v[k] for v in self._pending if k in v]) for k in names}
        self.seconds = time.monotonic() - self._started
        self._rows.append({"step": self.step, "seconds": round(self.seconds, 1), **means})
        self._pending = []

    def on_epoch_end(self, epoch, logs=None):
        """Writes samples, history and a checkpoint, and stops the training on NaN weights."""
        if self.failure or not self._is_finite():
            return
        if self.workers.chief:
            self._write_images()
        self._save()
        # Several workers have agreed at the last step. One on its own may have received a signal since.
        self._stop(self._stopping if self.workers.several else self.signals.number)
        self.model.stop_training = bool(self.failure) or self.step >= self.recipe.steps

    def _is_finite(self):
        """Returns whether all weights are finite, and otherwise fails."""
        for side in self.model.sides:  # the losses are of the weights before the last update
            if not all(np.all(np.isfinite(v)) for v in self.model.side_variables(side)):
                self._fail(f"a weight of the {side} is NaN or infinite")
        return not self.failure

    def _save(self):
        """Writes the history and a checkpoint."""
        self.signals.extend()
        if self.workers.chief:
            self._write_rows()  # first: rows later than the checkpoint are dropped on going on
        self.seconds = time.monotonic() - self._started
        facts = {"seconds": self.seconds, "pending": self._pending}
        facts |= {**self.identity, "varied": self._varied, "warned": self._warned}
        self.checkpoints.save(facts)
        self._saved = time.monotonic()

    def _stop(self, stopping):
        """Ends the training after a signal, once the chief has saved."""
        if not stopping or self.failure:
            return
        self.checkpoints.sync()
        if self.workers.chief:
            self._board.close()
        self.workers.meet()
        raise self.signals.stopped()

    def _write_images(self):
        with decoration("curves.png"):
            save_image(self.out / "curves.png", plots.curves(self.history()))
        picture, spread = None, None
        with decoration("an image of samples"), self.model.averaged():
            picture, spread = self._preview.draw(self.step)
        with decoration("the log of TensorBoard"):
            self._log(picture)
        if picture is None:
            return
        with decoration("an image of samples"):
            save_image(self.out / "samples" / f"step_{self.step:07d}.png", picture)
        self._warn_of_collapse(spread)

    def _warn_of_collapse(self, spread):
        """Warns of samples that have begun to vary too little.

        Args:
            spread: Float. The samples' variation over the data's.
        """
        collapsed = bool(spread < self.collapsed_below)
        last = self.step >= self.recipe.steps
        if collapsed and (self._varied or (last and not self._warned)):
            self._warned = True
            kept = None
            with decoration("last_good"):
                kept = self.checkpoints.protect()
            good = f" The checkpoint before it is kept in {kept}." if kept else ""
            print(
                f"\nwarning: possible mode collapse at step {self.step}: the standard deviation of the "
                f"samples is {spread:.1%} of the data's.{good} Try another seed, a lower learning rate or "
                "another loss.",
                file=sys.stderr,
            )
        self._varied = not collapsed

    def _log(self, picture):
        """Writes the last losses and the samples for TensorBoard."""
        with self._board.as_default():
            for name, value in self._rows[-1].items():
                if name != "step":
                    tf.summary.scalar(name, value, self.step)
            if picture is not None:
                tf.summary.image("samples", picture[None], self.step)
        self._board.flush()

    def on_train_end(self, logs=None):
        """Syncs the last checkpoint and closes the log."""
        self.checkpoints.sync()
        if self.workers.chief:
            with decoration("the log of TensorBoard"):
                self._board.close()

    def animate(self):
        """Writes the animation of the samples."""
        with decoration("samples.gif"):
            frames = sorted((self.out / "samples").glob("step_*.png"))
            save_animation(self.out / "samples.gif", _read(thinned(frames, 60)))

    def history(self):
        """Returns `{"step": [...], loss: [...], ...}`, NaN where a stage does not have the loss."""
        return {name: values for name, values in columns(self._rows).items() if name != "seconds"}

    def _kept_rows(self, done):
        rows = [row for row in read_rows(self.out / "history.csv") if int(row["step"]) <= done]
        if done and not rows and self.workers.chief:
            print("warning: history.csv has no losses of the steps before.", file=sys.stderr)
        return rows

    def _write_rows(self):
        with (
            paths.whole(self.out / "history.csv") as partial,
            open(partial, "w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, list(columns(self._rows)))
            writer.writeheader()
            writer.writerows(self._rows)


def _read(files):
    """Returns the images of files, without those that cannot be read."""
    frames, broken = [], []
    for file in files:
        try:
            frames.append(np.asarray(Image.open(file)))
        except (OSError, SyntaxError, ValueError):  # as Pillow calls damaged files
            broken.append(file)
    if broken:
        print(
            f"warning: samples.gif is without {len(broken)} images, such as {broken[0]}.", file=sys.stderr
        )
    return [f[..., None] if f.ndim == 2 else f for f in frames]

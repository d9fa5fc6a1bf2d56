"""Training runs: each owns a folder, from which it can resume at any time."""

import contextlib
import dataclasses
import functools
import math
import pathlib
import sys

import numpy as np
import tensorflow as tf

from zoo import paths
from zoo.commands.signals import Signals
from zoo.errors import ZooError, explained
from zoo.saved.card import recipe_of
from zoo.tasks import load
from zoo.train.assemble import assemble, load_data
from zoo.train.checkpoints import Checkpoints, newest_facts, states
from zoo.train.finish import export_run
from zoo.train.identity import Identity, check_progress, same_recipe
from zoo.train.machine import fastest_precision, share_cores
from zoo.train.record import Record, Stages
from zoo.train.selection import Selection
from zoo.train.sizes import with_size
from zoo.train.workers import Workers, strategy


def train(
    recipe,
    out,
    epochs=None,
    spread="one",
    data_dir=None,
    wait_minutes=10,
    checkpoint_minutes=None,
    accept_changes=(),
    name=None,
):
    """Trains a recipe in a folder, or resumes the run of the folder.

    After Ctrl-C, SIGTERM, SIGHUP or SIGUSR1, it saves the state and ends.

    Args:
        recipe: A `Recipe`.
        out: Path of the run folder.
        epochs: Float. Number of passes over the data, which replaces the recipe's steps.
        spread: String. Distribution strategy. See `zoo.train.workers.strategy`. Defaults to "one".
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.
        wait_minutes: Float. Time to wait for the other workers. Defaults to 10.
        checkpoint_minutes: Float. Time between checkpoints within a period. `None` writes checkpoints only
            at the ends of periods. Defaults to `None`.
        accept_changes: Tuple of strings. Which differences from the run so far are accepted: "recipe",
            "data" or "code". Defaults to `()`.
        name: String. Name of the exported model. Defaults to the name of the run folder.

    Returns:
        Path of the version of the exported SavedModel. `None` in workers other than the chief.

    Raises:
        ZooError: The folder is in use or holds another run, a loss is NaN, the disk is full, a worker is
            missing, or the recipe does not fit the data.
        Stopped: A signal was received.
    """
    out = pathlib.Path(out)
    for option, number in (("epochs", epochs), ("checkpoint_minutes", checkpoint_minutes)):
        if number is not None and not 0 < number < np.inf:
            raise ZooError(f"{option} is {number}, but must be a number above 0.")
    if not 0 <= wait_minutes < np.inf:
        raise ZooError(f"wait_minutes is {wait_minutes}, but must be a number from 0.")
    share_cores(recipe.side_by_side)
    recipe = _with_precision(recipe, out)
    make = strategy(spread, {"recipe": {**recipe.plain(), "epochs": epochs}}, wait_minutes)
    with contextlib.ExitStack() as stack:
        # TensorFlow replaces handlers that are set before the strategy is made.
        signals = stack.enter_context(Signals(20, 28, functools.partial(_progress, out), before=make))
        workers = Workers(signals.made)
        stack.enter_context(explained(out=...))
        if workers.chief:
            stack.enter_context(own_folder(out))
        stack.enter_context(_lost_worker(workers))
        run = _Run(recipe, out, data_dir, checkpoint_minutes, signals.made, workers, signals)
        run.load(epochs, accept_changes)
        return run.finish(name)


def _progress(out):
    """Returns a sentence about the newest checkpoint of a run."""
    found = states(out / "checkpoints")
    if not found:
        return "No checkpoint was written before."
    step = found[-1].rpartition("-")[2]
    return (
        f"The state of step {step} is saved in {out / 'checkpoints'}. The same command continues the run."
    )


class _Run:
    """A training run in its folder. See `train` for the arguments."""

    def __init__(self, recipe, out, data_dir, minutes, spread, workers, signals):
        self.recipe, self.out, self.data_dir, self.minutes = recipe, out, data_dir, minutes
        self.spread, self.workers, self.signals = spread, workers, signals
        tf.config.experimental.enable_op_determinism()

    def load(self, epochs, accept_changes):
        """Loads the data, and compares it with that of the run so far."""
        with explained(data_dir=...):
            self.recipe = with_size(self.recipe)
            self.data = load_data(self.recipe, data_dir=self.data_dir)
        if self.workers.chief:
            print(self.data.describe())
        self.workers.compare_data(self.data)
        self.recipe = _with_steps(self.recipe, self.data, epochs)
        self.identity = Identity(self.recipe, self.data, self.data_dir, tuple(accept_changes))

    def finish(self, name):
        """Trains the remaining steps and exports the model under a name."""
        out, recipe = self.out, self.recipe
        self._begin()
        # A period's estimate is written before its checkpoint, so that a stop between them loses neither.
        selection = self._selection()
        record = Record(
            out,
            recipe,
            self.data,
            self.checkpoints,
            self.done,
            self.workers,
            self.signals,
            self.minutes,
            self.identity.facts(),
        )
        if self.done < recipe.steps:
            with self.signals.held():
                self._fit([*selection, record])
        if record.failure:
            raise record.failure
        if not self.workers.chief:
            return None
        version = _exported(out, recipe) if self.done == recipe.steps else None
        if version is None or not (out / "samples.gif").exists():  # which a power cut may remove
            record.animate()
        if version is None:
            facts = selection[0].restore(self.model) if selection else {}
            if self.identity.accepted:
                facts["accepted_changes"] = self.identity.accepted
            version = export_run(self.model, recipe, self.data, out, record.seconds, facts, name)
        print(f"Done: {recipe.steps} steps. Pictures in {out}; load it with zoo.load({str(out)!r}).")
        return version

    def _begin(self):
        """Builds the model, and restores the state of the run."""
        out, recipe, data = self.out, self.recipe, self.data
        # Before its first checkpoint a run has nothing to lose, and a mistake may be mended.
        begun = bool(states(out / "checkpoints"))
        before = self.identity.check(out) if begun else None
        with self.spread.scope():
            self.model = model = assemble(recipe, data)
            model.stop = self.workers.stop
            self.checkpoints = Checkpoints(out / "checkpoints", model, recipe.period, self.workers.chief)
            self.done = done = self.checkpoints.restore()
            if not done:
                model.adapt(data)
            model.steps_per_execution = math.gcd(model.steps_per_execution, done)
        _check_size(data, recipe, model.batches_per_step)
        if done:
            check_progress(before, recipe, done)
            print(f"Going on from step {done} of {recipe.steps} in {out}.")
        if self.workers.chief:
            recipe.write(out / "recipe.json")
        _warn_of_late_stages(recipe)

    def _selection(self):
        """Returns the callback of early stopping in a list, or an empty list."""
        if not self.recipe.early_stopping:
            return []
        return [Selection(self.out, self.recipe, self.data_dir, write=self.workers.chief)]

    def _fit(self, callbacks):
        recipe, data, model = self.recipe, self.data, self.model
        batches = data.batches(model.batches_per_step * recipe.batch_size, recipe.seed, first=self.done)
        model.fit(
            batches,
            epochs=-(-recipe.steps // recipe.period),
            initial_epoch=self.done // recipe.period,
            steps_per_epoch=min(recipe.period, recipe.steps),
            shuffle=False,
            callbacks=[Stages(recipe.starts), *model.callbacks(data), *callbacks],
            verbose=1 if sys.stdout.isatty() else 2,
        )


def _with_precision(recipe, out):
    """Returns a recipe with a fixed precision. A run resumes in its own."""
    if recipe.precision != "auto":
        return recipe
    fastest = fastest_precision()
    _, facts = newest_facts(out / "checkpoints")
    precision = facts.get("recipe", {}).get("precision", fastest)
    if precision not in (fastest, "float32"):
        print(f"The run continues in {precision}, which may be slow on this machine.", file=sys.stderr)
    return dataclasses.replace(recipe, precision=precision)


def _with_steps(recipe, data, epochs):
    """Returns a recipe with steps in place of `epochs`."""
    if epochs is None:
        return recipe
    examples_per_step = recipe.batch_size * assemble(recipe, data).batches_per_step
    return dataclasses.replace(recipe, steps=max(round(epochs * data.count / examples_per_step), 1))


def _check_size(data, recipe, k):
    """Rejects data with fewer examples than one step of `k` batches uses."""
    if k > 1 and data.count < k * recipe.batch_size:
        raise ZooError(
            f"{data.name} has {data.count} examples, but a step uses {k} batches of "
            f"{recipe.batch_size}. Add data, or use fewer or smaller batches.",
            batch_size=data.count // k or ...,
        )


def _warn_of_late_stages(recipe):
    """Warns of stages that start after the last step."""
    for start in recipe.starts:
        if start >= recipe.steps:
            print(
                f"warning: a stage begins at step {start}, after the last of {recipe.steps}: its "
                "networks are not trained.",
                file=sys.stderr,
            )


def _exported(out, recipe):
    """Returns the version that a finished run has already exported, or None.

    A second export would lose the results in the model card.
    """
    try:
        trained = load(str(out / "saved_model"))
    except ZooError:
        return None
    return trained.version if same_recipe(recipe_of(trained), recipe) else None


@contextlib.contextmanager
def own_folder(out):
    """Reserves the run folder for this process, and removes what killed processes have left in it."""
    message = f"{out} is in use by another training. Wait for its end, or train in another folder."
    with paths.locked(out, 0, message, out=...):
        for folder in (out, out / "samples", out / "checkpoints", out / "last_good"):
            paths.remove_leftovers(folder, 0)
        yield


@contextlib.contextmanager
def _lost_worker(workers):
    """Replaces the errors of a lost worker by a `ZooError` with the fix."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.InternalError) as error:
        if workers.several:
            raise ZooError(
                "Another worker is gone, or cannot be reached. Start all again with the same command; "
                "they go on from the last checkpoint."
            ) from error
        raise

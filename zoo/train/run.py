"""Training runs: each owns a folder, from which it can resume at any time."""

import contextlib
import dataclasses
import math
import pathlib
import sys

import filelock
import numpy as np
import tensorflow as tf

from zoo.errors import ZooError, explained
from zoo.recipe import Recipe, speed
from zoo.saved.card import recipe_of
from zoo.tasks import load
from zoo.train.assemble import assemble, load_data
from zoo.train.checkpoints import Checkpoints, states
from zoo.train.finish import export_run
from zoo.train.machine import fastest_precision, is_chief, share_cores, strategy
from zoo.train.record import Record, Stages
from zoo.train.selection import Selection


def train(recipe, out, epochs=None, spread="one", data_dir=None):
    """Trains a recipe in a folder, or resumes the run of the folder.

    Args:
        recipe: A `Recipe`.
        out: Path of the run folder.
        epochs: Float. Number of passes over the data, which replaces the recipe's steps.
        spread: String. Distribution strategy. See `zoo.train.machine.strategy`. Defaults to "one".
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.

    Returns:
        Path of the version of the exported SavedModel. `None` in workers other than the chief.

    Raises:
        ZooError: The folder is in use or holds another run, a loss is NaN, the disk is full, or the recipe
            does not fit the data.
    """
    out = pathlib.Path(out)
    share_cores(recipe.side_by_side)
    spread = strategy(spread)
    chief = is_chief(spread)
    tf.config.experimental.enable_op_determinism()
    if epochs is not None and not 0 < epochs < np.inf:
        raise ZooError(f"epochs is {epochs}, but must be a number above 0.")
    with explained(data_dir=...):
        data = load_data(recipe, data_dir=data_dir)
    recipe = _resolved(recipe, data, epochs)
    with explained(out=...), own_folder(out) if chief else contextlib.nullcontext(), _lost_worker(spread):
        # Before its first checkpoint a run has nothing to lose, and a mistake may be mended.
        begun = bool(states(out / "checkpoints"))
        before = _same_recipe(out, recipe) if begun else None
        with spread.scope():
            model = assemble(recipe, data)
            checkpoints = Checkpoints(out / "checkpoints", model, write=chief)
            done = checkpoints.restore()
            if not done:
                model.adapt(data)
            model.steps_per_execution = math.gcd(model.steps_per_execution, done)
        _check_size(data, recipe, model.batches_per_step)
        batches = data.batches(model.batches_per_step * recipe.batch_size, recipe.seed, first=done)
        if done:
            check_progress(before, recipe, done)
            print(f"Going on from step {done} of {recipe.steps} in {out}.")
        if chief:
            recipe.write(out / "recipe.json")
        _warn_of_late_stages(recipe)
        record = Record(out, recipe, data, checkpoints, done, write=chief)
        # A period's estimate is written before its checkpoint, so that a stop between them loses neither.
        selection = [Selection(out, recipe, data_dir, write=chief)] if recipe.early_stopping else []
        if done < recipe.steps:
            model.fit(
                batches,
                epochs=-(-recipe.steps // recipe.period),
                initial_epoch=done // recipe.period,
                steps_per_epoch=min(recipe.period, recipe.steps),
                shuffle=False,
                callbacks=[Stages(recipe.starts), *model.callbacks(data), *selection, record],
                verbose=1 if sys.stdout.isatty() else 2,
            )
        if record.failure:
            raise record.failure
        if not chief:
            return None
        version = _exported(out, recipe) if done == recipe.steps else None
        version = version or _export(model, recipe, data, out, record, selection)
    print(f"Done: {recipe.steps} steps. Pictures in {out}; load it with zoo.load({str(out)!r}).")
    return version


def _export(model, recipe, data, out, record, selection):
    """Exports the last weights, or those that early stopping has selected."""
    facts = selection[0].restore(model) if selection else {}
    return export_run(model, recipe, data, out, record.seconds, facts)


def _resolved(recipe, data, epochs):
    """Returns a recipe with a fixed precision, and with steps in place of `epochs`."""
    if recipe.precision == "auto":
        recipe = dataclasses.replace(recipe, precision=fastest_precision())
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
    made = recipe_of(trained).plain()  # with the fields that came since
    now, then = ({**r, **dict.fromkeys(_resumable_fields)} for r in (recipe.plain(), made))
    return trained.version if now == then else None


@contextlib.contextmanager
def own_folder(out):
    """Reserves the run folder for this process."""
    lock = filelock.FileLock(out / ".lock", blocking=False)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as error:  # of a system folder, such as /proc
        raise ZooError(f"The folder {out} cannot be made.", out=...) from error
    try:
        lock.acquire()  # the system releases the lock of a killed process
    except filelock.Timeout as error:
        raise ZooError(
            f"{out} is in use by another training. Wait for its end, or train in another folder.", out=...
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _lost_worker(spread):
    """Replaces the errors of a lost worker by a `ZooError` with the fix."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.InternalError) as error:
        if isinstance(spread, tf.distribute.MultiWorkerMirroredStrategy):
            raise ZooError(
                "Another worker is gone, or cannot be reached. Start all again with the same command; "
                "they go on from the last checkpoint."
            ) from error
        raise


# Recipe fields that may change when a run resumes.
_resumable_fields = ("name", "summary", "default", "published", "metrics", *speed)


def _same_recipe(out, recipe):
    """Rejects settings that are incompatible with the recipe of the run.

    Returns:
        The recipe of the run, or None for a new run.

    Raises:
        ZooError: Settings other than the number of steps and the export differ.
    """
    file = out / "recipe.json"
    now = recipe.plain()
    if not file.is_file():
        return None
    restored = Recipe.read(file)
    before = restored.plain()
    free = (*_resumable_fields, "export", "half_weights", "steps", "stages")  # see `check_progress`
    changes = [
        f"{key}: {before[key]!r} there, {now[key]!r} now"
        for key in now
        if before[key] != now[key] and key not in free
    ]
    if changes:
        raise ZooError(
            f"{out} holds a run of another recipe ({'; '.join(changes)}). Use the settings of that run, or "
            "train in another folder.",
            out=...,
        )
    return restored


def check_progress(before, recipe, done):
    """Rejects settings that are incompatible with the progress of a run.

    Args:
        before: The `Recipe` of the run so far, or None.
        recipe: The new `Recipe`.
        done: Integer. Number of steps so far.

    Raises:
        ZooError: The recipe has fewer steps, or moves a stage that has started.
    """
    if done > recipe.steps:
        raise ZooError(
            f"This run has made {done} steps already, more than {recipe.steps}. Train for at least as many "
            "steps, or in another folder.",
            steps=done,
            out=...,
        )
    were = before.starts if before else recipe.starts
    begun, now = ([s for s in starts if s < done] for starts in (were, recipe.starts))
    if begun != now:
        raise ZooError(
            f"A stage that has started cannot move: in its first {done} steps the run has stages at "
            f"{begun}, the recipe at {now}.",
            stages=were,
        )

"""Checkpoints of a run.

step-20.index, step-20.data-00000-of-00001      the variables
step-20.json                                    facts about the run at this step
"""

import contextlib
import json
import os
import pathlib
import shutil
import sys
import time

import tensorflow as tf

from zoo import paths
from zoo.errors import ZooError


def states(folder):
    """Returns the paths of the checkpoints in a folder, oldest first.

    The list is that of the files, because TensorFlow's own list may be lost or incomplete.
    """
    steps = (p.stem.partition("-")[2] for p in pathlib.Path(folder).glob("step-*.index"))
    return [str(pathlib.Path(folder) / f"step-{n}") for n in sorted(int(s) for s in steps if s.isdecimal())]


class Checkpoints:
    """Saves and restores the states of a run.

    It keeps the newest state, which may be within a period, and the state at the end of the period before
    it. A state is complete or absent, and readable after a power cut once it is synced. The newest synced
    state is kept until a newer one is synced.

    Args:
        folder: Path of the checkpoints.
        model: A compiled `Adversarial`.
        period: Integer. Number of steps of a period. Defaults to 1.
        write: Boolean. Whether this process writes. Of several workers, one writes. Defaults to `True`.

    Attributes:
        facts: Dict. The facts that were saved with the restored state.
    """

    seconds_to_sync = 10

    def __init__(self, folder, model, period=1, write=True):
        self.folder, self.model, self.period, self.write = pathlib.Path(folder), model, period, write
        self.facts = {}
        self._synced, self._synced_at = None, -float("inf")
        if write:
            self._remove_unfinished()
        # Keys by place, not by Keras' names, which count how many layers a process has made.
        lists = {
            "model": [model.iteration],
            **{f"memory/{i}": m.variables for i, m in enumerate(model.memory)},
        }
        for side, networks in model.sides.items():
            lists.update({f"{side}/{network.name}": network.variables for network in networks})
            lists[f"{side}/optimizer"] = model.optimizers[side].variables
        state = {f"{key}/{i}": v.value for key, vs in lists.items() for i, v in enumerate(vs)}
        self._checkpoint = tf.train.Checkpoint(**{"state": state})
        if write:
            self._mend_list()

    def _remove_unfinished(self):
        """Removes the files of saves and removals that were killed."""
        for unfinished in self.folder.glob("*_temp"):
            shutil.rmtree(unfinished, ignore_errors=True)
        complete = set(states(self.folder))
        for file in (*self.folder.glob("step-*.data-*"), *self.folder.glob("step-*.json")):
            if str(file.with_suffix("")) not in complete:
                file.unlink()

    def _mend_list(self):
        """Rewrites TensorFlow's list of the checkpoints, if it differs from the files."""
        there, listed = states(self.folder), []
        with contextlib.suppress(ValueError):
            state = tf.train.get_checkpoint_state(str(self.folder))
            listed = [os.path.basename(path) for path in state.all_model_checkpoint_paths] if state else []
        if not there:
            (self.folder / "checkpoint").unlink(missing_ok=True)
        elif listed != [os.path.basename(path) for path in there]:
            self._write_list(there)

    def _write_list(self, paths_of_states):
        """Writes TensorFlow's list of the checkpoints, oldest first."""
        times = [os.path.getmtime(f"{path}.index") for path in paths_of_states]
        listing = {"all_model_checkpoint_timestamps": times, "last_preserved_timestamp": 0.0}
        newest = paths_of_states[-1]
        tf.compat.v1.train.update_checkpoint_state(str(self.folder), newest, paths_of_states, **listing)

    def restore(self):
        """Restores the newest complete state.

        Returns:
            Integer. Step of the state, or 0 without a state.

        Raises:
            ZooError: All checkpoints are unreadable.
        """
        found = states(self.folder)[::-1]
        for path in found:
            try:
                facts = _read_facts(f"{path}.json")
                self._checkpoint.restore(path).assert_existing_objects_matched().assert_consumed()
                self.facts = facts
                return int(self.model.iteration.numpy())
            except (tf.errors.OpError, ValueError, AssertionError, LookupError) as error:
                reason = str(error).splitlines()[0][:120]
                print(f"warning: checkpoint {path} is damaged ({reason}).", file=sys.stderr)
        if found:
            raise ZooError(
                f"No checkpoint in {self.folder} can be read. Delete {self.folder}, or train in another "
                "folder.",
                out=...,
            )
        return 0

    def save(self, facts=None):
        """Saves the state of the model, if this process writes.

        States are synced at most every 10 seconds, so that short periods stay fast.

        Args:
            facts: Dict of JSON values that belong to the state.
        """
        if not self.write:
            return
        self._checkpoint.save_counter.assign_add(1)  # a value of TensorFlow's format
        newest = str(self.folder / f"step-{int(self.model.iteration.numpy())}")
        try:
            # Before the index, with which the state is complete.
            with paths.whole(f"{newest}.json", durable=False) as file:
                file.write_text(json.dumps(facts or {}), encoding="utf-8")
            self._checkpoint.write(newest)
        except Exception:
            self._remove(newest)  # a part of a state, for example on a full disk
            raise
        due = time.monotonic() - self._synced_at >= self.seconds_to_sync
        self._thin(newest, newest if due else self._synced)

    def sync(self):
        """Waits until the newest state is on the disk."""
        found = states(self.folder)
        if self.write and found and found[-1] != self._synced:
            self._thin(found[-1], found[-1])

    def _thin(self, newest, synced):
        """Removes old states, after a newer one is synced.

        Args:
            newest: String. The newest state. Later ones were damaged, so that the run began before them.
            synced: String. A state that is synced first and kept in any case.
        """
        found = states(self.folder)
        kept = {*self._period_ends(found[: found.index(newest)])[-1:], newest, synced}
        self._write_list([path for path in found if path in kept])
        if synced != self._synced:
            files = self.folder.glob(pathlib.Path(synced).name + ".*")
            paths.sync(*files, self.folder / "checkpoint", self.folder, self.folder.parent)
            self._synced, self._synced_at = synced, time.monotonic()
        for path in found:
            if path not in kept:
                self._remove(path)

    @staticmethod
    def _remove(path):
        """Removes a state. It is absent as soon as its index is removed."""
        path = pathlib.Path(path)
        path.with_name(path.name + ".index").unlink(missing_ok=True)
        for file in path.parent.glob(path.name + ".*"):
            file.unlink(missing_ok=True)

    def _period_ends(self, paths_of_states):
        """Returns the states that are at the end of a period."""
        return [path for path in paths_of_states if int(path.rpartition("-")[2]) % self.period == 0]

    def protect(self):
        """Copies the newest state of a period's end into a run folder that training never overwrites.

        Returns:
            Path of the folder, or None without such a state.
        """
        run, found = self.folder.parent, self._period_ends(states(self.folder))
        if not found:
            return None
        newest = pathlib.Path(found[-1])
        kept = run / "last_good" / newest.name
        if self.write and not kept.exists():
            with paths.whole_folder(kept) as partial:
                (partial / "checkpoints").mkdir()
                for file in (newest.parent / "checkpoint", *newest.parent.glob(newest.name + ".*")):
                    shutil.copy(file, partial / "checkpoints")
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy(run / "recipe.json", partial)
        return kept


def newest_facts(folder):
    """Returns the step and the facts of the newest state whose facts can be read.

    Args:
        folder: Path of the checkpoints.

    Returns:
        Pair of an integer and a dict, `(0, {})` without a state.
    """
    for path in states(folder)[::-1]:
        with contextlib.suppress(ValueError, OSError):
            return int(path.rpartition("-")[2]), _read_facts(f"{path}.json")
    return 0, {}


def _read_facts(file):
    """Returns the facts of a state, or an empty dict for a state of an older version of zoo.

    Raises:
        ValueError: The file is damaged.
    """
    with contextlib.suppress(FileNotFoundError):
        facts = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
        if not isinstance(facts, dict):
            raise ValueError("its facts are damaged")
        return facts
    return {}

"""Checkpoints of a run."""

import contextlib
import os
import pathlib
import shutil
import sys

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
    """Saves and restores the last two states of a run.

    A state is complete or absent.

    Args:
        folder: Path of the checkpoints.
        model: A compiled `Adversarial`.
        write: Boolean. Whether this process writes. Of several workers, one writes. Defaults to `True`.
    """

    def __init__(self, folder, model, write=True):
        self.folder, self.model, self.write = pathlib.Path(folder), model, write
        for unfinished in self.folder.glob("*_temp") if write else ():
            shutil.rmtree(unfinished, ignore_errors=True)  # of a save that was killed
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
            self._manager = tf.train.CheckpointManager(
                self._checkpoint, str(folder), max_to_keep=2, checkpoint_name="step"
            )

    def _mend_list(self):
        """Rewrites TensorFlow's list of the checkpoints, if it differs from the files."""
        there, listed = states(self.folder), []
        with contextlib.suppress(ValueError):
            state = tf.train.get_checkpoint_state(str(self.folder))
            listed = [os.path.basename(path) for path in state.all_model_checkpoint_paths] if state else []
        if not there:
            (self.folder / "checkpoint").unlink(missing_ok=True)
        elif listed != [os.path.basename(path) for path in there]:
            times = [os.path.getmtime(f"{path}.index") for path in there]
            listing = {"all_model_checkpoint_timestamps": times, "last_preserved_timestamp": 0.0}
            tf.compat.v1.train.update_checkpoint_state(str(self.folder), there[-1], there, **listing)

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
                self._checkpoint.restore(path).assert_existing_objects_matched().assert_consumed()
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

    def save(self):
        """Saves the state of the model, if this process writes."""
        if self.write:
            self._manager.save(int(self.model.iteration.numpy()), check_interval=False)

    def protect(self):
        """Copies the newest state into a run folder that training never overwrites.

        Returns:
            Path of the folder, or None without a state.
        """
        run, found = self.folder.parent, states(self.folder)
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

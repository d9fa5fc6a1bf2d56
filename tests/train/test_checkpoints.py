"""Checkpoints: syncs and removals."""

import os
import pathlib
import types

import keras
import pytest
import tensorflow as tf

from zoo.train.checkpoints import Checkpoints, states


@pytest.fixture
def model():
    """An object with the parts of an `Adversarial` that a checkpoint has."""
    return types.SimpleNamespace(iteration=keras.Variable(0, dtype="int64"), memory=(), sides={})


def steps(folder):
    return [int(path.rpartition("-")[2]) for path in states(folder)]


def saver(folder, model, seconds):
    made = Checkpoints(folder, model)
    made.seconds_to_sync = seconds

    def save(step):
        model.iteration.assign(step)
        made.save()

    return made, save


@pytest.fixture
def watched(monkeypatch):
    """The names of synced files, and of removed indices with a minus, in their order."""
    log, fsync, unlink = [], os.fsync, pathlib.Path.unlink

    def noted_fsync(descriptor):
        log.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def noted_unlink(path, missing_ok=False):
        log.append(f"-{path.name}")
        unlink(path, missing_ok)

    monkeypatch.setattr("os.fsync", noted_fsync)
    monkeypatch.setattr("pathlib.Path.unlink", noted_unlink)
    return log


def test_a_state_is_removed_after_a_newer_one_is_synced(model, tmp_path, watched):
    _, save = saver(tmp_path / "checkpoints", model, seconds=0)
    for step in (1, 2, 3):
        save(step)
    assert steps(tmp_path / "checkpoints") == [2, 3]
    removed = watched.index("-step-1.index")
    synced = ["step-3.data-00000-of-00001", "step-3.index", "checkpoint", "checkpoints"]
    assert all(watched[:removed].count(name) for name in synced)
    assert watched.index("-step-1.data-00000-of-00001") > removed


def test_short_periods_keep_the_synced_state(model, tmp_path, watched):
    checkpoints, save = saver(tmp_path, model, seconds=1000)
    for step in range(1, 6):
        save(step)
    assert steps(tmp_path) == [1, 4, 5] and "step-5.index" not in watched
    checkpoints.sync()
    assert steps(tmp_path) == [4, 5] and "step-5.index" in watched
    del watched[:]
    checkpoints.sync()
    assert not watched


def test_after_a_damaged_state_the_run_goes_on_before_it(model, tmp_path, capsys):
    _, save = saver(tmp_path, model, seconds=0)
    save(10)
    save(20)
    (tmp_path / "step-20.data-00000-of-00001").write_bytes(b"")
    checkpoints, save = saver(tmp_path, model, seconds=1000)
    assert checkpoints.restore() == 10 and "step-20 is damaged" in capsys.readouterr().err
    save(12)
    assert steps(tmp_path) == [10, 12]
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "step-12")
    model.iteration.assign(0)
    assert Checkpoints(tmp_path, model).restore() == 12 == int(model.iteration)


def test_leftovers_of_a_killed_save_are_removed(model, tmp_path):
    _, save = saver(tmp_path, model, seconds=0)
    save(1)
    (tmp_path / "step-2_temp").mkdir()
    (tmp_path / "step-0.data-00000-of-00001").write_bytes(b"of a state whose index is removed")
    (tmp_path / "step-3.json").write_text("of a state whose index is not written")
    Checkpoints(tmp_path, model)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"checkpoint", "step-1.index", "step-1.json", "step-1.data-00000-of-00001"}


def test_within_a_period_the_newest_state_and_the_last_end_of_a_period_are_kept(model, tmp_path):
    made, save = saver(tmp_path, model, seconds=0)
    made.period = 20
    kept = []
    for step in (7, 20, 27, 33, 40, 50):
        save(step)
        kept.append(steps(tmp_path))
    assert kept == [[7], [20], [20, 27], [20, 33], [20, 40], [40, 50]]
    assert made.protect().name == "step-40"


def test_facts_belong_to_their_state(model, tmp_path, capsys):
    made, _ = saver(tmp_path, model, seconds=0)
    for step in (1, 2):
        model.iteration.assign(step)
        made.save({"pending": [step]})
    again = Checkpoints(tmp_path, model)
    assert again.restore() == 2 and again.facts == {"pending": [2]}
    (tmp_path / "step-2.json").write_bytes(b"")
    again = Checkpoints(tmp_path, model)
    assert again.restore() == 1 and again.facts == {"pending": [1]}
    assert "step-2 is damaged" in capsys.readouterr().err
    (tmp_path / "step-1.json").unlink()  # as states of older versions
    (tmp_path / "step-2.index").unlink()
    assert Checkpoints(tmp_path, model).restore() == 1

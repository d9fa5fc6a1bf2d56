"""Trainings that a signal stops, and that resume."""

import dataclasses
import json
import os
import re
import signal

import numpy as np
import pytest
from checkpoints import state

from zoo import recipe
from zoo.commands.signals import Stopped
from zoo.errors import ZooError
from zoo.train import run
from zoo.train.checkpoints import Checkpoints, states
from zoo.train.record import Record
from zoo.train.run import train

# 11 windows of two steps: the losses of a single step stay pending at odd steps.
small = dataclasses.replace(
    recipe.find("gan"),
    steps=50,
    period=20,
    steps_per_execution=1,
    batch_size=8,
    precision="float32",
    network={"generator_units": (8,), "discriminator_units": (8,), "dropout": (0.2, 0.5)},
)
pytestmark = pytest.mark.slow


def steps(out):
    return [int(path.rpartition("-")[2]) for path in states(out / "checkpoints")]


def results(out):
    """Returns the results of a run without durations."""
    rows = [line.split(",") for line in (out / "history.csv").read_text().splitlines()]
    images = {p.name: p.read_bytes() for p in [*out.glob("samples/*.png"), out / "samples.gif"]}
    weights = {name: value.tobytes() for name, value in state(out).items()}
    return {"losses": [[*row[:1], *row[2:]] for row in rows], "images": images, "weights": weights}


@pytest.fixture(scope="module")
def whole(shared, data_dir):
    """The results of a run without a stop."""
    return results(shared("stopping_whole", lambda folder: train(small, folder, data_dir=data_dir)))


def raising(monkeypatch, owner, name, number, at=lambda *args: True):
    """Sends a signal to this process at the first call of a function for which `at` is true."""
    function, sent = getattr(owner, name), []

    def wrapped(*args, **kwargs):
        if not sent and at(*args):
            sent.append(number)
            os.kill(os.getpid(), number)
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, wrapped)


def at_step(step):
    """Returns whether a call of `on_train_batch_end` is for a step, as a function."""
    return lambda record, *_: record.step == step - 1


def stopped(out, data_dir, **options):
    with pytest.raises(Stopped) as error:
        train(small, out, data_dir=data_dir, **options)
    return error.value


@pytest.mark.parametrize(
    "number, step",
    [(signal.SIGTERM, 27), (signal.SIGHUP, 40), (signal.SIGUSR1, 50), (signal.SIGINT, 1)],
)
def test_a_stopped_run_ends_as_a_run_without_a_stop(number, step, whole, tmp_path, data_dir):
    with pytest.MonkeyPatch.context() as patch:
        raising(patch, Record, "on_train_batch_end", number, at_step(step))
        error = stopped(tmp_path, data_dir)
    assert error.code == 128 + number and steps(tmp_path)[-1] == step
    assert f"The state of step {step} is saved" in str(error)
    train(small, tmp_path, data_dir=data_dir)
    assert results(tmp_path) == whole
    assert steps(tmp_path) == [40, 50]


@pytest.mark.parametrize(
    "owner, name, kept",
    [
        (run, "load_data", []),
        (run, "assemble", []),
        (Record, "on_train_begin", [1]),
        (Record, "_write_images", [20]),
        (Checkpoints, "save", [20]),
        (Record, "animate", [40, 50]),
        (run, "export_run", [40, 50]),
    ],
)
def test_a_signal_at_any_moment_keeps_the_state(owner, name, kept, whole, tmp_path, data_dir):
    with pytest.MonkeyPatch.context() as patch:
        raising(patch, owner, name, signal.SIGTERM)
        error = stopped(tmp_path, data_dir)
    assert steps(tmp_path) == kept
    assert ("is saved" if kept else "No checkpoint was written") in str(error)
    train(small, tmp_path, data_dir=data_dir)
    assert results(tmp_path) == whole


def test_many_stops_and_checkpoints_by_time_change_nothing(whole, tmp_path, data_dir):
    for step in (3, 19, 21, 22, 33):
        with pytest.MonkeyPatch.context() as patch:
            raising(patch, Record, "on_train_batch_end", signal.SIGTERM, at_step(step))
            stopped(tmp_path, data_dir, checkpoint_minutes=1e-9)
    assert steps(tmp_path) == [20, 33]
    train(small, tmp_path, data_dir=data_dir, checkpoint_minutes=1e-9)
    assert results(tmp_path) == whole


def test_last_good_has_only_states_of_period_ends(tmp_path, data_dir):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Record, "collapsed_below", 1e-6)
        raising(patch, Record, "on_train_batch_end", signal.SIGTERM, at_step(30))
        stopped(tmp_path, data_dir)
    assert json.loads((tmp_path / "checkpoints" / "step-30.json").read_text())["varied"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Record, "collapsed_below", 1e6)  # all samples vary less
        train(small, tmp_path, data_dir=data_dir)
    assert [path.name for path in (tmp_path / "last_good").iterdir()] == ["step-20"]


def test_a_state_with_nan_is_not_saved(tmp_path, data_dir):
    def spoil(record, *_):
        if record.step == 29:
            variable = record.model.side_variables("generator")[0]
            variable.assign(variable * np.nan)
        return record.step == 29

    with pytest.MonkeyPatch.context() as patch:
        raising(patch, Record, "on_train_batch_end", signal.SIGTERM, spoil)
        error = stopped(tmp_path, data_dir)
    assert "The state of step 20 is saved" in str(error) and steps(tmp_path) == [20]


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf")])
def test_senseless_times_are_refused(minutes, tmp_path, data_dir):
    with pytest.raises(ZooError, match="checkpoint_minutes"):
        train(small, tmp_path, data_dir=data_dir, checkpoint_minutes=minutes)


def test_a_long_run_is_announced_after_20_steps(tmp_path, data_dir, capsys):
    with pytest.MonkeyPatch.context() as patch:
        raising(patch, Record, "on_train_batch_end", signal.SIGTERM, at_step(25))
        with pytest.raises(Stopped):
            train(dataclasses.replace(small, steps=10**8, period=1000), tmp_path, data_dir=data_dir)
    assert re.search(r"The remaining 99,999,979 steps take about [\d.]+ hours", capsys.readouterr().out)

"""Several devices, several workers: the same weights as one, one writer, and no work lost."""

import csv
import json
import signal
import socket
import time

import numpy as np
import pytest
from checkpoints import state
from PIL import Image
from processes import Command

from zoo.errors import ZooError
from zoo.tasks import load
from zoo.train.checkpoints import states
from zoo.train.workers import strategy

tiny = {
    "gan": ["network={'generator_units': (8,), 'discriminator_units': (8,), 'dropout': (0.0, 0.0)}"],
    "classifier": ["network={'width': 4, 'features': 8, 'dropout': 0.0}", "average=0.5"],
    "srgan": [
        "network={'width': 4, 'blocks': 1, 'discriminator_width': 4, 'units': 8, 'content': 'mse'}",
        "stages=(2,)",
        "weights={}",
        "image_size=32",
    ],
}  # without the draws that differ between replicas
common = ["batch_size=8", "image_size=16", "precision=float32", "period=1"]
# Adam's first step is as large for the smallest gradient, whose sign rounding decides.
sgd = ["optimizers={'classifier': {'name': 'sgd', 'learning_rate': 0.1}}", "steps=1"]
started = []

job = """
import json, os, sys
import tensorflow as tf
out, data_dir, spread, devices, model, sets, poisoned, options = json.loads(sys.argv[1])
cpus = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * devices)
from zoo import cli, recipe
from zoo.game.adversarial import Adversarial
from zoo.train.run import train
if poisoned:
    move = Adversarial.move
    def overflow(self, side, variables, gradients):
        second = tf.distribute.get_replica_context().replica_id_in_sync_group == 1
        move(self, side, variables, [g + tf.where(second, float("nan"), 0.0) for g in gradients])
    Adversarial.move = overflow
chosen = recipe.find(model).changed(sets)
def main():
    train(chosen, out, spread=spread, data_dir=data_dir, **options)
sys.argv = sys.argv[:1]
cli.run(main)
"""


def start(
    out, data_dir, model, *sets, spread="one", devices=1, poisoned=False, options=None, cwd=None, **env
):
    """A training in a process of its own."""
    assignments = [*common, *tiny[model], *sets]
    told = json.dumps([str(out), data_dir, spread, devices, model, assignments, poisoned, options or {}])
    process = Command(["-c", job, told], cwd, env=env)
    started.append(process)
    return process


@pytest.fixture(autouse=True)
def none_is_left():
    """Whatever a test that fails started ends with it."""
    yield
    for process in started:
        process.kill()
    started.clear()


def finished(process):
    """What a process that ends well printed."""
    done = process.wait(timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def alike(a, b):
    a, b = state(a), state(b)
    assert set(a) == set(b) and len(a) > 8
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=0, atol=1e-6, err_msg=name)


@pytest.fixture(scope="module")
def workers():
    """What says to each of two processes on this machine where both are."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(2)]
    addresses = [f"localhost:{s.getsockname()[1]}" for s in sockets]
    for s in sockets:
        s.close()
    tasks = [{"type": "worker", "index": i} for i in range(2)]
    return [{"TF_CONFIG": json.dumps({"cluster": {"worker": addresses}, "task": t})} for t in tasks]


@pytest.fixture(scope="module")
def alone(tmp_path_factory, data_dir):
    """One step of a classifier, on one device."""
    folder = tmp_path_factory.mktemp("alone")
    finished(start(folder, data_dir, "classifier", *sgd))
    return folder


@pytest.mark.slow
def test_two_replicas_take_the_step_of_one(alone, tmp_path, data_dir):
    finished(start(tmp_path, data_dir, "classifier", *sgd, spread="mirrored", devices=2))
    alike(alone, tmp_path)


@pytest.mark.slow
def test_two_workers_take_the_step_of_one_and_only_the_chief_writes(alone, tmp_path, data_dir, workers):
    folders = [tmp_path / "chief", tmp_path / "other"]
    together = [
        start(folder, data_dir, "classifier", *sgd, spread="multi_worker", **told)
        for folder, told in zip(folders, workers)
    ]
    for process in together:
        finished(process)
    alike(alone, folders[0])
    assert load(folders[0]).signatures
    assert not folders[1].exists()


@pytest.mark.slow
def test_the_tasks_of_a_slurm_job_find_each_other(alone, tmp_path, data_dir):
    step = {
        "SLURM_STEP_NODELIST": "localhost",
        "SLURM_STEP_TASKS_PER_NODE": "2",
        "SLURM_STEP_NUM_TASKS": "2",
    }
    together = [
        start(tmp_path, data_dir, "classifier", *sgd, spread="slurm", **step, SLURM_PROCID=str(i))
        for i in range(2)
    ]
    for process in together:
        finished(process)
    alike(alone, tmp_path)


@pytest.mark.slow
def test_a_worker_that_is_killed_ends_the_job_which_goes_on_when_started_again(tmp_path, data_dir, workers):
    def both(steps):
        sets = [f"steps={steps}"]
        return [start(tmp_path, data_dir, "gan", *sets, spread="multi_worker", **told) for told in workers]

    chief, other = both(5000)
    deadline = time.monotonic() + 240
    while not (tmp_path / "samples" / "step_0000003.png").exists():
        assert chief.running and other.running and time.monotonic() < deadline
        time.sleep(0.05)
    other.kill()
    other.wait()
    ended = chief.wait(timeout=240)
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    assert "error: Another worker is gone" in ended.stderr
    reached = max(int(p.stem.split("-")[1]) for p in (tmp_path / "checkpoints").glob("*.index"))
    for process in both(reached + 2):
        assert f"Going on from step {reached} of {reached + 2}" in finished(process)
    assert load(tmp_path).sample(2).shape == (2, 16, 16, 1)


@pytest.mark.slow
@pytest.mark.parametrize("receiver", [0, 1])
def test_a_signal_to_one_worker_stops_all_after_the_chief_has_saved(receiver, tmp_path, data_dir, workers):
    def both(out, steps):
        sets = [f"steps={steps}", "period=1000"]
        return [start(out, data_dir, "gan", *sets, spread="multi_worker", **told) for told in workers]

    stopped = both(tmp_path / "stopped", 100_000)
    deadline = time.monotonic() + 240
    while not (tmp_path / "stopped" / "tensorboard").exists():
        assert all(process.running for process in stopped) and time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    stopped[receiver].send_signal(signal.SIGTERM)
    ended = [process.wait(timeout=60) for process in stopped]
    reached = int(states(tmp_path / "stopped" / "checkpoints")[-1].rpartition("-")[2])
    by = ["a signal to another worker"] * 2
    by[receiver] = "SIGTERM"
    for process, cause in zip(ended, by):
        assert process.returncode == 143, process.stderr
        assert f"Stopped by {cause}. The state of step {reached} is saved" in process.stderr
    for out in ("stopped", "whole"):
        for process in both(tmp_path / out, reached + 3):
            finished(process)
    losses = [
        [[*row[:1], *row[2:]] for row in csv.reader((tmp_path / out / "history.csv").open())]
        for out in ("stopped", "whole")
    ]
    assert losses[0] == losses[1]
    same = [state(tmp_path / out) for out in ("stopped", "whole")]
    for name in same[0]:
        np.testing.assert_array_equal(same[0][name], same[1][name], err_msg=name)


@pytest.mark.slow
def test_a_missing_worker_is_named(tmp_path, data_dir, workers):
    told = {"spread": "multi_worker", "options": {"wait_minutes": 0.02}}
    ended = start(tmp_path, data_dir, "gan", **told, **workers[0]).wait(timeout=120)
    missing = json.loads(workers[0]["TF_CONFIG"])["cluster"]["worker"][1]
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    assert f"error: No worker answers at {missing} after 0.02 minutes" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("field", ["precision=mixed_bfloat16", "seed=1"])
def test_workers_with_different_recipes_are_refused(field, tmp_path, data_dir, workers):
    sets = [[], [field]]
    trainings = [
        start(tmp_path, data_dir, "gan", *more, spread="multi_worker", **told)
        for more, told in zip(sets, workers)
    ]
    for process in trainings:
        ended = process.wait(timeout=120)
        assert ended.returncode == 1 and "Traceback" not in ended.stderr
        assert "another recipe than localhost:" in ended.stderr and field.split("=")[0] in ended.stderr


@pytest.mark.slow
def test_workers_with_different_data_are_refused(tmp_path, data_dir, workers):
    for worker, count in (("a", 10), ("b", 11)):
        (tmp_path / worker / "images").mkdir(parents=True)
        for i in range(count):
            Image.new("L", (16, 16), i).save(tmp_path / worker / "images" / f"{i:02d}.png")
    both = [
        start(
            tmp_path / "out", data_dir, "gan", "dataset='./images'",
            spread="multi_worker", cwd=tmp_path / worker, **told,
        )
        for worker, told in zip("ab", workers)
    ]  # fmt: skip
    for process in both:
        ended = process.wait(timeout=120)
        assert ended.returncode == 1 and "Traceback" not in ended.stderr
        assert "Worker 1 reads other data than worker 0" in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("spread", ["mirrored", "multi_worker"])
def test_an_overflow_on_one_replica_skips_the_step_on_all(spread, tmp_path, data_dir, workers):
    alike, after = {"spread": spread, "poisoned": True}, []
    each = [{"devices": 2}] if spread == "mirrored" else workers
    for steps in (1, 3):
        sets = ["precision=mixed_float16", f"steps={steps}"]
        for process in [start(tmp_path, data_dir, "gan", *sets, **alike, **told) for told in each]:
            finished(process)
        after.append(state(tmp_path))
    weights = [name for name in after[0] if "optimizer" not in name and "state/model" not in name]
    assert len(weights) >= 8
    for name in weights:
        np.testing.assert_array_equal(after[0][name], after[1][name], err_msg=name)
    assert any(np.any(after[0][name] != after[1][name]) for name in after[0])  # the scale of the loss


@pytest.mark.slow
def test_calls_of_several_steps_are_of_one_replica(tmp_path, data_dir):
    sets = ["period=4", "steps=8", "steps_per_execution=2"]
    finished(start(tmp_path, data_dir, "gan", *sets, spread="mirrored", devices=2))
    assert load(tmp_path).sample(2).shape == (2, 16, 16, 1)


@pytest.mark.slow
def test_stages_pass_on_two_replicas(tmp_path, data_dir):
    finished(start(tmp_path, data_dir, "srgan", "steps=3", spread="mirrored", devices=2))
    rows = (tmp_path / "history.csv").read_text().splitlines()
    assert "discriminator_loss" in rows[0] and len(rows) == 4
    assert load(tmp_path).upscale(np.zeros((8, 8, 3), np.uint8)).shape == (32, 32, 3)


@pytest.mark.slow
def test_warm_start_on_two_replicas(tmp_path, data_dir):
    narrow = [f"network.{name}" for name in ("discriminator_width=4", "units=8")]
    changes = [
        "network={'width': 32, 'blocks': 8, 'content': 'mse'}",
        *narrow,
        "weights={'generator': 'srresnet_photos'}",
        "steps=1",
        "stages=(1,)",
    ]
    finished(start(tmp_path, data_dir, "srgan", *changes, spread="mirrored", devices=2))
    names = ("srresnet_photos", tmp_path)
    wanted, found = (load(name).upscale(np.full((8, 8, 3), 90, np.uint8)) for name in names)
    assert np.abs(np.int32(wanted) - found).max() <= 20


def test_a_strategy_without_its_surroundings_says_what_it_needs(monkeypatch):
    monkeypatch.delenv("SLURM_PROCID", raising=False)
    with pytest.raises(ZooError, match="srun"):
        strategy("slurm")

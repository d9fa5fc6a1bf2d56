"""What must survive: kill -9, signals, corrupt checkpoints, two runs in one folder, NaN losses."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import app, flags
from checkpoints import state
from PIL import Image
from processes import run_command

import zoo
from zoo import cli, datasets, recipe
from zoo.errors import ZooError
from zoo.evaluate.store import store
from zoo.models.gan import GAN
from zoo.models.rebuild import rebuild
from zoo.tasks import load
from zoo.train import __main__ as entry_point
from zoo.train.assemble import assemble
from zoo.train.history import read_rows
from zoo.train.identity import check_progress
from zoo.train.machine import fastest_precision
from zoo.train.record import Record
from zoo.train.run import own_folder, train

tiny = dataclasses.replace(
    recipe.find("gan"),
    steps=6,
    period=2,
    steps_per_execution=1,
    batch_size=8,
    network={"generator_units": (8,), "discriminator_units": (8,), "dropout": (0.2, 0.5)},
)


def same(a, b):
    a, b = state(a), state(b)
    assert set(a) == set(b) and len(a) > 8
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


@pytest.fixture(scope="module")
def whole(shared, data_dir):
    """A run without interruptions."""
    return shared("training_whole", lambda folder: train(tiny, folder, data_dir=data_dir))


@pytest.mark.slow
def test_a_run_leaves_everything_behind(whole):
    steps = [f"samples/step_000000{s}.png" for s in (2, 4, 6)]
    for name in [
        *steps,
        "samples.gif",
        "curves.png",
        "history.csv",
        "recipe.json",
        "saved_model/card.json",
    ]:
        assert (whole / name).stat().st_size > 0, name
    assert list((whole / "tensorboard").iterdir())
    assert len(list((whole / "checkpoints").glob("*.index"))) == 2
    resolved = json.loads((whole / "recipe.json").read_text())
    assert resolved["network"]["generator_units"] == [8] and resolved["precision"] == "float32"
    assert load(whole).sample(3).shape == (3, 16, 16, 1)


@pytest.mark.slow
def test_run_of_another_version_is_refused(whole, tmp_path, data_dir):
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "recipe.json"
    fields = json.loads(file.read_text())
    assert fields.pop("format") == 1
    file.write_text(json.dumps(fields))
    with pytest.raises(ZooError, match="recipe.json was made by another version of zoo"):
        train(recipe.find("gan"), tmp_path, data_dir=data_dir)


@pytest.mark.slow
def test_killed_in_mid_training_it_ends_bit_for_bit_the_same(whole, tmp_path, data_dir):
    sets = [f"--set={k}={json.loads((whole / 'recipe.json').read_text())[k]!r}" for k in ("network",)]
    command = [sys.executable, "-m", "zoo.train", "--model=gan", "--period=2"]
    command = [
        *command[:-1], "--steps=400", "--batch_size=8", "--set=period=2", *sets,
        f"--out={tmp_path}", f"--data_dir={data_dir}",
    ]  # fmt: skip
    root = pathlib.Path(zoo.__file__).parent.parent
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 240
    while not (tmp_path / "samples" / "step_0000004.png").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "saved_model").exists()
    reached = max(int(p.stem.split("-")[1]) for p in (tmp_path / "checkpoints").glob("*.index"))
    end = reached + 4
    longer = dataclasses.replace(tiny, steps=end)
    train(longer, tmp_path, data_dir=data_dir)
    unbroken = tmp_path / "unbroken"
    train(longer, unbroken, data_dir=data_dir)
    same(tmp_path, unbroken)


@pytest.mark.slow
def test_a_corrupt_checkpoint_falls_back_to_the_one_before(whole, tmp_path, data_dir, capsys):
    train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    data = tmp_path / "checkpoints" / "step-4.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 0xFF
    data.write_bytes(content)
    train(tiny, tmp_path, data_dir=data_dir)
    output = capsys.readouterr()
    assert "step-4 is damaged" in output.err and "Going on from step 2" in output.out
    same(whole, tmp_path)


@pytest.mark.slow
def test_when_no_checkpoint_is_whole_it_says_so(tmp_path, data_dir):
    train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    for data in (tmp_path / "checkpoints").glob("*.data*"):
        data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(ZooError, match="No checkpoint in .* can be read"):
        train(tiny, tmp_path, data_dir=data_dir)


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"\0" * 40, b"no list", None])
def test_a_lost_list_of_checkpoints_is_made_anew_from_the_files(content, whole, tmp_path, data_dir, capsys):
    train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    listed = tmp_path / "checkpoints" / "checkpoint"
    listed.unlink() if content is None else listed.write_bytes(content)
    train(tiny, tmp_path, data_dir=data_dir)
    assert "Going on from step 4" in capsys.readouterr().out
    same(whole, tmp_path)
    left = sorted(path.name for path in listed.parent.glob("*.index"))
    assert left == ["step-4.index", "step-6.index"]


@pytest.mark.slow
def test_a_damaged_recipe_next_to_checkpoints_can_be_deleted(whole, tmp_path, data_dir):
    train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    (tmp_path / "recipe.json").write_bytes(b"")  # as after a power cut
    with pytest.raises(ZooError, match="recipe.json cannot be read.* Delete it to continue the run."):
        train(tiny, tmp_path, data_dir=data_dir)
    (tmp_path / "recipe.json").unlink()
    train(tiny, tmp_path, data_dir=data_dir)
    same(whole, tmp_path)


@pytest.mark.slow
def test_files_that_decorate_a_run_do_not_stop_it(whole, tmp_path, data_dir, capsys):
    train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    (tmp_path / "samples" / "step_0000002.png").write_bytes(b"")
    history = tmp_path / "history.csv"
    history.write_text(history.read_text() + "x,1\n3\n4,0.1,\0,,,,,,,,,\n")
    (tmp_path / "curves.png").unlink()
    (tmp_path / "curves.png").mkdir()
    shutil.rmtree(tmp_path / "tensorboard")
    (tmp_path / "tensorboard").write_text("a file in place of a folder")
    train(tiny, tmp_path, data_dir=data_dir)
    messages = capsys.readouterr().err
    assert "3 damaged rows of" in messages and "the log of TensorBoard cannot be written" in messages
    assert "curves.png cannot be written" in messages and "The training goes on." in messages
    steps, whole_steps = ([row["step"] for row in read_rows(f / "history.csv")] for f in (tmp_path, whole))
    assert steps == whole_steps
    with Image.open(tmp_path / "samples.gif") as gif:
        assert gif.n_frames == 2  # those of steps 4 and 6
    for name, value in state(tmp_path).items():
        np.testing.assert_array_equal(value, state(whole)[name], err_msg=name)


@pytest.mark.slow
def test_a_file_in_place_of_the_folder_of_samples_does_not_stop_a_run(tmp_path, data_dir, capsys):
    tmp_path.joinpath("samples").write_text("")
    train(dataclasses.replace(tiny, steps=2), tmp_path, data_dir=data_dir)
    assert "an image of samples cannot be written" in capsys.readouterr().err


@pytest.mark.slow
def test_another_recipe_in_the_same_folder_is_refused_with_the_difference(whole, data_dir):
    other = tiny.changed(["optimizers.generator.learning_rate=0.5", "seed=3"])
    with pytest.raises(ZooError, match="another recipe") as error:
        train(other, whole, data_dir=data_dir)
    assert "seed: 0 there, 3 now" in str(error.value) and "0.5" in str(error.value)


@pytest.mark.slow
def test_a_finished_run_is_only_exported_again(whole, data_dir):
    before = state(whole)
    train(tiny, whole, data_dir=data_dir)
    for name, value in state(whole).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.slow
def test_a_folder_in_use_is_refused(tmp_path, data_dir):
    with own_folder(tmp_path), pytest.raises(ZooError, match="in use by another training"):
        train(tiny, tmp_path, data_dir=data_dir)


@pytest.mark.slow
def test_lock_of_a_killed_process_is_released(tmp_path):
    code = (
        "import pathlib, sys; from zoo.train.run import own_folder\n"
        "with own_folder(pathlib.Path(sys.argv[1])): print('locked', flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], **pipes) as other:
        try:
            assert other.stdout.readline() == "locked\n"
            with pytest.raises(ZooError, match="in use by another training"), own_folder(tmp_path):
                pass
        finally:
            other.kill()
    with own_folder(tmp_path):
        pass


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, data_dir):
    (tmp_path / "file").write_text("")
    with pytest.raises(ZooError, match="a part of the path is a file.* Set out=…"):
        train(tiny, tmp_path / "file" / "run", data_dir=data_dir)


@pytest.mark.slow
def test_nan_stops_the_run_and_keeps_the_last_good_checkpoint(tmp_path, data_dir):
    train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    good = state(tmp_path)

    class Poisoned(GAN):
        def report(self, name, value):
            super().report(name, value + tf.where(self.iteration.value >= 4, np.nan, 0.0))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.models.gan.GAN", Poisoned)
        with pytest.raises(ZooError, match=r"At step 5 .*_loss = nan.* learning rate"):
            train(tiny, tmp_path, data_dir=data_dir)
    for name, value in state(tmp_path).items():
        np.testing.assert_array_equal(value, good[name])


@pytest.mark.slow
def test_weights_that_are_no_numbers_are_not_checkpointed(tmp_path, data_dir):
    class Poisoned(GAN):
        def move(self, side, variables, gradients):
            super().move(side, variables, gradients)
            if side == "generator":  # the last move of a step: no loss of this step tells of it
                first = variables[0]
                first.assign(tf.where(self.iteration.value >= 3, np.nan, first))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.models.gan.GAN", Poisoned)
        with pytest.raises(ZooError, match=r"At step 4 a weight of the generator is NaN or infinite\. T"):
            train(tiny, tmp_path, data_dir=data_dir)
        with pytest.raises(ZooError, match=r"infinite\. Start a run"):  # before there is a checkpoint
            train(dataclasses.replace(tiny, period=6), tmp_path / "one", data_dir=data_dir)
    assert all(np.all(np.isfinite(value)) for value in state(tmp_path).values())


@pytest.mark.slow
def test_a_mistake_that_was_mended_leaves_the_folder_free(tmp_path, data_dir):
    wrong = [{"batch_size": 5000}, {"network": {"no_such": 1}}]
    wrong.append(
        {"model": "gancls", "network": {}, "image_size": 16}
    )  # has no captions, says its first step
    for change in wrong:
        with pytest.raises(ZooError):
            train(dataclasses.replace(tiny, **change), tmp_path, data_dir=data_dir)
    train(dataclasses.replace(tiny, steps=2), tmp_path, data_dir=data_dir)


@pytest.mark.slow
def test_a_run_is_not_made_shorter_and_its_stages_stay(tmp_path, data_dir):
    train(tiny, tmp_path, data_dir=data_dir)
    with pytest.raises(ZooError, match="has made 6 steps already.* Set steps=6 or out=…"):
        train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    version = train(dataclasses.replace(tiny, steps=8), tmp_path, data_dir=data_dir)
    assert [path.name for path in version.parent.iterdir() if path.is_dir()] == [version.name]
    assert load(tmp_path).card.recipe["steps"] == 8
    staged = dataclasses.replace(tiny, stages=(0.5,))
    longer = dataclasses.replace(staged, steps=12)
    check_progress(staged, longer, 3)  # the second has not begun
    with pytest.raises(ZooError, match=r"stages at \[3\], the recipe at \[\]\. Set stages=\(3,\)"):
        check_progress(staged, longer, 4)
    check_progress(staged, dataclasses.replace(longer, stages=(3,)), 4)


@pytest.mark.slow
def test_what_a_run_was_measured_to_do_stays_with_it(tmp_path, data_dir):
    train(dataclasses.replace(tiny, steps=2), tmp_path, data_dir=data_dir)
    trained = load(tmp_path)
    store([{"metric": "m", "value": 1.0}], trained)
    store([{"metric": "n", "value": 2.0}], trained)  # by who loaded it before the first
    train(dataclasses.replace(tiny, steps=2), tmp_path, data_dir=data_dir)
    assert [r["metric"] for r in load(tmp_path).card.results] == ["m", "n"]
    train(dataclasses.replace(tiny, steps=2, summary="new"), tmp_path, data_dir=data_dir)
    assert len(load(tmp_path).card.results) == 2
    train(dataclasses.replace(tiny, steps=4), tmp_path, data_dir=data_dir)
    assert load(tmp_path).card.results == []
    with pytest.raises(ZooError, match="exported again during"):
        store([{"metric": "m", "value": 1.0}], trained)


@pytest.mark.slow
def test_averaged_weights_are_exported_with_batch_norms_statistics_of_their_own(tmp_path, data_dir):
    chosen = dataclasses.replace(
        recipe.find("dcgan"), network={"width": 2}, batch_size=16, steps=8, period=8, average=0.9
    )
    chosen = dataclasses.replace(chosen, precision="float32")
    train(chosen, tmp_path, data_dir=data_dir)
    model = rebuild(load(tmp_path))
    (first, *_) = [n for n in model.generator.layers if isinstance(n, keras.layers.BatchNormalization)]
    inner = keras.Model(model.generator.inputs, first.input)
    h = inner({"z": model.priors["z"].draw(4000, tf.constant([3, 4]))}).numpy()
    axes = tuple(range(h.ndim - 1))
    np.testing.assert_allclose(first.moving_mean, h.mean(axes), atol=0.1 * h.std())
    np.testing.assert_allclose(first.moving_variance, h.var(axes), rtol=0.25)


@pytest.mark.slow
def test_collapse_is_noticed_and_the_checkpoint_before_it_kept(tmp_path, data_dir, capsys):
    class Collapsed(GAN):
        def generate(self, inputs, training=False):
            made = super().generate(inputs, training)
            return made if training else tf.where(self.iteration.value > 2, 0.5, made)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Record, "collapsed_below", 1e-6)  # so soon, nothing varies much
        train(dataclasses.replace(tiny, steps=2), tmp_path, data_dir=data_dir)
        assert "collapse" not in capsys.readouterr().err
        patch.setattr("zoo.models.gan.GAN", Collapsed)
        train(tiny, tmp_path, data_dir=data_dir)
    assert "possible mode collapse at step 4" in capsys.readouterr().err
    kept = tmp_path / "last_good" / "step-2"
    assert (kept / "checkpoints" / "step-2.index").exists()
    train(tiny, kept, data_dir=data_dir)  # a run to go on with
    assert "Going on from step 2 of 6" in capsys.readouterr().out


@pytest.mark.slow
def test_the_history_has_no_step_twice_after_a_resume(whole):
    steps = [int(line.split(",")[0]) for line in (whole / "history.csv").read_text().splitlines()[1:]]
    assert steps == sorted(set(steps)) and steps[-1] == 6


@pytest.mark.slow
def test_epochs_count_the_data(tmp_path, data_dir):
    train(dataclasses.replace(tiny, batch_size=719), tmp_path, epochs=2, data_dir=data_dir)
    assert json.loads((tmp_path / "recipe.json").read_text())["steps"] == 4
    for epochs in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ZooError, match="above 0"):
            train(tiny, tmp_path / "none", epochs=epochs, data_dir=data_dir)


@pytest.mark.slow
def test_an_epoch_counts_all_batches_of_a_step(tmp_path, data_dir):
    several = dataclasses.replace(tiny, batch_size=200, network={**tiny.network, "k": 3})
    train(several, tmp_path, epochs=2, data_dir=data_dir)
    assert json.loads((tmp_path / "recipe.json").read_text())["steps"] == round(2 * 1438 / 600)


@pytest.mark.slow
def test_losses_are_noted_whatever_the_steps_of_a_call(tmp_path, data_dir):
    made = dataclasses.replace(tiny, steps=48, period=24, steps_per_execution=3, batch_size=8)
    train(dataclasses.replace(made, period=48, steps_per_execution=16), tmp_path, data_dir=data_dir)
    rows = (tmp_path / "history.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["16", "32", "48"]
    train(made, tmp_path / "three", data_dir=data_dir)
    rows = (tmp_path / "three" / "history.csv").read_text().splitlines()
    assert [int(row.split(",")[0]) % 3 for row in rows[1:]] == [0] * 16
    odd = dataclasses.replace(made, steps=256, period=256, steps_per_execution=16)
    train(odd, tmp_path / "odd", data_dir=data_dir)  # 25 steps a row, of which 16 are no part
    rows = (tmp_path / "odd" / "history.csv").read_text().splitlines()
    assert len(rows) > 8 and rows[-1].startswith("256,")


@pytest.mark.slow
def test_steps_in_one_call_of_the_graph_are_those_one_by_one(tmp_path, data_dir):
    """A run of 8 steps by fours, and one of 6, by twos, that goes on to 8."""
    made = dataclasses.replace(tiny, steps=8, period=4)
    by_fours = dataclasses.replace(made, steps_per_execution=4)
    train(made, tmp_path / "one", data_dir=data_dir)
    train(by_fours, tmp_path / "four", data_dir=data_dir)
    for steps in (6, 8):
        train(dataclasses.replace(by_fours, steps=steps), tmp_path / "two", data_dir=data_dir)
    for name, value in state(tmp_path / "one").items():
        for run in ("four", "two"):
            np.testing.assert_array_equal(state(tmp_path / run)[name], value, err_msg=name)


@pytest.mark.slow
def test_a_stage_that_never_begins_is_said(tmp_path, data_dir, capsys, monkeypatch):
    monkeypatch.setattr(GAN, "stages", 2)
    train(dataclasses.replace(tiny, steps=2, stages=(5,)), tmp_path, data_dir=data_dir)
    assert "begins at step 5, after the last of 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags, precision",
    [
        ("fma avx512f", "float32"),
        ("fma avx512f avx512_bf16", "mixed_bfloat16"),
        ("fma amx_tile amx_bf16", "mixed_bfloat16"),
    ],
)
def test_bfloat16_is_for_cpus_with_instructions_for_it(flags, precision, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.setattr(pathlib.Path, "read_text", lambda path, encoding: f"flags\t\t: {flags}\n")
    assert fastest_precision() == precision


@pytest.mark.slow
@pytest.mark.parametrize(
    "side_by_side, environment, before, threads",
    [
        (1, {}, "", 0),  # TensorFlow's own choice
        (2, {}, "", max(os.cpu_count() // 2, 1)),
        (10**6, {}, "", 1),
        (2, {"TF_NUM_INTRAOP_THREADS": "3"}, "", 0),  # the user's, which TensorFlow reads later
        (2, {}, "tf.zeros(1)", 0),  # too late
    ],
)
def test_operations_share_the_cores(side_by_side, environment, before, threads):
    lines = f"""
import tensorflow as tf
from zoo.train import machine
{before}
machine.share_cores({side_by_side})
print("threads", tf.config.threading.get_intra_op_parallelism_threads())
"""
    done = run_command(["-c", lines], env={"TF_NUM_INTRAOP_THREADS": None, **environment})
    assert f"threads {threads}" in done.stdout.splitlines(), done.stderr


def test_averaged_weights_are_put_in_place_and_taken_out(data_dir):
    chosen = dataclasses.replace(tiny, average=0.5)
    data = datasets.load("digits", image_size=16, data_dir=data_dir)
    model = assemble(chosen, data)
    for batch in data.batches(8, 0).take(3):
        model.train_step(batch)
    live = [w.copy() for w in model.generator.get_weights()]
    with model.averaged():
        average = model.generator.get_weights()
        assert any(np.any(a != b) for a, b in zip(average, live))
    for a, b in zip(model.generator.get_weights(), live):
        np.testing.assert_array_equal(a, b)


two_devices = """
import tensorflow as tf, numpy as np, sys, dataclasses
cpus = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * 2)
from zoo import recipe
from zoo.train.run import train
networks = {
    "gan": "{'generator_units': (8,), 'discriminator_units': (8,), 'dropout': (0.0, 0.0)}",
    "cyclegan": "{'width': 4, 'discriminator_width': 4, 'blocks': 1, 'patch': 16, 'pool': 2}"}
chosen = recipe.find(sys.argv[4]).changed([
    "steps=3", "period=3", "batch_size=8", "image_size=16", "precision=" + sys.argv[3],
    "network=" + networks[sys.argv[4]]])
train(chosen, sys.argv[1], spread="mirrored", data_dir=sys.argv[2])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, precision", [("gan", "float32"), ("gan", "mixed_float16"), ("cyclegan", "mixed_float16")]
)
def test_two_replicas_train_and_export(name, precision, tmp_path, data_dir):
    done = run_command(["-c", two_devices, tmp_path, data_dir, precision, name])
    assert done.returncode == 0, done.stderr
    trained = load(tmp_path)
    if name == "gan":
        assert trained.sample(2).shape == (2, 16, 16, 1)
    else:
        assert trained.translate(np.zeros((2, 16, 16, 3), np.uint8)).shape == (2, 16, 16, 3)
    for name, value in state(tmp_path).items():
        assert np.isfinite(value).all(), name


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--model=cgna"], "Did you mean cgan"),
        ([], "--model is missing"),
        (["--model=cgan", "--set=step=3"], "Did you mean steps"),
        (["--model=cgan", "--dataset=mnits"], "Did you mean mnist"),
        (["--model=cgan", "--batch_size=5000"], "Use --batch_size=1438."),
        (["--model=cgan", "--set=network.widht=3"], "option of model 'cgan'"),
        (["--model=dcgan", "--set=image_size=30"], "image_size"),
        (["--model=gan", "--set=network.k=-1"], "at least one batch a step"),
        (["--model=gan", "--set=network.k=nan"], "network.k takes int"),
        (["--model=gan", "--set=network.generator_units=(0,)"], "cannot be built"),
        (["--model=cgan", "--out=/proc/zoo"], "Use --out=…"),
        (["--model=cgan", "--strategy=mirored"], "mirrored"),
        (["--model=cgan", "extra"], "Unexpected argument"),
    ],
)
def test_mistakes_on_the_command_line_are_one_line_and_status_1(
    arguments, message, tmp_path, data_dir, capfd
):
    saved = flags.FLAGS.flag_values_dict()
    flags.FLAGS.unparse_flags()
    out = [] if any(a.startswith("--out") for a in arguments) else [f"--out={tmp_path}"]
    with contextlib.suppress(SystemExit), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["train", f"--data_dir={data_dir}", *out, *arguments])
        status = []
        patch.setattr(app, "run", lambda main: status.append(main(flags.FLAGS(sys.argv))))
        cli.run(entry_point.main)
    for name, value in saved.items():
        if name in ("model", "set", "dataset", "batch_size", "strategy", "out", "data_dir"):
            flags.FLAGS[name].value = value
    error = capfd.readouterr().err
    assert status == [1] and message in error and "Traceback" not in error
    assert len([line for line in error.splitlines() if line.startswith("error: ")]) == 1

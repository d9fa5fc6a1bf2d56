"""What every registered model and every recipe must do, whatever its scheme."""

import dataclasses
import functools
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2
from trainings import data_of, first_batches, papers, small

from zoo import paths, recipe
from zoo.datasets.sources import embedded_sets
from zoo.game.adversarial import Adversarial
from zoo.models.build import build, list_models, model_options, model_reads
from zoo.models.rebuild import re_export, rebuild
from zoo.saved import encoded, warmup
from zoo.saved.card import checksums, list_trained
from zoo.tasks import load
from zoo.train.assemble import assemble
from zoo.train.run import train

half = [
    pytest.param(precision, marks=pytest.mark.slow) for precision in ("mixed_bfloat16", "mixed_float16")
]
precisions = ["float32", *half]

models = list_models()
recipes = recipe.list_recipes()


def defaults(model):
    return recipe.find(model)


@pytest.fixture(scope="module")
def trained(small_run):
    """What such a run exported, loaded."""
    return functools.cache(lambda model: load(small_run(model)))


def test_every_model_has_one_default_recipe():
    found = [recipe.find(r).model for r in recipes if recipe.find(r).default]
    assert sorted(found) == models


@pytest.mark.parametrize("name", [name for name in recipes if name not in papers])
def test_recipe_is_named_for_its_model_documented_and_buildable(name):
    found = recipe.find(name)
    assert name.startswith(found.model) and found.summary
    known = model_options(found.model)
    assert set(found.network) <= set(known)
    channels = found.channels or (3 if "shapes" in found.dataset else 1)
    shape = (found.image_size or 28,) * 2 + (channels,)
    if "gaussians" in found.dataset:
        shape = (1,) if "normal" in found.dataset else (2,)
    words = {f"word {i}": 9 for i in range(20)}
    said = {"factors": {"kind": 6, "size": 3, "texture": 4}, "tags": words}
    classes = said if model_reads(found.model) == "descriptions" else 10
    model = build(found.model, shape, classes, **found.network)
    assert set(model.sides) == set(found.optimizers)
    if hasattr(model, "x_shape"):
        assert tuple(model.x_shape) == shape


@pytest.mark.parametrize("name", models)
def test_default_recipe_is_embedded(name):
    assert defaults(name).dataset.split("/")[0] in embedded_sets()


@pytest.mark.parametrize("precision", precisions)
@pytest.mark.parametrize("name", models)
def test_gradients_reach_the_side_that_moves_and_no_other(name, precision, data_dir, monkeypatch):
    chosen = dataclasses.replace(small(name), precision=precision)
    model = assemble(chosen, data_of(chosen, data_dir))
    (batch,) = first_batches(chosen, data_dir, model.batches_per_step)
    moved, logs = {}, {}
    move = Adversarial.move

    def watched(self, side, variables, gradients):
        before = [v.numpy() for v in self.trainable_variables]
        move(self, side, variables, gradients)
        own = {id(v) for v in variables}
        for v, old in zip(self.trainable_variables, before):
            assert id(v) in own or np.array_equal(v.numpy(), old), f"{side} moved {v.path}"
        moved[side] = [(v.path, g, v.numpy()) for v, g in zip(variables, gradients)]

    monkeypatch.setattr(Adversarial, "move", watched)
    tf.config.run_functions_eagerly(True)
    try:
        for stage in range(model.stages):
            model.stage = stage
            logs |= model.train_step(batch)
    finally:
        tf.config.run_functions_eagerly(False)
    assert set(moved) == set(model.sides)
    for side, variables in moved.items():
        assert np.isfinite(logs[f"{side}_loss"])
        for path, gradient, value in variables:
            assert gradient is not None, f"{side}'s loss does not reach {path}"
            # In eight bits, what real and fake examples ask of a single number may cancel.
            cancels = precision != "float32" and value.size == 1
            assert cancels or np.any(gradient.numpy() != 0), f"{side}'s gradient of {path} is zero"
            assert np.isfinite(value).all(), path
    assert int(model.iteration.numpy()) == model.stages


@pytest.mark.slow
@pytest.mark.parametrize("name", models)
def test_a_run_that_was_stopped_ends_as_the_one_that_was_not(
    name, small_run, tmp_path, data_dir, monkeypatch, capsys
):
    whole = small_run(name)
    lost = shutil.ignore_patterns("step-2.*", "saved_model")  # all that came after the first step
    shutil.copytree(whole, tmp_path, dirs_exist_ok=True, ignore=lost)
    monkeypatch.setattr("zoo.train.run.export_run", lambda *_: None)  # what is compared are the checkpoints
    train(small(name), tmp_path, data_dir=data_dir)
    assert "Going on from step 1 of 2" in capsys.readouterr().out
    a, b = (
        tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints")))
        for folder in (whole, tmp_path)
    )
    names = [n for n in a.get_variable_to_shape_map() if n.startswith("state")]
    assert len(names) > 4
    for n in names:
        np.testing.assert_array_equal(a.get_tensor(n), b.get_tensor(n), err_msg=n)
    assert (whole / "history.csv").read_text().count("\n") == 3


reader = """
import json, sys
import numpy as np, tensorflow as tf
for line in sys.stdin:
    version, folder, names = json.loads(line)
    signatures = tf.saved_model.load(version).signatures
    inputs = np.load(f"{folder}/inputs.npz")
    for name in names:
        given = {k.split("/")[1]: tf.constant(inputs[k]) for k in inputs if k.startswith(name + "/")}
        for k, v in signatures[name](**given).items():
            value = v.numpy().astype("S") if v.dtype == tf.string else v.numpy()
            np.savez(f"{folder}/{name}.{k}.npz", value=value)
    assert "zoo" not in sys.modules
    print("read", flush=True)
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A process without our code that runs the signatures of a SavedModel on inputs.npz of a folder."""
    away = tmp_path_factory.mktemp("elsewhere")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    with subprocess.Popen([sys.executable, "-c", reader], cwd=away, env=environment, **pipes) as process:

        def read(version, folder, names):
            print(json.dumps([str(version), str(folder), list(names)]), file=process.stdin, flush=True)
            assert process.stdout.readline() == "read\n"

        yield read
        process.stdin.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", models)
def test_export_reloads_in_a_process_without_our_code(name, trained, elsewhere, tmp_path):
    rng = np.random.default_rng(0)
    inputs, expected = {}, {}
    for signature, spec in trained(name).card.signatures.items():
        given = {}
        for k, v in spec["inputs"].items():
            if v["dtype"] == "string":
                given[k] = encoded.example(k, v, rows=3).numpy().astype("S")
                continue
            shape = [3, *(32 if d is None else d for d in v["shape"][1:])]
            high = 256 if v["dtype"] == "uint8" else 10
            is_float = v["dtype"] == "float32"
            values = rng.uniform(0, 1, shape) if is_float else rng.integers(0, high, shape)
            given[k] = values.astype(v["dtype"])
        inputs.update({f"{signature}/{k}": v for k, v in given.items()})
        expected[signature] = trained(name).call(signature, **given)
    np.savez(tmp_path / "inputs.npz", **inputs)
    elsewhere(trained(name).folder / "1", tmp_path, expected)
    for signature, outputs in expected.items():
        for k, v in outputs.items():
            again = np.load(tmp_path / f"{signature}.{k}.npz")["value"]
            same_but_for_rounding(again, v.astype("S") if v.dtype == object else v)


def same_but_for_rounding(got, want):
    """The order of a sum may differ from one loading to the next: of a float its last bits. Pictures are
    rounded, and equal."""
    if want.dtype.kind == "f":
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    else:
        np.testing.assert_array_equal(got, want)


def is_stateless_and_standard(made):
    for signature in made.signatures.values():
        graph = signature.graph.as_graph_def()
        nodes = list(graph.node) + [n for f in graph.library.function for n in f.node_def]
        for node in nodes:
            assert node.op not in ("PyFunc", "EagerPyFunc", "PyFuncStateless"), node.name
            random = "Random" in node.op or "Multinomial" in node.op
            assert not random or node.op.startswith("Stateless"), node.op


def recorded(version):
    """The warm-up requests of a version: {signature: {input: values}}."""
    requests = [
        prediction_log_pb2.PredictionLog.FromString(record.numpy()).predict_log.request
        for record in tf.data.TFRecordDataset(str(version / warmup.file))
    ]
    return {
        request.model_spec.signature_name: {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
        for request in requests
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", models)
def test_exported_graph_is_stateless_and_standard(name, trained):
    is_stateless_and_standard(trained(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", models)
def test_warm_up_requests_replay_as_tf_serving_would(name, trained):
    """By TF 1's session loader, feeding by the tensor names of the SignatureDef: what TF Serving does."""
    made = trained(name)
    version = made.folder / "1"
    asked = recorded(version)
    assert list(asked) == list(made.card.signatures)
    expected = {name: made.call(name, **given) for name, given in asked.items()}
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        loaded = tf.compat.v1.saved_model.loader.load(session, ["serve"], str(version))
        assert {*asked, "serving_default"} <= set(loaded.signature_def)
        for name, given in asked.items():
            signature = loaded.signature_def[name]
            outputs = session.run(
                {key: tensor.name for key, tensor in signature.outputs.items()},
                {signature.inputs[key].name: value for key, value in given.items()},
            )
            for key, value in expected[name].items():
                assert len(outputs[key]) == 1
                same_but_for_rounding(outputs[key], value)


@pytest.mark.slow
@pytest.mark.parametrize("name", models)
def test_a_model_is_rebuilt_from_what_was_exported(name, trained):
    made = trained(name)
    again = rebuild(made)
    assert json.loads(json.dumps(again.describe())) == made.interface
    signatures = again.signatures()
    assert set(signatures) == set(made.own_signatures()) - {"labels"}  # which an export adds
    for signature, (function, specs) in signatures.items():
        given = {k: encoded.example(k, made.card.signatures[signature]["inputs"][k], rows=2) for k in specs}
        outputs = made.call(signature, **{k: v.numpy() for k, v in given.items()})
        for key, value in tf.function(function, autograph=False)(**given).items():
            same_but_for_rounding(value.numpy(), outputs[key])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dcgan", "infogan", "pix2pix", "gancls"])
def test_a_model_is_exported_again(name, trained, tmp_path):
    made = trained(name)
    again = load(re_export(made, tmp_path).parent)
    assert again.interface == made.interface
    for signature, spec in made.card.signatures.items():
        given = {k: encoded.example(k, v, rows=2).numpy() for k, v in spec["inputs"].items()}
        for key, value in made.call(signature, **given).items():
            same_but_for_rounding(again.call(signature, **given)[key], value)


@pytest.mark.slow
@pytest.mark.parametrize("name", models)
def test_a_sample_depends_on_its_own_seed_alone(name, trained):
    made = trained(name)
    if "sample" not in made.signatures:
        pytest.skip(f"{name} does not sample")
    specs = {k: {"dtype": p.dtype, "shape": [None, *p.shape]} for k, p in made.conditions.items()}
    conditions = {k: encoded.example(k, spec, rows=4).numpy() for k, spec in specs.items()}
    many = made.sample(seed=[1, 2, 3, 4], **conditions)
    one = made.sample(seed=[3], **{k: v[:1] for k, v in conditions.items()})
    np.testing.assert_array_equal(many[2:3], one)
    if many.std() > 1:
        assert np.any(many[0] != many[1])
    else:  # near its first weights a deep generator's picture is one grey: before it is rounded, then
        game = rebuild(made)
        given = {k: tf.constant(v[:2]) for k, v in conditions.items()}
        filled = game.filled(tf.constant([1, 2], tf.int64), given)
        # With the averages that two steps left behind, a small network's last channel may be dead.
        for _ in range(50):
            game.generate(filled, training=True)
        raw = game.generate(filled).numpy()
        assert all(np.any(filled[k][0] != filled[k][1]) for k in game.noise) and np.any(raw[0] != raw[1])
    if many.ndim == 4:
        assert many.dtype == np.uint8 and many.shape[1:] == tuple(made.interface["x_shape"])


@pytest.mark.slow
@pytest.mark.parametrize("name", list_trained())
def test_a_shipped_model_is_whole_and_comes_from_a_recipe(name):
    trained = load(name)
    assert trained.card.files == checksums(trained.folder / "1")
    made = recipe.Recipe.restore(trained.card.recipe).plain()
    now = recipe.find(name).plain()
    # More steps than the default's ten minutes are a shipped model's right; the rest makes no weights.
    free = ("steps", "period", "precision", "summary", "metrics", "export", "half_weights", "default")
    free += ("published", *recipe.speed)
    assert {k: made[k] for k in made if k not in free} == {k: now[k] for k in now if k not in free}
    assert made["steps"] >= now["steps"]
    assert {r["metric"] for r in trained.card.results}, "no measured figures"
    size = sum(p.stat().st_size for p in trained.folder.rglob("*") if p.is_file())
    assert size < 10.5e6
    assert (paths.saved_models / name / "1" / "saved_model.pb").is_file()
    is_stateless_and_standard(trained)
    assert list(recorded(trained.version)) == list(trained.card.signatures)


def test_the_shipped_models_are_small_together():
    assert sum(p.stat().st_size for p in paths.saved_models.rglob("*") if p.is_file()) < 100e6

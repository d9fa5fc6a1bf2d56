"""What every registered model and every recipe must do, whatever its scheme."""

import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import encoded, paths, recipe, registry, serving, training, warmup
from zoo.adversarial import Adversarial

models = registry.list_models()
recipes = recipe.list_recipes()


def defaults(model):
    return recipe.find(model)


def small(model):
    """The default recipe of a model as a training of two steps."""
    made = defaults(model)
    few = {"batch_size": min(made.batch_size, 8), "image_size": min(made.image_size, 32)}
    few["stages"] = (1,) if made.stages else ()  # so that a run of two steps is in both
    return dataclasses.replace(made, **few, steps=2, period=1, steps_per_execution=1, precision="float32")


def compiled(model, precision="float32", data_dir=None):
    chosen = dataclasses.replace(small(model), precision=precision)
    data = training.data_of(chosen, data_dir=data_dir)
    model = training.assemble(chosen, data)
    return model, next(iter(data.batches(chosen.batch_size * model.batches_per_step, 0)))


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data_dir):
    """Every model trained for two steps by its default recipe: {model: run folder}."""
    made = {}

    def run(model):
        if model not in made:
            made[model] = tmp_path_factory.mktemp(model)
            training.train(small(model), made[model], data_dir=data_dir)
        return made[model]

    return run


def test_every_model_has_one_default_recipe():
    found = [recipe.find(r).model for r in recipes if recipe.find(r).default]
    assert sorted(found) == models


@pytest.mark.parametrize("name", recipes)
def test_recipe_is_named_for_its_model_documented_and_buildable(name):
    found = recipe.find(name)
    assert name.startswith(found.model) and found.summary
    known = registry.options(found.model)
    assert set(found.network) <= set(known)
    channels = found.channels or (3 if "shapes" in found.dataset else 1)
    shape = (found.image_size or 28,) * 2 + (channels,)
    if "gaussians" in found.dataset:
        shape = (1,) if "normal" in found.dataset else (2,)
    model = registry.build(found.model, shape, 10, **found.network)
    assert set(model.sides) == set(found.optimizers)
    if hasattr(model, "x_shape"):
        assert tuple(model.x_shape) == shape


@pytest.mark.parametrize("name", models)
def test_default_recipe_is_embedded(name):
    assert defaults(name).dataset.split("/")[0] in training.datasets.loading._embedded()


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", models)
def test_gradients_reach_the_side_that_moves_and_no_other(name, precision, data_dir, monkeypatch):
    model, batch = compiled(name, precision, data_dir)
    model.stage = len(small(name).stages)  # the last, in which all sides move
    moved = {}
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
        logs = model.train_step(batch)
    finally:
        tf.config.run_functions_eagerly(False)
    assert set(moved) == set(model.sides)
    for side, variables in moved.items():
        assert np.isfinite(logs[f"{side}_loss"])
        for path, gradient, value in variables:
            assert gradient is not None, f"{side}'s loss does not reach {path}"
            assert np.any(gradient.numpy() != 0), f"{side}'s gradient of {path} is zero"
            assert np.isfinite(value).all(), path
    assert int(model.iteration.numpy()) == 1


@pytest.mark.parametrize("name", models)
def test_a_run_that_was_stopped_ends_as_the_one_that_was_not(name, runs, tmp_path, data_dir):
    whole = runs(name)
    half = dataclasses.replace(small(name), steps=1)
    training.train(half, tmp_path, data_dir=data_dir)
    training.train(small(name), tmp_path, data_dir=data_dir)
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
assert "zoo" not in sys.modules
signatures = tf.saved_model.load(sys.argv[1]).signatures
inputs = np.load(sys.argv[2])
for name in json.loads(sys.argv[3]):
    given = {k.split("/")[1]: tf.constant(inputs[k]) for k in inputs if k.startswith(name + "/")}
    for k, v in signatures[name](**given).items():
        value = v.numpy().astype("S") if v.dtype == tf.string else v.numpy()
        np.savez(f"{sys.argv[4]}/{name}.{k}.npz", value=value)
"""


@pytest.mark.parametrize("name", models)
def test_export_reloads_in_a_fresh_process_without_our_code(name, runs, tmp_path):
    trained = serving.load(runs(name))
    keras.config.set_dtype_policy("float32")
    card = trained.card
    rng = np.random.default_rng(0)
    inputs, expected = {}, {}
    for signature, spec in card["signatures"].items():
        given = {}
        for k, v in spec["inputs"].items():
            if v["dtype"] == "string":
                given[k] = encoded.example(k, v, rows=3).numpy().astype("S")
                continue
            shape = [3 if d is None else d for d in v["shape"]]
            high = 256 if v["dtype"] == "uint8" else 10
            is_float = v["dtype"] == "float32"
            values = rng.uniform(0, 1, shape) if is_float else rng.integers(0, high, shape)
            given[k] = values.astype(v["dtype"])
        inputs.update({f"{signature}/{k}": v for k, v in given.items()})
        expected[signature] = trained.call(signature, **given)
    np.savez(tmp_path / "inputs.npz", **inputs)
    version = str(trained.folder / "1")
    arguments = [version, str(tmp_path / "inputs.npz"), json.dumps(list(expected)), str(tmp_path)]
    subprocess.run([sys.executable, "-c", reader, *arguments], check=True, cwd=tmp_path)
    for signature, outputs in expected.items():
        for k, v in outputs.items():
            again = np.load(tmp_path / f"{signature}.{k}.npz")["value"]
            if v.dtype == object:
                assert [bytes(row) for row in again] == list(v)
                continue
            np.testing.assert_allclose(again, v, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", models)
def test_exported_graph_is_stateless_and_standard(name, runs):
    version = serving.load(runs(name)).folder / "1"
    loaded = tf.saved_model.load(str(version))
    for signature in loaded.signatures.values():
        graph = signature.graph.as_graph_def()
        nodes = list(graph.node) + [n for f in graph.library.function for n in f.node_def]
        for node in nodes:
            assert node.op not in ("PyFunc", "EagerPyFunc", "PyFuncStateless"), node.name
            random = "Random" in node.op or "Multinomial" in node.op
            assert not random or node.op.startswith("Stateless"), node.op


@pytest.mark.parametrize("name", models)
def test_warm_up_requests_replay_as_tf_serving_would(name, runs):
    """By TF 1's session loader, feeding by the tensor names of the SignatureDef: what TF Serving does."""
    from tensorflow_serving.apis import prediction_log_pb2

    trained = serving.load(runs(name))
    version = trained.folder / "1"
    requests = [
        prediction_log_pb2.PredictionLog.FromString(record.numpy()).predict_log.request
        for record in tf.data.TFRecordDataset(str(version / warmup.file))
    ]
    asked = {
        request.model_spec.signature_name: {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
        for request in requests
    }
    assert list(asked) == list(trained.card["signatures"])
    expected = {name: trained.call(name, **given) for name, given in asked.items()}
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
                if value.dtype == object:
                    assert list(outputs[key]) == list(value)
                else:
                    np.testing.assert_allclose(outputs[key], value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", models)
def test_a_model_is_rebuilt_from_what_was_exported(name, runs, tmp_path):
    trained = serving.load(runs(name))
    version = serving.export_anew(trained, tmp_path)
    again = serving.load(version.parent)
    assert again.interface == trained.interface
    for signature, spec in trained.card["signatures"].items():
        given = {k: encoded.example(k, v, rows=2).numpy() for k, v in spec["inputs"].items()}
        for key, value in trained.call(signature, **given).items():
            np.testing.assert_array_equal(again.call(signature, **given)[key], value)


@pytest.mark.parametrize("name", models)
def test_a_sample_depends_on_its_own_seed_alone(name, runs):
    trained = serving.load(runs(name))
    if "sample" not in trained.signatures:
        pytest.skip(f"{name} does not sample")
    conditions = {k: np.zeros((4, *p.shape), p.dtype) for k, p in trained.conditions.items()}
    many = trained.sample(seed=[1, 2, 3, 4], **conditions)
    one = trained.sample(seed=[3], **{k: v[:1] for k, v in conditions.items()})
    np.testing.assert_array_equal(many[2:3], one)
    assert np.any(many[0] != many[1])
    if many.ndim == 4:
        assert many.dtype == np.uint8 and many.shape[1:] == (16, 16, 1)


@pytest.mark.parametrize("name", serving.list_trained())
def test_a_shipped_model_is_whole_and_comes_from_a_recipe(name):
    trained = serving.load(name)
    assert trained.card["files"] == serving._checksums(trained.folder / "1")
    made = training._plain(recipe.Recipe.restore(trained.card["recipe"]))
    now = training._plain(recipe.find(name))
    # More steps than the default's ten minutes are a shipped model's right; the rest makes no weights.
    free = ("steps", "period", "precision", "summary", "metrics", "export", "half_weights", "default")
    assert {k: made[k] for k in made if k not in free} == {k: now[k] for k in now if k not in free}
    assert made["steps"] >= now["steps"]
    assert {r["metric"] for r in trained.card["results"]}, "no measured figures"
    size = sum(p.stat().st_size for p in trained.folder.rglob("*") if p.is_file())
    assert size < 10.5e6
    assert (paths.saved_models / name / "1" / "saved_model.pb").is_file()

"""Loading, asking and refusing: what a trained model does for its user."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo import cli
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate
from zoo.evaluate.store import store
from zoo.models.build import build
from zoo.models.rebuild import re_export, rebuild
from zoo.saved import encoded
from zoo.saved.card import Card, list_trained
from zoo.saved.export import copy_export, export_model
from zoo.tasks.generation.album import write_album
from zoo.tasks.inputs import draw_inputs, row_seeds, slerp

facts = {"name": "model", "recipe": {}, "data": {}}


@pytest.mark.slow
def test_what_was_exported_may_be_copied_as_it_is(small_run, tmp_path, monkeypatch):
    trained = zoo.load(small_run("infogan"))
    version = copy_export(trained, tmp_path)
    again = copy_export(trained, tmp_path)
    assert (version.name, again.name) == ("1", "2") and version.parent.name == trained.name
    copy = zoo.load(version.parent)
    np.testing.assert_array_equal(copy.sample(3, seed=5), trained.sample(3, seed=5))
    assert copy.card == dataclasses.replace(trained.card, version=2)
    monkeypatch.setitem(trained.card.recipe, "model", "mine")
    with pytest.raises(ZooError, match="in a file of yours.*as_it_is=True"):
        re_export(trained, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ZooError, match="cannot be a folder|cannot be opened"):
        copy_export(trained, tmp_path / "file")


@pytest.mark.slow
def test_samples_by_label_are_uint8_and_follow_the_seed(small_run):
    model = zoo.load(small_run("cgan_mlp"))
    a, b = model.sample(label=[3, 7], seed=1), model.sample(label=[3, 7], seed=1)
    assert a.shape == (2, 16, 16, 1) and a.dtype == np.uint8
    np.testing.assert_array_equal(a, b)
    assert np.any(model.sample(label=[3, 7], seed=2) != a)
    assert model.sample(5, label=3).shape[0] == 5 and model.sample(4).shape[0] == 4
    np.testing.assert_array_equal(model.sample(300, label=3, seed=1)[:2], model.sample(2, label=3, seed=1))


@pytest.mark.slow
def test_what_is_left_out_is_drawn_by_the_rows_own_seed(small_run):
    model = zoo.load(small_run("cgan_mlp"))
    made = model.sample(seed=[1, 2, 3])
    np.testing.assert_array_equal(made[1:], model.sample(seed=[2, 3]))
    again = rebuild(model).sample(tf.constant([1, 2, 3], tf.int64)).numpy()
    assert np.abs(np.int32(again) - made).max() <= 1


@pytest.mark.slow
def test_pixels_that_a_byte_does_not_hold_are_refused(small_run):
    with pytest.raises(ZooError, match=r"image must lie in 0\.\.255"):
        zoo.load(small_run("classifier")).call("classify", image=np.full((1, 16, 16, 1), 300))


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"label": [3, 10]}, r"label must lie in 0\.\.9"),
        ({"label": [-1]}, r"0\.\.9"),
        ({"label": [2.5]}, "int32"),
        ({"label": ["three"]}, "no label 'three'"),
        ({"labels": [3]}, "label"),
        ({"label": [1, 2], "n": 3}, "differ in length"),
        ({"label": []}, "At least one"),
        ({"n": 0}, "At least one"),
        ({"n": 2.5}, "a whole number, not 2.5"),
        ({"seed": -1}, "from 0 on"),
        ({"seed": 1.5}, "from 0 on"),
        ({"seed": [1.5, 2]}, "from 0 on"),
        ({"seed": [1, 2], "n": 5}, "2 seeds are given for 5"),
        ({"label": [[1, 2], [3]]}, "differ in length"),
    ],
)
def test_wrong_requests_name_the_fix(arguments, message, small_run):
    with pytest.raises(ZooError, match=message):
        zoo.load(small_run("cgan_mlp")).sample(**arguments)


@pytest.mark.slow
def test_the_graph_itself_refuses_labels_out_of_range(small_run):
    signature = zoo.load(small_run("cgan_mlp")).signatures["sample"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="label must lie in 0..9"):
        signature(label=tf.constant([10]), seed=tf.constant([0], tf.int64))


@pytest.mark.slow
def test_generate_and_sample_agree(small_run):
    model = zoo.load(small_run("infogan"))
    inputs = draw_inputs(model.priors, 6, seed=0)
    pixels = model.to_pixels(model.generate(**inputs))
    assert pixels.dtype == np.uint8 and pixels.shape == (6, 16, 16, 1)
    assert model.to_pixels(np.float32([-1, 0, 0.2, 1, 2])).tolist() == [0, 0, 51, 255, 255]
    codes = model.call("recognise", image=pixels)
    np.testing.assert_allclose(codes["category"].sum(1), 1, rtol=1e-5)
    with pytest.raises(ZooError, match="also needs category, code"):
        model.generate(z=inputs["z"])
    with pytest.raises(ZooError, match="shape N×62"):
        model.generate(**{**inputs, "z": inputs["z"][:, :5]})


@pytest.mark.slow
def test_serving_default_is_what_a_user_wants(small_run):
    model = zoo.load(small_run("cgan_mlp"))
    specs = model.signatures["serving_default"].structured_input_signature[1]
    assert set(specs) == {"label", "seed"}


@pytest.mark.slow
def test_an_album_of_everything(small_run, tmp_path):
    written = write_album(
        zoo.load(small_run("infogan")), tmp_path, columns=4, images=3, given={"category": [1, 2, 3]}
    )
    names = {str(p.relative_to(tmp_path)) for p in written}
    assert {"grid.png", "code_0.png", "code_1.gif", "walk.png", "walk.gif", "images/00002.png"} <= names
    assert all(p.stat().st_size > 0 for p in written)
    with pytest.raises(ZooError, match="does not generate images"):
        write_album(zoo.load(small_run("classifier")), tmp_path)
    for given, message in (
        ({"categry": [1]}, "category"),
        ({"category": [1]}, "images is 0. Set images=…"),
        ({"text": "a"}, "text"),
    ):
        with pytest.raises(ZooError, match=message):
            write_album(zoo.load(small_run("infogan")), tmp_path / "none", given=given)


@pytest.mark.slow
def test_an_album_of_an_export_that_only_samples(small_run, tmp_path):
    re_export(zoo.load(small_run("cgan_mlp")), tmp_path, ["sample"])
    trained = zoo.load(next(tmp_path.iterdir()))
    written = write_album(trained, tmp_path / "album", columns=2, images=1)
    assert [file.name for file in written] == ["grid.png", "00000.png"]


@pytest.mark.parametrize(
    "name, option, message",
    [
        ("cyclegan", {"width": "false"}, "network.width takes int, like .*, not 'false'"),
        ("dcgan", {"width": True}, "network.width takes int, like .*, not True"),
        ("dcgan", {"z_dim": "ten"}, "network.z_dim takes int"),
    ],
)
def test_options_of_another_type_are_refused(name, option, message):
    with pytest.raises(ZooError, match=message):
        build(name, (16, 16, 1), **option)


def test_conditions_on_the_command_line_are_literals():
    assert cli.parse(["label=[3,7]", "code=[[0.5,1]]"]) == {"label": [3, 7], "code": [[0.5, 1]]}
    with pytest.raises(ZooError, match="condition=value"):
        cli.parse(["label"])


@pytest.mark.parametrize(
    "name, message",
    [
        ("cgan_minst", "cgan_mnist|Known"),
        ("./nowhere", "no trained model in"),
        ("gan_gaussin", "no trained model"),
    ],
)
def test_unknown_models_suggest_the_nearest(name, message):
    with pytest.raises(ZooError, match=message):
        zoo.load(name)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["variables/variables.data-00000-of-00001", "saved_model.pb", "card"])
def test_damaged_models_are_refused(damage, small_run, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(small_run("cgan_mlp") / "saved_model", folder)
    file = folder / "card.json" if damage == "card" else folder / "1" / damage
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(ZooError, match="damaged|cannot be read"):
        zoo.load(folder).sample(1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change, message",
    [
        ({"format": 2}, "newer version of zoo"),
        ({"format": "1"}, "format in the card of .* is not an integer"),
        ({"format": None}, "older version of zoo"),
        ({"results": {}}, "results in the card of .* is not a list"),
    ],
)
def test_card_of_another_format_is_refused(change, message, small_run, tmp_path):
    shutil.copytree(small_run("cgan_mlp") / "saved_model", tmp_path / "model")
    file = tmp_path / "model" / "card.json"
    card = {k: v for k, v in {**json.loads(file.read_text()), **change}.items() if v is not None}
    file.write_text(json.dumps(card))
    with pytest.raises(ZooError, match=message):
        zoo.load(tmp_path / "model")


@pytest.mark.slow
def test_card_keeps_unknown_fields(small_run, tmp_path):
    shutil.copytree(small_run("cgan_mlp") / "saved_model", tmp_path / "model")
    file = tmp_path / "model" / "card.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "license": "CC0"}))
    card = Card.read(tmp_path / "model")
    assert card.others == {"license": "CC0"}
    card.write(tmp_path / "model")
    assert json.loads(file.read_text())["license"] == "CC0"


@pytest.mark.slow
def test_method_of_another_task_is_explained(small_run):
    generator = zoo.load(small_run("cgan_mlp"))
    with pytest.raises(ZooError, match="is a model for generation and has no translate"):
        generator.translate(np.zeros((8, 8, 1), np.uint8))
    assert not hasattr(generator, "upscale") and hasattr(generator, "sample")


@pytest.mark.slow
@pytest.mark.parametrize("part", ["files", "interface", "signatures", "all"])
def test_a_card_that_lacks_a_part_is_refused(part, small_run, tmp_path):
    shutil.copytree(small_run("cgan_mlp") / "saved_model", tmp_path / "model")
    file = tmp_path / "model" / "card.json"
    card = json.loads(file.read_text())
    card.pop(part, None)
    file.write_text(json.dumps([] if part == "all" else card))
    with pytest.raises(ZooError, match="not a JSON object" if part == "all" else f"lacks .*{part}"):
        zoo.load(tmp_path / "model")


@pytest.mark.slow
def test_evaluation_judges_with_the_named_classifier_and_stores_records(small_run, tmp_path, data_dir):
    shutil.copytree(small_run("cgan_mlp") / "saved_model", tmp_path / "model")
    trained = zoo.load(tmp_path / "model")
    context = EvaluationContext(trained, 2, 100, classifier=small_run("classifier"), data_dir=data_dir)
    results = evaluate(context, ["label_agreement", "classifier_frechet"])
    assert [r["seeds"] for r in results] == [2, 2] and 0 <= results[0]["value"] <= 1
    assert results[1]["real_training_images"] < results[1]["uniform_noise"]
    store(results, trained)
    assert {r["metric"] for r in zoo.load(trained.folder).card.results} == {r["metric"] for r in results}
    with pytest.raises(ZooError, match="parzen"):
        evaluate(context, ["parzn_log_likelihood"])


@pytest.mark.slow
def test_infogans_code_is_read_as_a_classifier(small_run, data_dir):
    context = EvaluationContext(zoo.load(small_run("infogan")), 1, 100, data_dir=data_dir)
    (result,) = evaluate(context, ["code_as_classifier"])
    assert 0.5 < result["value"] <= 1 and result["chance"] == 0.9


def test_walks_are_closed_and_spherical():
    a, b = np.array([1.0, 0.0]), np.array([0.0, 2.0])
    middle = slerp(a, b, np.array([[0.5]]))[0]
    np.testing.assert_allclose(middle, [np.sqrt(0.5), 2 * np.sqrt(0.5)])
    np.testing.assert_allclose(slerp(a, b, np.array([[0.0], [1.0]])), [a, b], atol=1e-12)


def test_seeds_of_rows_do_not_depend_on_how_many_there_are():
    np.testing.assert_array_equal(row_seeds(3, 10)[:4], row_seeds(3, 4))


def test_a_mistake_is_one_line_and_status_1(capsys):
    assert cli.fail("no such thing") == 1
    assert capsys.readouterr().err == "error: no such thing\n"


@pytest.mark.slow
def test_half_weights_are_half_the_size_and_the_same_pictures(tmp_path):
    model = build("gan", (16, 16, 1), generator_units=(64, 64))
    versions = {half: export_model(model, tmp_path / str(half), facts, half=half) for half in (False, True)}
    assert weights_of(versions[True]) < 0.52 * weights_of(versions[False])
    samples = {half: zoo.load(tmp_path / str(half)).sample(20, seed=1).astype(int) for half in versions}
    assert np.abs(samples[True] - samples[False]).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("half", [False, True])
def test_networks_that_no_signature_uses_are_not_stored(half, tmp_path):
    model = build("gan", (16, 16, 1), generator_units=(64, 64))
    whole, part = (
        export_model(model, tmp_path / str(len(names)), facts, names, half) for names in ((), ("sample",))
    )
    spared = sum(np.prod(w.shape) for w in model.discriminator.weights) * (2 if half else 4)
    assert weights_of(whole) - weights_of(part) == pytest.approx(spared, rel=0.01)


@pytest.mark.slow
def test_files_that_are_not_the_cards_are_refused(small_run, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(small_run("cgan_mlp") / "saved_model", folder)
    weights = folder / "1/variables/variables.data-00000-of-00001"
    changed = bytearray(weights.read_bytes())
    changed[len(changed) // 2] ^= 1
    weights.write_bytes(changed)
    with pytest.raises(ZooError, match="variables.data.*SHA-256"):
        zoo.load(folder)


@pytest.mark.slow
def test_of_an_export_that_was_cut_off_the_version_before_is_loaded(small_run, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(small_run("cgan_mlp") / "saved_model", folder)
    before = zoo.load(folder).sample(2, seed=1)
    shutil.copytree(folder / "1", folder / "2")
    (folder / "2/fingerprint.pb").write_bytes(b"of another training")
    np.testing.assert_array_equal(zoo.load(folder).sample(2, seed=1), before)


@pytest.mark.slow
def test_another_network_than_the_cards_is_not_filled_with_its_weights(small_run, tmp_path):
    trained = zoo.load(small_run("cgan_mlp"))
    trained.card.recipe["network"]["generator_units"] = (8, 16)
    with pytest.raises(ZooError, match="do not fit"):
        rebuild(trained)


def test_signatures_without_trained_weights_are_not_exported(tmp_path):
    with pytest.raises(ZooError, match="score"):  # cgan_mnist was exported without its discriminator
        re_export(zoo.load("cgan_mnist"), tmp_path, ["score"])


@pytest.mark.slow
@pytest.mark.parametrize("name", list_trained())
def test_every_shipped_model_can_be_rebuilt(name):
    trained = zoo.load(name)
    offered = rebuild(trained).signatures()
    signature, spec = next(iter(trained.card.signatures.items()))
    given = {k: encoded.example(k, v, rows=2, side=16) for k, v in spec["inputs"].items()}
    made = offered[signature][0](**given)
    for key, value in trained.call(signature, **given).items():
        if value.dtype == object:  # words
            np.testing.assert_array_equal(made[key], value)
            continue
        near = {"rtol": 1e-3, "atol": 1.0 if value.dtype == np.uint8 else 1e-4}
        np.testing.assert_allclose(np.float64(made[key]), np.float64(value), **near)


def weights_of(version):
    """Bytes of a version's weights."""
    return (version / "variables/variables.data-00000-of-00001").stat().st_size

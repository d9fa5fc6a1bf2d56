"""Protocols on models that ship: what is published still holds, and theory with it."""

import types

import numpy as np
import pytest
from PIL import Image
from processes import run_command

import zoo
from zoo import recipe
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate, protocols
from zoo.evaluate.store import default_output
from zoo.metrics import parzen


@pytest.mark.slow
def test_the_trained_pair_approaches_the_solution_of_the_game(data_dir):
    context = EvaluationContext(zoo.load("gan_gaussian"), 1, 10_000, data_dir=data_dir)
    found = {r["metric"]: r for r in evaluate(context, ["theory"])}
    assert abs(found["V(D, G)"]["value"] + np.log(4)) < 0.03
    assert found["distance of D from 1/2"]["value"] < 0.03
    mean, deviation = found["mean of the samples"], found["standard deviation of the samples"]
    assert abs(mean["value"] - mean["real_value"]) < 0.03
    assert abs(deviation["value"] - deviation["real_value"]) < 0.03


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, metric", [("classifier_digits", "test accuracy"), ("cgan_conv_digits", "label agreement")]
)
def test_published_figures_of_embedded_models_still_hold(name, metric, data_dir):
    trained = zoo.load(name)
    published = next(r for r in trained.card.results if r["metric"] == metric)
    protocol = {"test accuracy": "test_accuracy", "label agreement": "label_agreement"}[metric]
    context = EvaluationContext(trained, 1, 2000, data_dir=data_dir)
    (result,) = evaluate(context, [protocol])
    assert result["value"] >= 0.99
    assert abs(result["value"] - published["value"]) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gan_gaussian", "classifier_digits", "pix2pix_shapes", "gancls_shapes"])
def test_protocols_of_other_models_are_refused(name):
    trained = zoo.load(name)
    own = {*trained.signatures, *trained.interface, *trained.interface.get("priors", ())}
    context, refused = EvaluationContext(trained, 1, 100), 0
    for protocol, measure in protocols.items():
        if measure.need not in own:
            with pytest.raises(ZooError, match=f"{protocol} is of models that have"):
                evaluate(context, [protocol])
            refused += 1
    assert refused >= 14


@pytest.mark.slow
def test_no_picture_that_chooses_sigma_is_among_the_oracles(data_dir, monkeypatch):
    read = []
    monkeypatch.setattr(
        parzen, "parzen", lambda x, validation, test: read.append((x, validation)) or (0, 0, 0)
    )
    context = EvaluationContext(zoo.load("cgan_conv_digits"), 1, data_dir=data_dir)
    (result,) = evaluate(context, ["parzen_log_likelihood"])
    known, validation = read[1]
    assert len(known) == result["of_these"] == 1198
    assert not {x.tobytes() for x in validation} & {x.tobytes() for x in known}


def test_results_of_shipped_models_do_not_overwrite_their_cards():
    assert default_output(zoo.load("gan_gaussian")) == "evaluations/gan_gaussian.json"


def test_figures_of_other_data_take_no_place_in_a_card():
    trained = zoo.load("gan_gaussian")
    assert default_output(trained, "a/b") == "evaluations/gan_gaussian_b.json"


def test_labels_that_would_mean_others_are_refused(tmp_path, data_dir):
    for kind in ("3", "7"):
        (tmp_path / kind).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / kind / "0.png")
    context = EvaluationContext(zoo.load("classifier_digits"), 1, data_dir=data_dir, dataset=str(tmp_path))
    with pytest.raises(ZooError, match="has 2 classes, and classifier_digits was trained on 10"):
        evaluate(context, ["test_accuracy"])


@pytest.mark.slow
def test_a_folder_that_is_all_for_testing_is_not_the_training_data_too(tmp_path, data_dir):
    for i in range(3):
        Image.new("L", (8, 8)).save(tmp_path / f"{i}.png")
    context = EvaluationContext(zoo.load("cgan_conv_digits"), 1, data_dir=data_dir, dataset=str(tmp_path))
    assert context.data(context.own_split).count == context.data("test").count == 3
    with pytest.raises(ZooError, match="parzen_log_likelihood .* has one split. Make two"):
        evaluate(context, ["parzen_log_likelihood"])
    context = EvaluationContext(zoo.load("selfcond_digits"), 1, data_dir=data_dir, dataset=str(tmp_path))
    with pytest.raises(ZooError, match="does not have labels to compare with"):
        evaluate(context, ["cluster_agreement"])


@pytest.mark.slow
def test_a_named_set_is_read_as_the_model_was_trained_on_it(data_dir):
    context = EvaluationContext(
        zoo.load("selfcond_ring"), 1, data_dir=data_dir, dataset="gaussians/ring_unit"
    )
    assert context.own_split == "train" and len(context.own(50)[0]) == 50
    modes, *_ = evaluate(context, ["mode_recovery"])
    assert modes["oracle"] == 8 and modes["value"] == 0  # its ring has the radius 2, theirs 1


@pytest.mark.slow
def test_what_a_protocol_cannot_measure_is_one_line(data_dir, monkeypatch):
    def no(context):
        raise ValueError("too few")

    no.need = "sample"
    monkeypatch.setitem(protocols, "no", no)
    with pytest.raises(ZooError, match="no of cgan_conv_digits cannot be measured: too few"):
        evaluate(EvaluationContext(zoo.load("cgan_conv_digits"), 1, data_dir=data_dir), ["no"])


@pytest.mark.parametrize(
    "flags, message",
    [
        (["--suite=mode_collapse", "--seeds=2"], "--suite goes without --seeds"),
        (["--model=cgan_mnist", "--out=here"], "--model goes without --out"),
        (["--real=a", "--fake=b", "--count=100"], "--real goes without --count"),
        (["--suite=mode_collapse", "--model=cgan_mnist"], "--suite goes without --model"),
    ],
)
def test_flags_of_another_kind_of_evaluation_are_refused(flags, message):
    done = run_command(["-m", "zoo.evaluate", *flags])
    assert done.returncode == 1 and message in done.stderr


@pytest.mark.slow
def test_published_translations_still_agree_with_the_truth(data_dir):
    trained = zoo.load("pix2pix_shapes")
    published = next(r for r in trained.card.results if r["metric"] == "mIoU a_to_b")
    context = EvaluationContext(trained, 1, data_dir=data_dir)
    (result,) = evaluate(context, ["translation_agreement"])
    assert result["value"] >= 0.95 and abs(result["value"] - published["value"]) < 0.005
    assert result["copied_input"] < 0.1 and result["real_pictures"] > 0.98


class Mirrors:
    """A translator that turns a picture's pixels round, as a stand-in for a trained model."""

    name, signatures = "mirrors", ["a_to_b", "b_to_a"]
    interface = {"translations": ["a_to_b", "b_to_a"]}
    card = types.SimpleNamespace(
        recipe={**vars(recipe.find("cyclegan_shapes")), "dataset": "./somewhere"}, data={}
    )

    def translate(self, images, name, seed):
        return 255 - images


class BrightOrDark:
    """A judge of domains: a is dark, b is bright."""

    name, interface = "bright_or_dark", {"x_shape": [4, 4, 3]}
    card = types.SimpleNamespace(files={"variables/variables.data-00000-of-00001": "0" * 64}, results=[])

    def call(self, signature, image):
        bright = (image.mean((1, 2, 3)) > 127).astype(float)
        return {"probability": np.stack([1 - bright, bright], 1)}


def test_domains_and_round_trips_of_a_translator_whose_answers_are_known():
    context = EvaluationContext(Mirrors(), seeds=1)
    context.classifier = BrightOrDark()
    dark, bright = np.full((4, 8, 8, 3), 20, np.uint8), np.full((4, 8, 8, 3), 200, np.uint8)
    dark[0] = 220  # one of a looks like b, and its negative like a
    context.test_images = {"a": dark, "b": bright}
    there, back, again, _ = evaluate(context, ["domain_agreement", "round_trip"])
    assert (there["value"], there["copied_input"], there["real_pictures"]) == (0.75, 0.25, 1)
    assert (back["value"], back["copied_input"], back["real_pictures"]) == (1, 0, 0.75)
    assert again["value"] > 90 > again["not_brought_back"]
    counts = {"fake": 4, "split": "./somewhere test", "extractor": "bright_or_dark"}
    assert counts.items() <= there.items() and there["metric"] == "domain agreement a_to_b"
    assert "real" not in there and "unit" not in there


@pytest.mark.slow
def test_arithmetic_on_noise_is_far_above_chance():
    context = EvaluationContext(zoo.load("dcgan_mnist"), seeds=1, count=800)
    (found,) = evaluate(context, ["noise_arithmetic"])
    assert found["value"] > 0.6 and found["equations"] == 40
    assert found["a_sample_at_random"] == pytest.approx(0.1, abs=0.02)
    assert found["c_and_a_step_at_random"] < 0.3 and found["c_as_it_is"] < 0.2


@pytest.mark.slow
def test_nearest_neighbor_error_of_samples(data_dir):
    context = EvaluationContext(zoo.load("cgan_conv_digits"), 2, 500, data_dir=data_dir)
    (result,) = evaluate(context, ["nearest_neighbor_error"])
    assert result["fake"] == 500 and result["seeds"] == 2
    assert result["real_training_images"] < 0.1 and 0 < result["value"] < 0.5 < result["chance"]
    x, y = context.labeled("test")
    images = context.samples(0, label=context.balanced_labels()).reshape(500, -1).astype(float)
    nearest = [np.argmin(((images - one.ravel()) ** 2).sum(1)) for one in x.astype(float)]
    first = np.mean(context.balanced_labels()[nearest] != y)
    assert abs(result["value"] - first) <= 2 * result["spread"] + 1e-6

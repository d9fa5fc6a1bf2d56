"""Protocols on models that ship: what is published still holds, and theory with it."""

import numpy as np
import pytest

import zoo
from zoo import evaluation


def test_the_trained_pair_approaches_the_solution_of_the_game(data_dir):
    bench = evaluation.Bench(zoo.load("gan_gaussian"), 1, 10_000, data_dir=data_dir)
    found = {r["metric"]: r for r in evaluation.evaluate(bench, ["theory"])}
    assert abs(found["V(D, G)"]["value"] + np.log(4)) < 0.03
    assert found["distance of D from 1/2"]["value"] < 0.03
    mean, deviation = found["mean of the samples"], found["standard deviation of the samples"]
    assert abs(mean["value"] - mean["real_value"]) < 0.03
    assert abs(deviation["value"] - deviation["real_value"]) < 0.03


@pytest.mark.parametrize(
    "name, metric", [("classifier_digits", "test accuracy"), ("cgan_conv_digits", "label agreement")]
)
def test_published_figures_of_embedded_models_still_hold(name, metric, data_dir):
    trained = zoo.load(name)
    published = next(r for r in trained.card["results"] if r["metric"] == metric)
    protocol = {"test accuracy": "test_accuracy", "label agreement": "label_agreement"}[metric]
    bench = evaluation.Bench(trained, 1, 2000, data_dir=data_dir)
    (result,) = evaluation.evaluate(bench, [protocol])
    assert result["value"] >= 0.99
    assert abs(result["value"] - published["value"]) < 0.01


def test_results_of_shipped_models_do_not_overwrite_their_cards():
    assert evaluation.default_output(zoo.load("gan_gaussian")) == "evaluations/gan_gaussian.json"


def test_published_translations_still_agree_with_the_truth(data_dir):
    trained = zoo.load("pix2pix_shapes")
    published = next(r for r in trained.card["results"] if r["metric"] == "mIoU a_to_b")
    bench = evaluation.Bench(trained, 1, data_dir=data_dir)
    (result,) = evaluation.evaluate(bench, ["translation_agreement"])
    assert result["value"] >= 0.95 and abs(result["value"] - published["value"]) < 0.005
    assert result["copied_input"] < 0.1 and result["real_pictures"] > 0.98

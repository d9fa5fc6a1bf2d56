"""Protocols of models that take captions."""

import types

import numpy as np
import pytest

import zoo
from zoo import recipe
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate
from zoo.evaluate.protocols.words import caption_agreement
from zoo.metrics import agreement


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_agreement_with_captions_is_measured(name, small_run, data_dir):
    context = EvaluationContext(zoo.load(small_run(name)), 1, 100, str(small_run("attributes")), data_dir)
    results = {r["metric"]: r for r in evaluate(context, recipe.find(name).metrics)}
    assert results["attributes right, seen"]["fake"] == 100
    assert "attributes right, held out" in results and 0 <= results["R-precision"]["value"] <= 1
    score = results["judge-class score"]
    assert score["one_picture"] == pytest.approx(1, abs=1e-6) and score["most"] == 42
    assert 1 <= score["value"] < 42 and score["real_pictures"] > 1
    if name == "stackgan":
        assert results["judge-feature Fréchet distance"]["stage_I_enlarged"] > 0


def test_what_a_caption_leaves_out_is_not_counted():
    named = np.array([[1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 1, 1]], bool)  # of two captions, for all four scenes
    factors = dict.fromkeys(["kind", "colour", "size", "texture", "place", "ground"], 4)
    columns = {
        "x": np.zeros((4, 8, 8, 3), np.uint8),
        "text": np.array([["complete", "less"]] * 4, object),
        "named": np.repeat(named[None], 4, 0),
        "factors": np.repeat(np.arange(4)[:, None], 6, 1),
    }
    read = {name: np.eye(4) for name in factors}
    read["colour"] = np.roll(read["colour"], 1, 0)  # never right
    read["place"] = np.eye(4)[[0, 1, 2, 0]]
    classifier = types.SimpleNamespace(
        interface={"x_shape": (8, 8, 3), "factors": factors}, call=lambda _, image: read
    )
    asked = []
    context = types.SimpleNamespace(
        classifier=classifier,
        count=4,
        seeds=[0],
        recipe=types.SimpleNamespace(dataset="shapes/captions"),
        data=lambda split: types.SimpleNamespace(columns=lambda start, n: columns),
        samples=lambda seed, text: asked.append(text[0]) or columns["x"],
        classifier_facts=lambda: {"judge": "one"},
    )
    results = {r["metric"]: r for r in caption_agreement(context)}
    assert asked == ["complete", "complete", "less"]
    assert results["attributes right, seen"]["value"] == 0
    less = results["attributes right, seen, something left out"]
    assert less["value"] == less["place"] == 0.75 and less["kind"] == 1
    assert "colour" not in less and results["attributes right, seen"]["colour"] == 0


@pytest.mark.slow
def test_what_is_held_out_is_measured_apart(small_run, data_dir):
    for name, protocols in (
        ("attributes", ("factor_accuracy", "held_out_accuracy")),
        ("textencoder", ("caption_retrieval", "held_out_retrieval")),
    ):
        context = EvaluationContext(zoo.load(small_run(name)), 1, 100, None, data_dir, "shapes/captions")
        seen, unseen = ({r["metric"]: r for r in evaluate(context, [protocol])} for protocol in protocols)
        assert len(seen) == len(unseen) and not set(seen) & set(unseen)
        assert all(r["split"].endswith(" test") for r in seen.values())
        assert all(r["split"].endswith(" held_out") for r in unseen.values())


def test_precision_at_one_is_within_pools():
    v = np.eye(4)
    assert agreement.precision_at_one(v, v, 2) == 1
    assert agreement.precision_at_one(v, v[[1, 0, 2, 3]], 2) == 0.5
    assert agreement.precision_at_one(v, np.roll(v, 2, 0), 4) == 0
    with pytest.raises(ValueError, match="one pool needs 5 of the split, which has 4"):
        agreement.precision_at_one(v, v, 5)

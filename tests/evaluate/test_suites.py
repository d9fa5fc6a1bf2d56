"""The comparison of the papers' recipes with ours."""

import json

import pytest

from zoo import recipe
from zoo.errors import ZooError
from zoo.evaluate import comparisons, suites
from zoo.models.build import list_models, model_options


@pytest.mark.parametrize("name", comparisons.comparisons)
def test_both_recipes_have_the_same_data_and_steps(name):
    chosen = comparisons.compared(name, 40)
    paper, ours = chosen["paper"], chosen["ours"]
    assert paper.model == ours.model == name and paper.steps == ours.steps == 40
    for field in comparisons.of_data:
        assert getattr(paper, field) == getattr(ours, field), field
    assert not paper.parts and paper.weights == ours.weights == {}
    assert set(paper.network) <= set(model_options(name)) and len(paper.metrics) >= 1
    for made in chosen.values():
        made.check()
        assert all(start <= 40 for start in made.starts)


def test_every_generative_model_of_a_paper_has_a_row():
    papers = {recipe.find(name).model for name in recipe.list_recipes() if "_paper" in name}
    without = {"srresnet", "tagcgan"}  # the first stage of srgan; data that only users have
    assert set(comparisons.comparisons) == papers - without <= set(list_models())


def test_schedules_are_scaled():
    base = recipe.find("gan_mnist_paper")
    half = comparisons.scaled(base, base.steps // 2)
    before, after = (made.optimizers["generator"] for made in (base, half))
    assert after["ramp"] == before["ramp"] // 2
    # After all steps the learning rate is the same.
    assert after["decay"] ** half.steps == pytest.approx(before["decay"] ** base.steps, rel=1e-6)
    base = recipe.find("stackgan_birds_paper")
    tenth = comparisons.scaled(base, base.steps // 10)
    rates = [made.optimizers["generator"]["learning_rate"]["every"] for made in (base, tenth)]
    assert rates[1] == pytest.approx(rates[0] / 10, abs=1) and tenth.stages == base.stages
    base = recipe.find("selfcond_ring_paper")
    scaled = comparisons.scaled(base, base.steps // 4)
    assert scaled.network["every"] == model_options("selfcond")["every"] // 4 > 0
    assert comparisons.scaled(base, base.steps).period == base.period
    base = recipe.find("gancls_shapes")
    scaled = comparisons.scaled(base, base.steps // 2)
    assert scaled.parts["pixel_l1"]["until"] == base.parts["pixel_l1"]["until"] // 2
    assert scaled.average == pytest.approx(base.average**2)


@pytest.mark.slow
def test_a_model_is_compared(tmp_path, data_dir, monkeypatch):
    small = ("gan_mnist_paper", "gan_digits", 10, ("classifier_frechet", "classifier_score"))
    monkeypatch.setitem(comparisons.comparisons, "gan", small)
    results = suites.extensions(tmp_path, sets=["gan"], runs=1, data_dir=data_dir)
    assert set(results["gan"]) == {"paper", "ours"}
    for row in results["gan"].values():
        assert set(row) == {"classifier-feature Fréchet distance", "classifier score"}
    made = json.loads((tmp_path / "gan/paper/0/recipe.json").read_text())
    assert (
        made["dataset"] == "digits" and made["network"] == recipe.find("gan_mnist_paper").plain()["network"]
    )
    assert "| paper |" in (tmp_path / "table.md").read_text()
    with pytest.raises(ZooError, match="Did you mean ours"):
        suites.extensions(tmp_path, only=["authors"])

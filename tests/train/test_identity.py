"""A run is its recipe, its data and its code: differences are named, refused or accepted."""

import dataclasses
import json
import shutil
import textwrap

import numpy as np
import pytest
from checkpoints import state
from PIL import Image
from processes import run_command

from zoo import recipe
from zoo.errors import ZooError
from zoo.saved.card import Card
from zoo.train.identity import code_digest
from zoo.train.run import train

small = dataclasses.replace(
    recipe.find("gan"),
    steps=2,
    period=1,
    steps_per_execution=1,
    batch_size=4,
    image_size=4,
    channels=1,
    precision="float32",
    network={"generator_units": (8,), "discriminator_units": (8,), "dropout": (0.2, 0.5)},
)


def images(folder, names, count=6, first=0):
    for k, name in enumerate(names):
        for i in range(first, first + count):
            path = folder / name / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), 10 * i + k).save(path)


@pytest.fixture
def begun(tmp_path, data_dir):
    """A run of two steps on images of cats and dogs, as a function that goes on."""
    images(tmp_path / "set", ["cat", "dog"])

    def go_on(dataset=None, steps=3, accept=(), **changes):
        made = dataclasses.replace(small, dataset=dataset or f"{tmp_path}/set", steps=steps, **changes)
        train(made, tmp_path / "run", data_dir=data_dir, accept_changes=accept)

    go_on(steps=2)
    return go_on


def refused(go_on, *texts, **changes):
    with pytest.raises(ZooError) as error:
        go_on(**changes)
    for text in texts:
        assert text in str(error.value)


@pytest.mark.slow
def test_added_images_are_named_and_can_be_accepted(begun, tmp_path):
    images(tmp_path / "set", ["cat"], 2, first=6)
    refused(begun, "2 files added, such as cat/6.png", "Set out=… or accept_changes=data.")
    refused(begun, "accept_changes=data", accept=("recipe", "code"))
    begun(accept=("data",))
    accepted = Card.read(tmp_path / "run" / "saved_model").training["accepted_changes"]
    assert [(a["step"], a["kind"]) for a in accepted] == [(2, "data")]
    begun(steps=4)  # the change belongs to the run now
    assert len(Card.read(tmp_path / "run" / "saved_model").training["accepted_changes"]) == 1


@pytest.mark.slow
def test_removed_and_changed_images_are_named(begun, tmp_path):
    (tmp_path / "set" / "dog" / "1.png").unlink()
    Image.new("L", (4, 4), 255).save(tmp_path / "set" / "cat" / "0.png")
    refused(begun, "1 files removed, such as dog/1.png; 1 files changed, such as cat/0.png")


@pytest.mark.slow
def test_other_classes_are_named(begun, tmp_path):
    (tmp_path / "set" / "dog").rename(tmp_path / "set" / "ant")
    refused(begun, "the classes were cat, dog, and are ant, cat")


@pytest.mark.slow
def test_a_moved_folder_continues(begun, tmp_path):
    whole = tmp_path / "whole"
    shutil.copytree(tmp_path / "run", whole)
    (tmp_path / "set").rename(tmp_path / "moved")
    begun(dataset=f"{tmp_path}/moved")
    assert "step-3.index" in {p.name for p in (tmp_path / "run" / "checkpoints").iterdir()}


@pytest.mark.slow
def test_another_period_continues(begun, tmp_path):
    begun(period=3, steps=6)
    steps = {p.stem for p in (tmp_path / "run" / "checkpoints").glob("*.index")}
    assert steps == {"step-3", "step-6"}


@pytest.mark.slow
def test_recipes_are_compared_with_the_checkpoint(begun, tmp_path):
    refused(begun, "seed: 0 there, 1 now", seed=1)
    facts = json.loads((tmp_path / "run" / "checkpoints" / "step-2.json").read_text())
    facts["recipe"]["seed"] = 7  # a checkpoint of another run
    (tmp_path / "run" / "checkpoints" / "step-2.json").write_text(json.dumps(facts))
    refused(begun, "seed: 7 there, 0 now")
    before = state(tmp_path / "run")
    begun(accept=("recipe",), seed=1)
    after = state(tmp_path / "run")
    assert any(np.any(before[name] != after[name]) for name in before)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"network": {**small.network, "generator_units": (9,)}}, {"image_size": 8}]
)
def test_changes_of_shapes_are_always_refused(change, begun):
    refused(begun, "Train in another folder", accept=("recipe", "data", "code"), **change)


@pytest.mark.slow
def test_auto_precision_resumes_in_that_of_the_run(tmp_path, data_dir, monkeypatch, capsys):
    made = dataclasses.replace(small, dataset="digits", image_size=None, channels=None, precision="auto")
    monkeypatch.setattr("zoo.train.run.fastest_precision", lambda: "mixed_bfloat16")
    train(made, tmp_path, data_dir=data_dir)
    monkeypatch.setattr("zoo.train.run.fastest_precision", lambda: "float32")
    train(dataclasses.replace(made, steps=3), tmp_path, data_dir=data_dir)
    assert json.loads((tmp_path / "recipe.json").read_text())["precision"] == "mixed_bfloat16"
    assert "continues in mixed_bfloat16" in capsys.readouterr().err


code = '''
"""My recipe."""
from helper import loss
from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="gan", dataset="digits", batch_size=4, steps=2, period=1,
    optimizers={"generator": adam(1e-3), "discriminator": adam(1e-3)},
)
'''


def test_the_code_counts_without_docstrings_comments_and_positions(tmp_path):
    file, helper = tmp_path / "mine.py", tmp_path / "helper.py"
    file.write_text(code)
    helper.write_text("def loss(x):\n    return -x\n")
    before = code_digest(file)
    file.write_text(code.replace('"My', '"Your') + "\n\n# a comment\n")
    helper.write_text('"""Text."""\n\n\ndef loss(x):\n    """Returns it."""\n    return -x\n')
    assert code_digest(file) == before
    helper.write_text("def loss(x):\n    return x\n")
    assert code_digest(file) != before
    assert code_digest(None) == ""


@pytest.mark.slow
def test_changed_code_is_refused_or_accepted(tmp_path, data_dir):
    (tmp_path / "helper.py").write_text("def loss(x):\n    return -x\n")
    (tmp_path / "mine.py").write_text(textwrap.dedent(code))
    command = ["-m", "zoo.train", "--model=mine.py", "--out=run", f"--data_dir={data_dir}"]
    assert run_command(command, cwd=tmp_path).returncode == 0
    (tmp_path / "helper.py").write_text("def loss(x):\n    return x\n")
    done = run_command([*command, "--steps=3"], cwd=tmp_path)
    assert done.returncode == 1 and "another code (the recipe's file" in done.stderr, done.stderr
    assert "--accept_changes=code" in done.stderr
    done = run_command([*command, "--steps=3", "--accept_changes=code"], cwd=tmp_path)
    assert done.returncode == 0 and "Accepted at step 2" in done.stderr, done.stderr

"""Recipes: finding them, changing them, and saying what is wrong."""

import dataclasses
import shlex
import subprocess
import sys

import pytest

from zoo import recipe
from zoo.commands import spelling
from zoo.errors import ZooError


def test_a_models_name_finds_its_default_and_a_file_its_own(tmp_path):
    assert recipe.find("cgan").name == "cgan_digits"
    assert recipe.find("cgan_mnist").dataset == "mnist"
    file = tmp_path / "gan_mine.py"
    file.write_text(
        '"""Mine."""\nfrom zoo.recipe import Recipe, adam\n'
        'recipe = Recipe(model="gan", dataset="digits", batch_size=8, steps=5, optimizers={})\n'
    )
    mine = recipe.find(str(file))
    assert (mine.name, mine.summary, mine.steps) == ("gan_mine", "Mine.", 5)


@pytest.mark.parametrize(
    "name, nearest", [("cgna", "cgan"), ("cgan_minst", "cgan_mnist"), ("x.py", "x.py")]
)
def test_unknown_names_suggest_the_nearest(name, nearest):
    with pytest.raises(ZooError, match=nearest):
        recipe.find(name)


def test_fields_are_set_from_text_with_the_type_they_have():
    changed = recipe.find("cgan").changed(
        [
            "steps=7",
            "average=0",
            "network.generator_dropout=0.1",
            "optimizers.generator.learning_rate=1",
            "image_size=None",
            "dataset=mnist",
            "metrics=['a', 'b']",
        ]
    )
    assert (changed.steps, changed.average, changed.image_size, changed.dataset) == (7, 0.0, None, "mnist")
    assert changed.network["generator_dropout"] == 0.1 and changed.metrics == ("a", "b")
    assert changed.optimizers["generator"]["learning_rate"] == 1.0
    assert recipe.find("cgan").network["generator_dropout"] == 0.0


@pytest.mark.parametrize(
    "assignment, message",
    [
        ("step=7", "Did you mean steps"),
        ("steps=x", "steps takes int, not 'x'"),
        ("steps=1.5", "steps takes int"),
        ("steps=0", "at least 1"),
        ("steps=True", "steps takes int"),
        ("steps", "field=value"),
        ("average=1.0", "decay in"),
        ("precision=float61", "float32"),
        ("optimizers.generatr.learning_rate=1", "optimizers.generatr"),
        ("network=3", "network takes dict"),
        ("image_size='big'", "int or None"),
        ("steps_per_execution=0", "at least 1"),
        ("side_by_side=0", "at least 1"),
        ("steps.x=1", "no field of a recipe named 'steps.x'"),
        ("optimizers.generator.learning_rate.x=1", "no field"),
        ("optimizers={'generator': 3}", "optimizers.generator takes dict, not 3"),
        ("network={1: 2}", "takes str, not 1"),
        ("seed=-1", "seed lies in"),
        ("image_size=0", "at least 1"),
        ("channels=7", "1, 3 or None"),
        ("stages=(5, 3)", "rising"),
        ("stages=(True,)", "stages takes int or float"),
        ("stages=(1.5,)", "shares.*between 0 and 1"),
        ("stages=(-1,)", "from 0 on"),
    ],
)
def test_wrong_assignments_name_the_fix(assignment, message):
    with pytest.raises(ZooError, match=message):
        recipe.find("cgan").changed([assignment])


def test_a_rate_that_falls_may_be_set_constant():
    made = recipe.find("gancls").changed(["optimizers.generator.learning_rate=1"])
    assert made.optimizers["generator"]["learning_rate"] == 1.0
    with pytest.raises(ZooError, match="float or dict"):
        recipe.find("gancls").changed(["optimizers.generator.learning_rate=fast"])


def test_what_a_paper_reports_is_no_setting_of_a_run():
    for name in ("cgan_mnist", "infogan_mnist"):
        of_a_card = dataclasses.replace(recipe.find(name), published={})
        assert recipe.find(name).published and not spelling.differences(of_a_card)


def test_stages_begin_at_steps_or_at_shares_of_them():
    made = dataclasses.replace(recipe.find("gan"), steps=1000, stages=(0, 0.25, 300, 0.6006))
    assert made.starts == (0, 250, 300, 600)
    assert dataclasses.replace(made, stages=(0.333,)).starts == (333,)


@pytest.mark.parametrize(
    "name, assignment",
    [
        ("srgan", "optimizers.generator.learning_rate=1e-4"),
        ("cgan_conv", "optimizers.generator={'name': 'rmsprop', 'learning_rate': 0.001}"),
        ("infogan_mnist", "network={'width': 16}"),
        ("infogan_mnist", "network={}"),
        ("cgan", "network.z_dim=7"),
        ("cgan_conv", "optimizers.generator.learning_rate={'start': 0.1, 'constant': 0.5}"),
    ],
)
def test_the_command_of_a_changed_recipe_trains_it(name, assignment):
    made = recipe.find(name).changed([assignment])
    _, _, _, model, *settings = shlex.split(spelling.command_of(made))
    again = recipe.find(model.removeprefix("--model=")).changed(
        [s.removeprefix("--set=") for s in settings]
    )
    assert again == made and again != recipe.find(name)


def test_a_call_of_the_graph_makes_no_step_too_many():
    made = dataclasses.replace(recipe.find("gan"), steps=1000, period=100, steps_per_execution=40)
    assert made.at_once == 20
    assert dataclasses.replace(made, steps=5).at_once == 5
    assert dataclasses.replace(made, steps=997).at_once == 1
    assert dataclasses.replace(made, stages=(50, 0.7)).at_once == 10
    assert dataclasses.replace(made, stages=(0.333,)).at_once == 1


@pytest.mark.parametrize(
    "code",
    [
        "import zoo",
        "from zoo import recipe; recipe.table()",
        "import zoo.train",
        "import zoo.errors, zoo.paths",
    ],
)
def test_what_needs_no_tensorflow_does_not_load_it(code):
    check = (
        f"{code}; import sys; assert not any(m in sys.modules for m in ('tensorflow', 'keras', 'numpy'))"
    )
    subprocess.run([sys.executable, "-c", check], check=True)

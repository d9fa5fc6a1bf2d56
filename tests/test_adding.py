"""Adding a model and a recipe takes one file each, or one for both; the README's own example is run by
tests/test_readme.py."""

import dataclasses

import pytest

from zoo import recipe
from zoo.errors import ZooError
from zoo.models.build import list_models, model_options
from zoo.registry import builders, readers
from zoo.tasks import load
from zoo.train.run import train

model = '''
"""NAMED: Someone 2026, A Title, arXiv 2601.00001."""

import keras

from zoo.models.gan import GAN
from zoo.game.priors import Uniform
from zoo.registry import register


@register("added")
def build(x_shape, classes=None, units=8):
    z, x = keras.Input((2,), name="z"), keras.Input(x_shape, name="x")
    generator = keras.Model({"z": z}, keras.layers.Dense(x_shape[-1])(z), name="generator")
    discriminator = keras.Model(x, keras.layers.Dense(1)(keras.layers.Dense(units, "relu")(x)), name="d")
    return GAN(generator, discriminator, {"z": Uniform(2)}, game="non_saturating", k=1)
'''

made = '''
"""On a ring."""

import added_model  # beside this file

from zoo.recipe import Recipe, adam

rates = {"discriminator": adam(1e-3), "generator": adam(1e-3)}
recipe = Recipe("added", "gaussians/ring", batch_size=8, steps=2, period=2, optimizers=rates)
'''


@pytest.fixture
def forgotten(request):
    """Whatever a test registers is gone after it."""
    list_models()
    for names in (builders, readers):
        before = dict(names)
        request.addfinalizer(lambda names=names, before=before: (names.clear(), names.update(before)))


def test_a_model_in_one_file_and_a_recipe_in_another_train(tmp_path, data_dir, forgotten):
    (tmp_path / "added_model.py").write_text(model.lstrip())
    file = tmp_path / "added_ring.py"
    file.write_text(made.lstrip())
    found = recipe.find(str(file))
    assert (found.name, found.summary) == ("added_ring", "On a ring.")
    assert "added" in list_models() and model_options("added") == {"units": 8}
    train(dataclasses.replace(found, precision="float32"), tmp_path / "run", data_dir=data_dir)
    assert load(tmp_path / "run").sample(3).shape == (3, 2)


def test_a_file_may_be_read_again_and_no_other_may_take_its_names(tmp_path, forgotten):
    both = model.lstrip() + made.replace("import added_model  # beside this file\n", "")
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(both)
    for _ in range(2):
        assert recipe.find(str(tmp_path / "one.py")).model == "added"
    with pytest.raises(ZooError, match="two.py, line 10: ValueError: Two models are named 'added'"):
        recipe.find(str(tmp_path / "two.py"))


@pytest.mark.parametrize(
    "text, message",
    [
        ("recipe = 1 / 0", "line 1: ZeroDivisionError"),
        ("\nrecipe = (", "line 2: SyntaxError"),
        ("import nowhere_at_all", "line 1: ModuleNotFoundError"),
        ("recipe = 3", "holds no `recipe"),
        (
            "from zoo.recipe import Recipe\nrecipe = Recipe('gan', 'digits', '8', 2, {})",
            "batch_size takes int",
        ),
    ],
)
def test_mistakes_in_a_recipe_file_name_their_line(text, message, tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text(text)
    with pytest.raises(ZooError, match=message):
        recipe.find(str(file))

"""Adding a model and a recipe takes one file each, or one for both; the README's own example is run by
tests/test_readme.py."""

import dataclasses

import numpy as np
import pytest

from zoo import recipe
from zoo.errors import ZooError
from zoo.models.build import list_models, model_options
from zoo.registry import builders, readers
from zoo.saved.trained import Trained
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
def forgotten():
    """Restores the registries after a test."""
    list_models()
    registries = [(names, dict(names)) for names in (builders, readers, Trained.kinds)]
    yield
    for names, before in registries:
        names.clear()
        names.update(before)


@pytest.mark.slow
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


task = '''
"""A task in one file: the inversion of images."""

import keras
import numpy as np
import tensorflow as tf

from zoo import Adversarial, Recipe, Trained, adam, register, step


class Inverter(Adversarial):
    task = "inversion"

    def __init__(self, network, x_shape):
        super().__init__({"network": [network]})
        self.network, self.x_shape = network, x_shape

    @step
    def train_step(self, batch):
        x = tf.cast(batch["x"], tf.float32) / 255
        with self.turn("network") as n:
            n.loss = tf.reduce_mean((self.network(x) - (1 - x)) ** 2)

    def signatures(self):
        def invert(image):
            y = self.network(tf.cast(image, tf.float32) / 255)
            return {"image": tf.cast(tf.clip_by_value(255 * y, 0, 255), tf.uint8)}

        return {"invert": (invert, {"image": tf.TensorSpec([None, *self.x_shape], tf.uint8, "image")})}

    def describe(self):
        return {"x_shape": list(self.x_shape)}


class TrainedInverter(Trained):
    task = "inversion"
    options = ("input",)

    def invert(self, image):
        return self.call("invert", image=image)["image"]

    def write_samples(self, out, seed=0, input=None):
        np.save(out, self.invert(np.load(input)))
        return [out]


@register("inverter")
def build(x_shape, classes=None):
    x = keras.Input(x_shape, name="x")
    return Inverter(keras.Model(x, keras.layers.Conv2D(1, 1)(x), name="network"), x_shape)


recipe = Recipe("inverter", "digits", 8, 2, {"network": adam(1e-2)}, image_size=16, period=2)
'''


@pytest.mark.slow
def test_task_in_one_file_trains_loads_and_samples(tmp_path, data_dir, forgotten):
    file = tmp_path / "inverter_digits.py"
    file.write_text(task.lstrip())
    train(
        dataclasses.replace(recipe.find(str(file)), precision="float32"),
        tmp_path / "run",
        data_dir=data_dir,
    )
    trained = load(tmp_path / "run")
    assert type(trained).__name__ == "TrainedInverter" and trained.card.task == "inversion"
    images = np.zeros((2, 16, 16, 1), np.uint8)
    np.save(tmp_path / "images.npy", images)
    (out,) = trained.write_samples(tmp_path / "inverted.npy", input=tmp_path / "images.npy")
    np.testing.assert_array_equal(np.load(out), trained.invert(images))
    # Without the file, a loaded model still has its signatures.
    del Trained.kinds["inversion"]
    assert type(load(tmp_path / "run")) is Trained

"""The recipes of the papers: two steps in each precision, and the sizes of the networks."""

import dataclasses
import math

import keras
import numpy as np
import pytest
from trainings import papers, small

from zoo import recipe
from zoo.models.build import build
from zoo.networks.encoders import Characters
from zoo.train.assemble import assemble, load_data

pytestmark = pytest.mark.slow


def test_differences_from_the_paper_are_listed():
    for name in papers:
        documentation = (recipe.paths.recipes / f"{name}.py").read_text()
        assert "Differences from the paper: " in documentation.split('"""')[1], name


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", papers)
def test_two_steps(name, precision, data_dir):
    chosen = dataclasses.replace(small(name), precision=precision)
    data = load_data(chosen, data_dir=data_dir)
    model = assemble(chosen, data)
    batches = iter(data.batches(chosen.batch_size * model.batches_per_step, 0))
    for callback in model.callbacks(data):
        callback.on_train_batch_begin(0)
    for stage in {0, model.stages - 1}:
        model.stage = stage
        for _ in range(2 if model.stages == 1 else 1):
            logs = model.train_step(next(batches))
            assert all(np.isfinite(float(value)) for value in logs.values()), logs
    for side in model.sides:
        assert all(np.isfinite(v).all() for v in model.side_variables(side))


def encoder():
    """Returns a network from strings to 1,024 coordinates."""
    text = keras.Input((), dtype="string", name="text")
    h = keras.layers.Flatten()(Characters(20, dtype="float32")(text))
    return keras.Model(text, keras.layers.Dense(1024, dtype="float32")(h))


def features(x_shape):
    """Returns a network from images to 1,024 features."""
    x = keras.Input(x_shape)
    return keras.Model(x, keras.layers.Dense(1024)(keras.layers.GlobalAveragePooling2D()(x)))


shapes = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3), "stacked_mnist": (32, 32, 3), "gaussians": (2,)}

# Numbers of trainable parameters of each side.
counts = {}


@pytest.mark.parametrize("name", papers)
def test_number_of_parameters(name):
    chosen = recipe.find(name)
    shape = shapes.get(chosen.dataset.split("/")[0], (chosen.image_size, chosen.image_size, 3))
    network = dict(chosen.network)
    if "encoder" in network:
        network["encoder"] = encoder()
    if "image" in network:
        network["image"] = features(shape)
    if str(network.get("content", "vgg" if chosen.model == "srgan" else "")).startswith("vgg"):
        network["content"] = "mse"
    model = build(chosen.model, shape, 10, chosen.parts, **network)
    found = {side: sum(math.prod(v.shape) for v in model.side_variables(side)) for side in model.sides}
    assert found == counts[name]

"""Looks inside models: each against a case whose answer is known."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo import inspection, paths, recipe, serving, training
from zoo.errors import ZooError


@pytest.fixture(scope="module")
def run(tmp_path_factory, data_dir):
    """A tiny DCGAN of digits after one step."""
    out = tmp_path_factory.mktemp("dcgan")
    chosen = dataclasses.replace(recipe.find("dcgan"), network={"width": 4}, steps=1, period=1)
    training.train(chosen, out, data_dir=data_dir)
    return out


@pytest.fixture
def subject(run, tmp_path, data_dir):
    return inspection.Subject(
        zoo.load(run), tmp_path, count=60, labels=(100,), repeats=2, data_dir=data_dir
    )


def test_features_are_every_layers_joined(subject):
    extract = inspection.features_of(subject.judge)
    maps = [o.shape for o in inspection._hidden(subject.judge) if len(o.shape) == 4]
    width = sum(int(np.ceil(h / np.ceil(h / 4)) * np.ceil(w / np.ceil(w / 4)) * c) for _, h, w, c in maps)
    assert extract.output_shape == (None, width) and len(maps) > 1
    results = inspection.looks["features"](subject)["100 labels"]
    assert set(results) == {
        "features of D", "features of an untrained D", "raw pixels", "supervised network of D's shape",
    }  # fmt: skip
    assert all(0.3 < row["accuracy"] <= 1 for row in results.values())


def test_too_many_labels_and_missing_discriminators_are_told(run, tmp_path, data_dir):
    few = inspection.Subject(zoo.load(run), tmp_path, labels=(5000,), data_dir=data_dir)
    with pytest.raises(ZooError, match="not 5000"):
        inspection.looks["features"](few)
    alone = serving.export_anew(zoo.load(run), tmp_path, ["sample", "generate"])
    alone = inspection.Subject(zoo.load(alone.parent), tmp_path, data_dir=data_dir)
    with pytest.raises(ZooError, match="without its discriminator"):
        inspection.looks["filters"](alone)
    conditional = inspection.Subject(zoo.load("cgan_conv_digits"), tmp_path, data_dir=data_dir)
    with pytest.raises(ZooError, match="condition"):
        inspection.looks["features"](conditional)


def test_walks_end_where_they_should(subject):
    found = inspection.looks["walks"](subject)
    assert found["straight"]["largest step over the mean one"] >= 1
    for name in ("walks.png", "corners.png"):
        assert (subject.out / name).is_file()
    jump = np.zeros((9, 2, 2, 1))
    jump[5:] = 8
    assert inspection._largest_step(jump) == pytest.approx(8)
    assert inspection._largest_step(np.arange(9.0)[:, None, None, None]) == pytest.approx(1)


def test_guided_backpropagation_lets_only_what_is_positive_on_both_ways_through():
    x = tf.constant([[-1.0, 2.0, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = inspection.Guided(0.2)(x)
        total = tf.reduce_sum(y * [[1.0, -1.0, 5.0]])
    np.testing.assert_allclose(y, [[-0.2, 2.0, 3.0]])
    np.testing.assert_allclose(tape.gradient(total, x), [[0.0, 0.0, 5.0]])


def test_a_guided_network_answers_as_the_network(subject):
    x = np.random.default_rng(0).normal(size=(2, *subject.model.x_shape)).astype("float32")
    np.testing.assert_allclose(inspection._guided(subject.judge)(x), subject.judge(x), atol=1e-6)
    inspection.looks["filters"](subject, shown=2)
    assert (subject.out / "filters.png").is_file() and (subject.out / "filters_untrained.png").is_file()


class Fixed:
    """Stands for a trained model: samples that a test chose."""

    def __init__(self, trained, images):
        self._trained, self._images = trained, images

    def __getattr__(self, name):
        return getattr(self._trained, name)

    def sample(self, n, seed=0):
        return self._images[:n]


def test_copies_of_training_pictures_are_found(subject):
    train, _ = subject.examples("train", 60)
    subject.trained = Fixed(subject.trained, train)
    found = inspection.looks["neighbours"](subject)
    assert found["samples that are training pictures"] == 60
    assert found["distance of a sample to the nearest training picture"] < 1e-3
    assert found["distance of a test picture to it"] > 0.1


def test_few_different_samples_are_found_out(subject):
    train, _ = subject.examples("train", 5)
    subject.trained = Fixed(subject.trained, np.repeat(train, 12, 0))
    found = inspection.looks["neighbours"](subject)
    assert found["pairs of samples nearer than any two of as many test pictures"] >= 25
    assert found["of samples"] == 1.0  # each lies on its copies
    assert (subject.out / "closest_samples.png").is_file()


def test_the_nearest_are_scikit_learns():
    from sklearn.neighbors import NearestNeighbors

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(700, 5)).astype("float32"), rng.normal(size=(300, 5)).astype("float32")
    distance, which = inspection._nearest(a, b)
    theirs, other = NearestNeighbors(n_neighbors=1).fit(b).kneighbors(a)
    np.testing.assert_allclose(distance, theirs[:, 0], atol=1e-4)
    assert np.mean(which == other[:, 0]) > 0.99
    distance, which = inspection._nearest(a, a, itself=True)
    assert np.all(which != np.arange(700)) and distance.min() > 0


def test_the_command_stores_its_numbers(run, tmp_path, data_dir):
    def asked(*flags):
        command = [sys.executable, "-m", "zoo.inspect", f"--model={run}", f"--out={tmp_path}", *flags]
        return subprocess.run(command, capture_output=True, text=True, cwd=paths.recipes.parent)

    done = asked("--what=walks", f"--data_dir={data_dir}")
    assert done.returncode == 0, done.stderr
    assert "spherical" in json.loads((tmp_path / "walks.json").read_text())
    assert (tmp_path / "walks.png").is_file()
    done = asked("--what=feature")
    assert done.returncode == 1 and "features" in done.stderr and "Traceback" not in done.stderr

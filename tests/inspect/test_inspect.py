"""Looks inside models: each against a case whose answer is known."""

import json
import pathlib
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from processes import run_command
from texts import small

import zoo
from zoo.errors import ZooError
from zoo.evaluate import concepts
from zoo.game import priors
from zoo.inspect.dropping import Cuts, measure_losses
from zoo.inspect.features import features_of, train_supervised
from zoo.inspect.filters import Guided, guided_copy
from zoo.inspect.looks import looks
from zoo.inspect.neighbors import nearest_rows
from zoo.inspect.subject import Subject, hidden_outputs, one_by_one
from zoo.inspect.walks import largest_step_ratio
from zoo.models.build import build
from zoo.models.dcgan import DCGAN
from zoo.models.rebuild import re_export
from zoo.tasks.inputs import draw_inputs


@pytest.fixture(scope="module")
def run(small_run):
    """A small DCGAN of digits."""
    return small_run("dcgan")


@pytest.fixture
def subject(run, tmp_path, data_dir):
    return Subject(zoo.load(run), tmp_path, count=60, labels=(100,), repeats=2, data_dir=data_dir)


def test_a_discriminator_that_packs_judges_packs_of_one_example():
    x = np.random.default_rng(0).uniform(-1, 1, (3, 16, 16, 1)).astype("float32")
    for pack in (1, 2):
        parts = {"packing": {"m": pack}, "spectral_norm": {}}
        packing = build("dcgan", (16, 16, 1), parts=parts, width=2).discriminator
        alone = one_by_one(packing)
        np.testing.assert_allclose(alone(x), packing(x.repeat(pack, 0)), rtol=1e-5, atol=1e-6)
        assert features_of(alone)(x).shape[0] == 3


@pytest.mark.slow
def test_the_seed_decides_the_untrained_d_too(run, tmp_path, data_dir):
    def weights(seed):
        subject = Subject(zoo.load(run), tmp_path, seed=seed, data_dir=data_dir)
        return subject.untrained.get_weights()[0]

    np.testing.assert_array_equal(weights(0), weights(0))
    assert np.any(weights(0) != weights(1))


@pytest.mark.slow
def test_features_are_every_layers_joined(subject):
    extract = features_of(subject.discriminator)
    maps = [o.shape for o in hidden_outputs(subject.discriminator) if len(o.shape) == 4]
    width = sum(int(np.ceil(h / np.ceil(h / 4)) * np.ceil(w / np.ceil(w / 4)) * c) for _, h, w, c in maps)
    assert extract.output_shape == (None, width) and len(maps) > 1
    subject.labels = (100, None)
    found = looks["features"](subject)
    some, whole = found["100 labels"], found["all labels"]
    assert set(some) == {
        "features of D", "features of an untrained D", "raw pixels", "supervised network of D's shape",
    }  # fmt: skip
    for name, row in some.items():
        assert 0.3 < row["accuracy"] < whole[name]["accuracy"] <= 1
        assert row["subsets"] == 2 and whole[name]["subsets"] == 1 and whole[name]["spread"] is None


def test_a_discriminator_of_two_networks_shows_the_one_that_sees_pictures(tmp_path):
    parts = {"projection_head": {}}
    model = build("gancls", (16, 16, 3), parts=parts, **small["gancls"])
    trained = types.SimpleNamespace(name="gancls", signatures=["score"])
    looked_at = Subject.__new__(Subject)
    looked_at.trained, looked_at.model = trained, model
    assert looked_at.discriminator.input_shape == (None, 16, 16, 3)


@pytest.mark.slow
def test_features_are_tested_on_other_data(run, tmp_path, data_dir):
    other = Subject(zoo.load(run), tmp_path, repeats=2, data_dir=data_dir, dataset="shapes/class")
    side = zoo.load(run).interface["x_shape"]
    (x, y), (test_x, test_y) = other.labeled()
    assert list(x.shape[1:]) == side and len(np.unique(y)) == 6
    found = looks["clusters"](other)
    assert found["dataset"] == "shapes/class" and found["clusters"] == 6
    for name in ("D", "an untrained D", "raw pixels"):
        row = found[name]
        assert 0 <= row["NMI"] < row["purity"] <= 1 and row["purity"] >= found["most common class"] - 0.01
    points = Subject(zoo.load(run), tmp_path, data_dir=data_dir, dataset="photos")
    with pytest.raises(ZooError, match="photos does not have one label per image"):
        looks["clusters"](points)


@pytest.mark.slow
def test_clusters_and_probes_of_separable_features(subject, monkeypatch):
    """Ten constant images, one per class, with a little noise."""
    rng = np.random.default_rng(0)
    y = np.arange(400) % 10
    x = (25 * y[:, None, None, None] + rng.integers(5, size=(400, *subject.model.x_shape))).astype(np.uint8)
    monkeypatch.setattr(subject, "labeled", lambda: ((x, y), (x, y)))
    pixels = looks["clusters"](subject)["raw pixels"]
    assert pixels["NMI"] > 0.9 and pixels["purity"] > 0.9 and pixels["linear probe"] > 0.95
    monkeypatch.setattr(subject, "labeled", lambda: ((x, rng.permutation(y)), (x, rng.permutation(y))))
    pixels = looks["clusters"](subject)["raw pixels"]
    assert pixels["NMI"] < 0.15 and pixels["purity"] < 0.3


@pytest.mark.slow
def test_too_many_labels_and_missing_discriminators_are_told(run, tmp_path, data_dir):
    few = Subject(zoo.load(run), tmp_path, labels=(5000,), data_dir=data_dir)
    with pytest.raises(ZooError, match="fewer than 5000"):
        looks["features"](few)
    alone = re_export(zoo.load(run), tmp_path, ["sample", "generate"])
    alone = Subject(zoo.load(alone.parent), tmp_path, data_dir=data_dir)
    with pytest.raises(ZooError, match="without its discriminator"):
        looks["filters"](alone)
    conditional = Subject(zoo.load("cgan_conv_digits"), tmp_path, data_dir=data_dir)
    with pytest.raises(ZooError, match="condition"):
        looks["features"](conditional)


@pytest.mark.slow
def test_walks_end_where_they_should(subject):
    found = looks["walks"](subject)
    assert found["straight"]["largest step over the mean one"] >= 1
    for name in ("walks.png", "corners.png"):
        assert (subject.out / name).is_file()
    assert Image.open(subject.out / "walks.gif").n_frames == 16  # nine steps there, seven back
    jump = np.zeros((9, 2, 2, 1))
    jump[5:] = 8
    assert largest_step_ratio(jump) == pytest.approx(8)
    assert largest_step_ratio(np.arange(9.0)[:, None, None, None]) == pytest.approx(1)


@pytest.mark.slow
def test_each_code_is_walked_from_low_to_high(tmp_path):
    looks["walks"](Subject(zoo.load("infogan_mnist"), tmp_path))
    for name in ("code_0", "code_1"):
        assert Image.open(tmp_path / f"{name}.gif").n_frames == 18
        assert (tmp_path / f"{name}.png").is_file()


@pytest.mark.slow
def test_a_supervised_network_is_a_function_of_its_seed_and_sets_no_other(subject):
    x, y = subject.examples("train", 64)
    weights = [train_supervised(subject, x, y, seed, epochs=1).get_weights() for seed in (3, 3, 4)]
    assert all(np.array_equal(a, b) for a, b in zip(weights[0], weights[1]))
    assert any(np.any(a != c) for a, c in zip(weights[0], weights[2]))
    assert tf.compat.v1.random.get_seed(7) == (87654321, 7)  # TensorFlow's own: no global one was set


def test_guided_backpropagation_lets_only_what_is_positive_on_both_ways_through():
    x = tf.constant([[-1.0, 2.0, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = Guided(0.2)(x)
        total = tf.reduce_sum(y * [[1.0, -1.0, 5.0]])
    np.testing.assert_allclose(y, [[-0.2, 2.0, 3.0]])
    np.testing.assert_allclose(tape.gradient(total, x), [[0.0, 0.0, 5.0]])


@pytest.mark.slow
def test_a_guided_network_answers_as_the_network(subject):
    x = np.random.default_rng(0).normal(size=(2, *subject.model.x_shape)).astype("float32")
    np.testing.assert_allclose(guided_copy(subject.discriminator)(x), subject.discriminator(x), atol=1e-6)
    looks["filters"](subject, shown=2)
    assert (subject.out / "filters.png").is_file() and (subject.out / "filters_untrained.png").is_file()


class Judge:
    """Reads which halves of a picture are bright."""

    name = "halves"
    signatures = ("read",)
    card = types.SimpleNamespace(
        signatures={"read": {"outputs": {"left": {"shape": [None, 2]}, "right": {"shape": [None, 2]}}}}
    )
    interface = {"x_shape": [8, 8, 1]}

    def call(self, signature, image):
        left, right = image[:, :, :4].mean((1, 2, 3)) / 255, image[:, :, 4:].mean((1, 2, 3)) / 255
        return {"left": np.stack([1 - left, left], 1), "right": np.stack([1 - right, right], 1)}


@pytest.fixture
def world(tmp_path):
    """A subject whose generator has a unit a half: a coordinate of noise above 0 makes its half bright."""
    z = keras.Input((2,), name="z")
    h = keras.layers.ReLU()(keras.layers.Dense(2, name="units")(z))
    half = np.repeat([[1.0, 0.0], [0.0, 1.0]], 4, axis=1)  # [units, columns]
    flat = keras.layers.Dense(64, name="paint", activation="tanh")(h)
    generator = keras.Model({"z": z}, keras.layers.Reshape((8, 8, 1))(flat), name="generator")
    generator.get_layer("units").set_weights([20 * np.eye(2), np.zeros(2)])
    generator.get_layer("paint").set_weights([np.tile(half, 8), np.full(64, -2.0)])
    judge = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model = DCGAN(generator, judge, {"z": priors.Uniform(2)}, "non_saturating", value_range=(-1.0, 1.0))
    trained = types.SimpleNamespace(
        name="world", priors=model.priors, conditions={}, signatures=("sample",),
        interface={"x_shape": [8, 8, 1]},
        generate=lambda **z: model.generate(z).numpy(), to_pixels=lambda x: model.from_network(x).numpy(),
    )  # fmt: skip
    return types.SimpleNamespace(
        trained=trained, model=model, reader=concepts.Reader(Judge()), seed=0, count=200, repeats=2,
        save=lambda name, image: pathlib.Path(tmp_path / name).write_bytes(image.tobytes()),
        out=tmp_path,
    )  # fmt: skip


@pytest.mark.slow
def test_arithmetic_is_right_where_noise_is_laid_out_for_it(world):
    found = looks["arithmetic"](world, members=(10,))["means of 10 samples"]
    assert found["right"]["mean"] > 0.8 and found["a mean of samples that show it"]["mean"] > 0.9
    assert found["a sample at random"]["mean"] == pytest.approx(0.25, abs=0.05)
    assert found["c as it is"]["mean"] < 0.1
    assert found["c and a step at random"]["mean"] < 0.4
    assert found["the factor to change"]["mean"] >= found["right"]["mean"]
    assert (world.out / "arithmetic.png").is_file()


@pytest.mark.slow
def test_a_dropped_map_takes_its_concept_and_no_other(world):
    cuts = Cuts(world, 400, 0)
    losses, panels = measure_losses(cuts, 0, world.reader, (0.5,), 4, np.random.default_rng(0))
    for factor in ("left", "right"):
        bright = losses[0.5][factor][1]
        assert bright["maps dropped"] == 1
        assert bright["concept gone"] == 1 and bright["other factors kept"] == 1
        assert bright["concept gone (at random)"] in (0, 1)  # one of two maps: this one, or the other
    assert len(panels) == 2 and "of 2 maps" in panels[0][0][0]
    found = looks["dropping"](world)["layer 1 (2), weights above 0.5 of the largest"]
    assert set(found) == {"every factor", "left", "right"}
    assert (world.out / "dropping_1.png").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run", "cgan_conv_digits"])
def test_a_cut_generator_is_the_generator(name, run, tmp_path):
    trained = zoo.load(run if name == "run" else name)
    subject = Subject(trained, tmp_path)
    drawn = draw_inputs(trained.priors, 6, 0)
    cuts, every = Cuts(subject, 6, 0), np.arange(6)
    whole = trained.to_pixels(trained.generate(**drawn))
    for cut, maps in enumerate(cuts.maps):
        np.testing.assert_allclose(cuts.samples(every, cut), whole, atol=1)
        assert np.any(cuts.samples(every, cut, np.zeros(maps[-1])) != whole)
        values, sample, inside = cuts.positions(cut, every, np.random.default_rng(0), each=2)
        assert values.shape == (len(sample), maps[-1]) and len(inside) == len(sample) <= 4 * 6
        assert set(sample) == set(every)


@pytest.mark.slow
def test_what_a_look_needs_is_told(run, tmp_path, data_dir):
    digits = Subject(zoo.load(run), tmp_path, data_dir=data_dir)
    assert digits.reader.name == "classifier_digits" and digits.reader.factors == ("label",)
    points = Subject(zoo.load("gan_gaussian"), tmp_path, data_dir=data_dir)
    judge = Subject(zoo.load("classifier_digits"), tmp_path, data_dir=data_dir)
    for look in ("arithmetic", "dropping", "walks", "neighbors"):
        for subject in (points, judge):
            with pytest.raises(ZooError, match="does not generate images"):
                looks[look](subject)
    blind = Subject(zoo.load(run), tmp_path, classifier="segmenter_shapes", data_dir=data_dir)
    with pytest.raises(ZooError, match="segmenter_shapes is not a classifier. Set classifier=…"):
        looks["dropping"](blind)
    few = Subject(zoo.load(run), tmp_path, count=20, repeats=1, data_dir=data_dir)
    with pytest.raises(ZooError, match="Set count=…"):
        looks["arithmetic"](few)


class Fixed:
    """Stands for a trained model: samples that a test chose."""

    def __init__(self, trained, images):
        self._trained, self._images = trained, images

    def __getattr__(self, name):
        return getattr(self._trained, name)

    def sample(self, n, seed=0):
        return self._images[:n]


@pytest.mark.slow
def test_copies_of_training_pictures_are_found(subject):
    train, _ = subject.examples("train", 60)
    subject.trained = Fixed(subject.trained, train)
    found = looks["neighbors"](subject)
    assert found["samples that are training pictures"] == 60
    assert found["distance of a sample to the nearest training picture"] < 1e-3
    assert found["distance of a test picture to it"] > 0.1


@pytest.mark.slow
def test_few_different_samples_are_found_out(subject):
    train, _ = subject.examples("train", 5)
    subject.trained = Fixed(subject.trained, np.repeat(train, 12, 0))
    found = looks["neighbors"](subject)
    assert found["pairs of samples nearer than any two of as many test pictures"] >= 25
    assert found["of samples"] == 1.0  # each lies on its copies
    assert (subject.out / "closest_samples.png").is_file()


def test_nearest_neighbors_of_duplicates_and_of_the_set_itself():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(700, 5)).astype("float32"), rng.normal(size=(300, 5)).astype("float32")
    a[:4] = b[:4]
    distance, which = nearest_rows(a, b)
    brute = np.linalg.norm(a[:, None] - b[None], axis=2)
    np.testing.assert_allclose(distance, brute.min(1), rtol=1e-6)
    np.testing.assert_array_equal(which, brute.argmin(1))
    np.testing.assert_array_equal(np.flatnonzero(distance == 0), range(4))
    distance, which = nearest_rows(a, a, itself=True)
    assert np.all(which != np.arange(700)) and distance.min() > 0
    twice = np.concatenate([a, a])
    distance, which = nearest_rows(twice, twice, itself=True)
    assert np.all(distance == 0) and np.all(which != np.arange(1400))


@pytest.mark.slow
def test_the_command_stores_its_numbers(run, tmp_path, data_dir):
    def asked(*flags):
        return run_command(["-m", "zoo.inspect", f"--model={run}", f"--out={tmp_path}", *flags])

    done = asked("--what=walks", f"--data_dir={data_dir}")
    assert done.returncode == 0, done.stderr
    assert "spherical" in json.loads((tmp_path / "walks.json").read_text())
    assert (tmp_path / "walks.png").is_file()
    done = asked("--what=feature")
    assert done.returncode == 1 and "features" in done.stderr and "Traceback" not in done.stderr
    done = asked("--what=arithmetic", "--model=cgan_conv_digits")
    assert done.returncode == 1 and "label" in done.stderr and "Traceback" not in done.stderr

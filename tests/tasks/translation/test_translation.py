"""Translators: their parts against their papers, their data, and what users do with them."""

import dataclasses
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo import datasets, recipe
from zoo.datasets import augmentation
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate
from zoo.game import randomness
from zoo.game.optimizers import LinearDecay
from zoo.images import pixels
from zoo.layers.convolution import ReflectionPadding
from zoo.layers.normalization import InstanceNormalization
from zoo.models import cyclegan
from zoo.models.build import build
from zoo.networks.translators import patch_discriminator, patches, unet
from zoo.tasks.translation.folder import translate_files
from zoo.train.run import train

rng = np.random.default_rng(0)


@pytest.fixture(scope="module")
def runs(shared, data_dir):
    """Each translator after two steps: {name: run folder}."""

    def run(name):
        small = dataclasses.replace(recipe.find(name), image_size=16, steps=2, period=1, batch_size=1)
        small = small.changed(["network.width=4", "network.discriminator_width=4", "network.patch=16"])
        return shared(f"translation_{name}", lambda folder: train(small, folder, data_dir=data_dir))

    return {name: run(name) for name in ("pix2pix", "cyclegan", "dualgan")}


# Networks


@pytest.mark.parametrize("patch", patches)
def test_a_verdict_depends_on_a_patch_of_the_size_asked_for(patch):
    side = 2 ** max(patch - 1, 31).bit_length()
    network = patch_discriminator((side, side, 1), 2, patch, "d", normalize=None)
    x = tf.constant(rng.normal(size=(1, side, side, 1)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        verdicts = network(x)
        center = verdicts.shape[1] // 2
        one = verdicts[0, center, center, 0]
    reached = np.flatnonzero(np.abs(tape.gradient(one, x).numpy()[0, :, :, 0]).sum(1) > 0)
    extent = reached[-1] - reached[0] + 1
    assert extent == min(patch, side) or (extent >= side // 2 and patch > side // 2)


def test_the_papers_70_patch_gives_30_by_30_verdicts_at_256():
    network = patch_discriminator((256, 256, 3), 64, 70, "d", pictures=2)
    assert network([tf.zeros([1, 256, 256, 3])] * 2).shape == (1, 30, 30, 1)
    assert network.count_params() == pytest.approx(2_768_705, rel=0.01)  # the authors' D, 6 channels in


def test_generators_have_the_papers_sizes():
    network = unet((256, 256, 3), 64, 0.5, "g")
    assert network.count_params() == pytest.approx(54.41e6, rel=0.01)  # the authors' 54.4 M
    resnet = cyclegan.resnet((256, 256, 3), 64, 9, "g")
    assert resnet.count_params() == pytest.approx(11.38e6, rel=0.01)  # the authors' 11.4 M


def test_whole_image_and_unknown_patches():
    network = patch_discriminator((64, 64, 3), 4, "image", "d")
    assert len([layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]) == 5
    with pytest.raises(ZooError, match="70"):
        patch_discriminator((64, 64, 3), 4, 71, "d")
    with pytest.raises(ZooError, match="too few for a patch"):
        patch_discriminator((16, 16, 3), 4, 286, "d")
    with pytest.raises(ZooError, match="512 pixels"):  # none spans it
        patch_discriminator((512, 512, 3), 4, "image", "d")


@pytest.mark.parametrize("name", ["pix2pix", "cyclegan", "dualgan"])
@pytest.mark.parametrize("shape", [(28, 28, 3), (32, 64, 3), (2,)])
def test_shapes_that_cannot_be_trained_on_are_refused(name, shape):
    with pytest.raises(ZooError, match="multiple of 16"):
        build(name, shape)


def test_the_fused_instance_norm_is_the_composed_one():
    x = tf.constant(rng.normal(2, 3, size=(2, 6, 5, 4)), tf.float32)
    layer = InstanceNormalization(epsilon=1e-5)
    composed = layer(x)
    layer.gamma.assign(rng.normal(size=4))
    layer.beta.assign(rng.normal(size=4))
    composed = layer(x)
    fused = tf.concat([layer(x[:1]), layer(x[1:])], 0)
    np.testing.assert_allclose(fused, composed, atol=1e-5)


def test_reflection_padding_is_numpys():
    x = rng.normal(size=(2, 4, 5, 3)).astype("float32")
    expected = np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)), "reflect")
    np.testing.assert_array_equal(ReflectionPadding(3)(x), expected)


# Steps


def small(name, parts=None, **network):
    """A small translator, and a batch of two pictures a domain."""
    random.seed(0)  # from which Keras draws the seeds of the initial weights
    made = {"width": 2, "discriminator_width": 2, "patch": 16, **network}
    model = build(name, (16, 16, 3), parts=parts, **made)
    model.compile({side: keras.optimizers.SGD(1.0) for side in model.sides})
    pixels = np.random.default_rng(1).integers(256, size=(2, 2, 16, 16, 3))
    return model, {"a": tf.constant(pixels[0], tf.uint8), "b": tf.constant(pixels[1], tf.uint8)}


@pytest.mark.slow
def test_cyclegans_generators_begin_by_copying():
    model, batch = small("cyclegan", {"copying_start": {"until": 1}}, weight=3.0)
    x, y = model.real(batch)
    variables = model.side_variables("generator")
    with tf.GradientTape() as tape:
        loss = 3.0 * (tf.reduce_mean(abs(model.g(x) - x)) + tf.reduce_mean(abs(model.f(y) - y)))
    expected = [v - g for v, g in zip(variables, tape.gradient(loss, [v.value for v in variables]))]
    judged = model.d_y.get_weights()
    model.train_step(batch)
    for found, wanted in zip(variables, expected):
        np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert any(np.any(a != b) for a, b in zip(model.d_y.get_weights(), judged))

    def after_the_second(bias):
        model, batch = small("cyclegan", {"copying_start": {"until": 1}}, pool=0)
        model.train_step(batch)
        with pytest.MonkeyPatch.context() as patch:
            scored = cyclegan.losses.squared_distance
            patch.setattr(cyclegan.losses, "squared_distance", lambda a, b: scored(a + bias, b))
            model.train_step(batch)
        return model.g.get_weights()

    # From then on it matters what the discriminators say.
    assert any(np.any(a != b) for a, b in zip(after_the_second(0.0), after_the_second(9.0)))


def test_dualgans_critics_are_clipped_after_each_of_their_moves(monkeypatch):
    model, batch = small("dualgan", critic_steps=2, clip=0.01)
    clipped, whole = [], model.clip_critics

    def watched():
        whole()
        clipped.append({s: int(o.iterations.numpy()) for s, o in model.optimizers.items()})

    monkeypatch.setattr(model, "clip_critics", watched)
    model.train_step(batch)
    assert clipped == [{"discriminator": n, "generator": 0} for n in (1, 2)]
    assert int(model.optimizers["generator"].iterations.numpy()) == 1
    for critic in (model.d_a, model.d_b):
        values = [v.numpy() for v in critic.trainable_variables]
        assert all(np.abs(value).max() <= np.float32(0.01) for value in values)
        assert any(np.isclose(np.abs(value).max(), 0.01) for value in values if value.ndim == 4)
        scales = [v.numpy() for v in critic.trainable_variables if v.path.endswith("gamma")]
        assert scales and all(np.isclose(scale.max(), 0.01) for scale in scales)
    model, batch = small("dualgan", {"gradient_penalty": {}}, critic_steps=2, clip=0.0)
    model.train_step(batch)
    assert max(np.abs(v).max() for v in model.d_a.get_weights() if v.ndim == 4) > 0.01


# Schedules, pools, augmentation


def test_a_rate_stays_and_then_falls_to_nothing():
    rate = LinearDecay(2e-4, 2 / 3, updates=150)
    values = [float(rate(step)) for step in (0, 100, 125, 150, 999)]
    np.testing.assert_allclose(values, [2e-4, 2e-4, 1e-4, 0, 0], atol=1e-10)


@pytest.mark.slow
def test_a_pool_gives_new_fakes_until_it_is_full_and_then_old_ones_half_the_time():
    pool = cyclegan.Pool(50, (1, 1, 1))
    new = np.arange(1.0, 1001.0)
    with randomness.Draws(0):
        given = np.ravel(pool(tf.constant(new.reshape(-1, 1, 1, 1), tf.float32)))
    np.testing.assert_array_equal(given[:50], new[:50])
    assert np.all(given <= new)
    assert 0.44 < np.mean(given[50:] != new[50:]) < 0.56
    assert int(pool.filled) == 50 and len(np.unique(pool.images)) == 50


@pytest.mark.slow
def test_a_pool_draws_for_each_picture_of_a_batch():
    pool = cyclegan.Pool(8, (1, 1, 1))
    exchanged = []
    for i in range(200):
        new = tf.reshape(tf.range(4 * i + 1.0, 4 * i + 5.0), [4, 1, 1, 1])
        with randomness.Draws(0, i):
            exchanged.append(np.ravel(pool(new) != new))
    shares = np.mean(exchanged[2:], 1)  # of a batch
    assert 0.44 < shares.mean() < 0.56 and {0.25, 0.5, 0.75} <= set(shares)


def test_a_pool_of_none_is_no_pool():
    fakes = tf.ones([2, 3, 3, 1])
    assert cyclegan.Pool(0, (3, 3, 1))(fakes) is fakes


def test_augmentation_is_drawn_anew_and_alike_for_a_pair():
    x = rng.integers(0, 256, (1, 32, 32, 3)).astype("uint8")
    batches = tf.data.Dataset.from_tensors({"a": x, "b": 255 - x}).repeat()
    made = augmentation.apply(batches, ("jitter", "mirror"), 0, 0).take(12)
    seen = [{k: v.numpy() for k, v in batch.items()} for batch in made]
    assert len({batch["a"].tobytes() for batch in seen}) > 8
    for batch in seen:
        assert np.abs(255 - batch["b"].astype(int) - batch["a"]).max() <= 1
    later = augmentation.apply(batches, ("jitter", "mirror"), 0, 7)
    np.testing.assert_array_equal(next(iter(later))["a"], seen[7]["a"])
    with pytest.raises(ZooError, match="mirror"):
        augmentation.apply(batches, ("miror",), 0, 0)


@pytest.mark.parametrize("name", augmentation.known)
def test_the_labels_of_pixels_are_moved_with_them(name):
    y = rng.integers(0, 2, (4, 32, 32, 1)).astype("int32")
    y = y.repeat(8, 1).repeat(8, 2)[:, :64, :64]
    x = (255 * y).astype("uint8")
    made = augmentation.apply(tf.data.Dataset.from_tensors({"x": x, "y": y}).repeat(), (name,), 0, 0)
    for batch in made.take(4):
        moved = {key: value.numpy() for key, value in batch.items()}
        assert moved["y"].dtype == np.int32 and set(np.unique(moved["y"])) == {0, 1}
        assert np.mean((moved["x"] > 127) == moved["y"]) > 0.96  # but where a scaled edge falls
    assert np.any(moved["y"] != y)


# Data


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def test_pairs_of_a_folder_are_halved_and_turned(tmp_path, data_dir):
    left = np.full((40, 36, 3), 200, np.uint8)
    for i in range(3):
        save(tmp_path / "train" / f"{i}.png", np.concatenate([left, left // 4], 1))
    save(tmp_path / "val" / "0.png", np.concatenate([left, left // 4], 1))
    where = {"image_size": 16, "channels": 3, "data_dir": data_dir}
    data = datasets.load_pairs(str(tmp_path), direction="ba", **where)
    columns = data.columns()
    assert (data.count, data.shape) == (3, (16, 16, 3))
    assert (columns["a"] == 50).all() and (columns["b"] == 200).all()
    assert datasets.load_pairs(str(tmp_path), "test", **where).count == 1  # "val" will do
    with pytest.raises(ZooError, match="no split test"):
        datasets.load_pairs(str(tmp_path / "train"), "test", **where)
    save(tmp_path / "upright" / "0.png", left)
    with pytest.raises(ZooError, match="0.png is 36×40, not a pair"):
        datasets.load_pairs(str(tmp_path / "upright"), **where)
    for part in "AB":
        save(tmp_path / "apart" / "train" / part / "0.png", left)
    with pytest.raises(ZooError, match="into one image"):
        datasets.load_pairs(str(tmp_path / "apart"), **where)


def test_domains_of_a_folder_may_be_grey_or_clear_or_lying_down(tmp_path, data_dir):
    picture = rng.integers(0, 256, (20, 30, 4)).astype("uint8")
    save(tmp_path / "trainA" / "rgba.png", picture)
    save(tmp_path / "trainA" / "grey.jpg", picture[..., 0])
    turned = Image.fromarray(picture[..., :3])
    exif = turned.getexif()
    exif[0x0112] = 6
    (tmp_path / "trainB").mkdir()
    turned.save(tmp_path / "trainB" / "turned.jpg", exif=exif)
    data = datasets.load_domains(str(tmp_path), image_size=16, channels=3, data_dir=data_dir)
    batch = next(iter(data.batches(1, 0)))
    assert batch["a"].shape == batch["b"].shape == (1, 16, 16, 3)
    assert (data.a.count, data.b.count, data.count) == (2, 1, 2)
    with pytest.raises(ZooError, match="testA"):
        datasets.load_domains(str(tmp_path), "test", image_size=16, data_dir=data_dir)
    both = datasets.load(str(tmp_path), image_size=16, channels=3, data_dir=data_dir)
    x, y = both.arrays()
    assert both.count == 3 and both.classes == 2 and y.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(x[2], batch["b"][0])


def test_classes_of_sub_folders_are_no_segmentation(tmp_path, data_dir):
    for part in ("testA", "testB"):
        save(tmp_path / part / "images" / "0.png", rng.integers(0, 256, (20, 20, 3)).astype("uint8"))
    data = datasets.load_domains(str(tmp_path), "test", image_size=16, channels=3, data_dir=data_dir)
    assert set(data.columns()) == {"a", "b"}


def test_domains_of_tfds_are_two_classes_too(data_dir):
    both = datasets.load("shapes/unpaired", "test", image_size=16, data_dir=data_dir)
    assert both.classes == 2 and both.count == 800
    assert np.mean(both.columns()["y"]) == 0.5


def test_sets_without_pairs_or_domains_are_refused(data_dir):
    with pytest.raises(ZooError, match="not pairs"):
        datasets.load_pairs("digits", data_dir=data_dir)
    with pytest.raises(ZooError, match="trainA"):
        datasets.load_domains("digits", data_dir=data_dir)


# Use


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pix2pix", "cyclegan", "dualgan"])
def test_pictures_of_any_size_and_kind_are_translated(name, runs):
    trained = zoo.load(runs[name])
    for direction in trained.translations:
        for shape in ((1, 1), (5, 3, 3), (33, 17, 4), (2, 16, 16, 1)):
            image = rng.integers(0, 256, shape).astype("uint8")
            made = trained.translate(image, direction)
            assert made.dtype == np.uint8
            assert made.shape == ((*shape[:3], 3) if len(shape) == 4 else (*shape[:2], 3))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pix2pix", "cyclegan", "dualgan"])
def test_a_translation_depends_on_its_own_picture_and_seed_alone(name, runs):
    trained = zoo.load(runs[name])
    images = rng.integers(0, 256, (3, 16, 16, 3)).astype("uint8")
    many = trained.translate(images, seed=[4, 5, 6])
    np.testing.assert_array_equal(many[1], trained.translate(images[1], seed=5))
    other = trained.translate(images, seed=[4, 9, 6])
    assert np.array_equal(many[1], other[1]) == (name == "cyclegan")  # the others' dropout is noise
    np.testing.assert_array_equal(many[2], other[2])


@pytest.mark.slow
def test_what_is_no_picture_is_refused(runs):
    trained = zoo.load(runs["cyclegan"])
    for image, message in (
        (np.zeros((4, 4, 3)), "uint8"),
        (np.zeros((0, 4, 3), np.uint8), "uint8"),
        (np.zeros((4, 4, 2), np.uint8), "1, 3 or 4 channels"),
        (np.zeros((6000, 8000, 3), np.uint8), "at most [0-9]+×[0-9]+. Set longest=[0-9]+"),
    ):
        with pytest.raises(ZooError, match=message):
            trained.translate(image)
    trained.interface = {**trained.interface, "largest_picture": 4096, "multiple": 32}
    assert trained.translate(np.zeros((64, 64, 3), np.uint8)).shape == (64, 64, 3)
    with pytest.raises(ZooError, match="Reduce it to"):
        trained.translate(np.zeros((3, 1100, 3), np.uint8))  # computed at 32×1120
    with pytest.raises(ZooError, match="a_to_b"):
        trained.translate(np.zeros((4, 4, 3), np.uint8), "a_to_c")
    with pytest.raises(ZooError, match="has no translate"):
        zoo.load("gan_gaussian").translate(np.zeros((4, 4, 3), np.uint8))


def test_mirrored_pictures_continue_as_numpys_reflection():
    x = rng.normal(size=(1, 5, 3, 2)).astype("float32")
    got = pixels.mirrored_to(tf.constant(x), 8).numpy()
    np.testing.assert_array_equal(got, np.pad(x, ((0, 0), (0, 3), (0, 5), (0, 0)), "reflect"))


@pytest.mark.slow
def test_files_and_folders_are_translated(runs, tmp_path):
    trained = zoo.load(runs["cyclegan"])
    picture = rng.integers(0, 256, (30, 20, 3)).astype("uint8")
    one = save(tmp_path / "in" / "one.png", picture)
    save(tmp_path / "in" / "two.jpg", picture[..., 0])
    written = translate_files(trained, tmp_path / "in", tmp_path / "out")
    assert sorted(p.name for p in written) == ["one.png", "two.png"]
    (file,) = translate_files(trained, one, tmp_path / "result.png", beside=True)
    beside = np.asarray(Image.open(file))
    assert beside.shape == (30, 40, 3)
    np.testing.assert_array_equal(beside[:, :20], picture)
    np.testing.assert_array_equal(beside[:, 20:], trained.translate(picture))
    (file,) = translate_files(trained, one, tmp_path / "small", "b_to_a", longest=15)
    assert Image.open(file).size == (10, 15)
    for source, out, message in (
        ("nowhere.png", "x.png", "does not exist"),
        (tmp_path / "in", tmp_path / "result.png", "several images need a folder. Set output=…"),
        (one, tmp_path / "x.txt", "does not have the suffix"),
        (one, one, "overwritten"),
        (tmp_path / "in", tmp_path / "in", "overwritten"),
        (one, one.parent, "overwritten"),
    ):
        with pytest.raises(ZooError, match=message):
            translate_files(trained, source, out)
    save(tmp_path / "in" / "one.jpg", picture)
    written = translate_files(trained, tmp_path / "in", tmp_path / "out")
    assert sorted(p.name for p in written) == ["one.png", "one.png.png", "two.png"]
    save(tmp_path / "in" / "more" / "three.png", picture)  # in a sub-folder, others beside it
    for _ in range(2):  # what was written is not translated again
        written = translate_files(trained, tmp_path / "in", tmp_path / "in" / "made")
        assert len(written) == 4 and (tmp_path / "in" / "made" / "more" / "three.png") in written
    assert len(translate_files(trained, tmp_path / "in" / "more", tmp_path)) == 1
    (tmp_path / "broken.png").write_bytes(one.read_bytes()[:90])
    with pytest.raises(ZooError, match="broken.png cannot be read"):
        translate_files(trained, tmp_path / "broken.png", tmp_path / "x.png")


@pytest.mark.slow
def test_translations_are_measured_against_the_truth(runs, data_dir, tmp_path):
    judge = dataclasses.replace(recipe.find("segmenter"), image_size=16, steps=60, period=60)
    train(judge, tmp_path / "judge", data_dir=data_dir)
    protocols = ["translation_agreement", "translation_fidelity", "translation_frechet"]
    for name in ("pix2pix", "cyclegan"):
        trained = zoo.load(runs[name])
        context = EvaluationContext(trained, 1, 40, str(tmp_path / "judge"), data_dir)
        found = {r["metric"]: r for r in evaluate(context, protocols)}
        assert len(found) == 4 * len(trained.translations)
        if name == "pix2pix":
            with pytest.raises(ZooError, match="shapes/unpaired"):
                evaluate(context, ["translation_colour"])
        else:
            colour = evaluate(context, ["translation_colour"])[0]
            assert colour["real_pictures"] > max(0.4, colour["value"])  # few objects, of 16 pixels
        agreement = found["mIoU a_to_b"]
        assert agreement["real_pictures"] > agreement["copied_input"]
        assert found["PSNR a_to_b"]["mean_picture"] > found["PSNR a_to_b"]["copied_input"]

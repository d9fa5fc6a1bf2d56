"""Inpainting and denoising."""

import dataclasses
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from processes import run_command
from skimage.metrics import peak_signal_noise_ratio
from trainings import data_of, small

import zoo
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.protocols.restoration import classical, restoration
from zoo.game import randomness
from zoo.images import pixels
from zoo.models.build import build
from zoo.tasks.restoration import damage
from zoo.train.assemble import assemble

rng = np.random.default_rng(0)
images = rng.integers(256, size=(3, 32, 32, 3)).astype(np.uint8)


def test_center_of_half_the_side_is_missing():
    for shape, hole in (((8, 8), (slice(2, 6), slice(2, 6))), ((5, 7), (slice(1, 3), slice(1, 4)))):
        x = rng.integers(100, size=(2, *shape, 3)).astype(np.uint8)
        damaged, mask = damage.center(tf.constant(x))
        wanted = np.zeros(shape, bool)
        wanted[hole] = True
        np.testing.assert_array_equal(mask, np.stack([wanted, wanted]))
        assert np.all(damaged.numpy()[:, wanted] == 128)
        np.testing.assert_array_equal(damaged.numpy()[:, ~wanted], x[:, ~wanted])


def test_half_of_the_pixels_are_missing_at_random():
    x = np.zeros((2, 64, 64, 1), np.uint8)
    with randomness.Draws(0):
        damaged, mask = damage.scattered(tf.constant(x))
    mask = mask.numpy()
    assert np.allclose(mask.mean((1, 2)), 0.5, atol=0.03) and np.any(mask[0] != mask[1])
    np.testing.assert_array_equal(damaged.numpy()[..., 0], np.where(mask, 128, 0))
    assert abs(np.corrcoef(mask[0, :, 1:].ravel(), mask[0, :, :-1].ravel())[0, 1]) < 0.06


@pytest.mark.parametrize("sigma", [5.0, 25.0])
def test_noise_has_its_deviation_and_stays_in_range(sigma):
    for level in (128, 250):
        x = np.full((1, 200, 200, 3), level, np.uint8)
        with randomness.Draws(1):
            noisy, mask = damage.noise(tf.constant(x), sigma)
        noisy = noisy.numpy().astype(float)
        assert mask.numpy().all() and noisy.max() <= 255
        if level == 128:
            assert noisy.std() == pytest.approx(sigma, rel=0.02)
            assert noisy.mean() == pytest.approx(128, abs=0.3)


def test_a_damage_depends_on_its_own_seed_alone():
    scattered = damage.make(holes="scattered")
    many, masks = damage.each(scattered, images, [5, 6, 7])
    one, mask = damage.each(scattered, images[1:2], [6])
    np.testing.assert_array_equal(many[1], one[0])
    np.testing.assert_array_equal(masks[1], mask[0])


def test_classical_methods():
    smooth = np.uint8(np.round(np.linspace(20, 220, 32)))[None, :, None].repeat(32, 0).repeat(3, 2)
    (damaged,), (mask,) = damage.each(damage.make(holes="center"), smooth[None], [0])
    filled = classical(damaged, mask)["biharmonic"]
    np.testing.assert_array_equal(filled[~mask], smooth[~mask])
    assert np.abs(filled.astype(int) - smooth).max() <= 2  # a ramp is biharmonic
    (noisy,), (mask,) = damage.each(damage.make(sigma=25.0), smooth[None], [0])
    found = classical(noisy, mask)
    assert set(found) == {"median_3", "median_5"}
    error = [np.abs(x.astype(float) - smooth).mean() for x in (noisy, *found.values())]
    assert error[0] > error[1] > error[2]
    window = noisy[10:13, 10:13, 0]
    assert found["median_3"][11, 11, 0] == np.median(window)


def model_of(name="inpainter", **options):
    random.seed(0)  # from which Keras draws the seeds of the initial weights
    options = {"width": 4, "discriminator_width": 4, "patch": 16, **options}
    return build(name, (32, 32, 3), **options)


def test_known_pixels_are_copied():
    model = model_of()
    mask = np.zeros((3, 20, 33), bool)
    mask[0, 3:9, 4:20] = mask[1, ::2] = True
    x = rng.integers(256, size=(3, 20, 33, 3)).astype(np.uint8)  # not a multiple of 32
    restored = model.restore(tf.constant(x), tf.constant(mask)).numpy()
    np.testing.assert_array_equal(restored[~mask], x[~mask])
    assert np.any(restored[0][mask[0]] != x[0][mask[0]])
    other = np.where(mask[..., None], 255 - x, x).astype(np.uint8)  # missing pixels have no influence
    np.testing.assert_array_equal(model.restore(tf.constant(other), tf.constant(mask)), restored)


def test_losses_are_those_of_the_objective():
    model = model_of(holes="scattered", weight=7.0)
    model.compile({side: keras.optimizers.SGD(0.0) for side in model.sides})
    batch = {"x": tf.constant(images)}
    logs = {k: float(v) for k, v in model.train_step(batch).items()}
    with randomness.Draws(0, 0, 0):
        damaged, mask = damage.scattered(batch["x"])
    x, y = pixels.scale(damaged), pixels.scale(batch["x"])
    m = tf.cast(mask[..., None], tf.float32)
    fakes = m * model.generator(tf.concat([x, m], -1), training=True) + (1 - m) * x
    real, fake = (model.discriminator([x, image], training=True) for image in (y, fakes))
    distance = float(np.mean(np.abs(y - fakes)))
    softplus = lambda v: float(np.mean(np.log1p(np.exp(v))))  # noqa: E731
    assert logs["l1"] == pytest.approx(distance, rel=1e-5)
    assert logs["discriminator_loss"] == pytest.approx(
        0.5 * (softplus(-real.numpy()) + softplus(fake.numpy())), rel=1e-4
    )
    assert logs["generator_loss"] == pytest.approx(softplus(-fake.numpy()) + 7 * distance, rel=1e-4)


@pytest.mark.parametrize(
    "name, options, message",
    [
        ("inpainter", {"holes": "round"}, "center, scattered"),
        ("inpainter", {"levels": 1}, "network.levels is 2"),
        ("denoiser", {"sigma": 0.0}, "network.sigma is a standard deviation above 0"),
        ("denoiser", {"sigma": float("nan")}, "network.sigma is a standard deviation above 0"),
    ],
)
def test_impossible_options(name, options, message):
    with pytest.raises(ZooError, match=message):
        model_of(name, **options)


def test_levels_bound_the_halvings():
    shallow, deep = model_of(levels=2), model_of()
    assert (shallow.multiple, deep.multiple) == (4, 32)
    assert len(shallow.generator.layers) < len(deep.generator.layers)


@pytest.mark.slow
@pytest.mark.parametrize("holes", damage.known)
def test_a_step_on_scenes(holes, data_dir):
    chosen = small("inpainter")
    chosen = dataclasses.replace(chosen, network={**chosen.network, "holes": holes})
    data = data_of(chosen, data_dir)
    model = assemble(chosen, data)
    logs = model.train_step(next(iter(data.batches(chosen.batch_size, 0))))
    assert all(np.isfinite(float(v)) for v in logs.values())


@pytest.mark.slow
def test_images_and_masks_of_a_trained_model(small_run):
    inpainter, denoiser = (zoo.load(small_run(name)) for name in ("inpainter", "denoiser"))
    mask = np.zeros((32, 32), bool)
    mask[4:12, 4:12] = True
    one = inpainter.restore(images[0], mask)
    assert one.shape == (32, 32, 3)
    np.testing.assert_array_equal(one[~mask], images[0][~mask])
    rgba = np.dstack([images[0], np.where(mask, 0, 255).astype(np.uint8)])
    np.testing.assert_array_equal(inpainter.restore(rgba), one)
    batch = inpainter.restore(images, np.stack([mask] * 3))
    np.testing.assert_array_equal(batch[0], one)
    assert denoiser.restore(images).shape == images.shape
    assert denoiser.restore(images[0, ..., 0]).shape == (32, 32, 3)
    with pytest.raises(ZooError, match="mask is missing"):
        inpainter.restore(images[0])
    for wrong in (mask.astype(np.uint8), mask[:-1], np.stack([mask] * 2)):
        with pytest.raises(ZooError, match="boolean array of 32×32"):
            inpainter.restore(images[0], wrong)
    with pytest.raises(ZooError, match="does not take a mask"):
        denoiser.restore(images[0], mask)
    denoiser.interface["largest"] = 1000
    with pytest.raises(ZooError, match="too much memory. Reduce it to at most 31×31"):
        denoiser.restore(images[0])


@pytest.mark.slow
def test_files_with_transparent_pixels_are_filled(small_run, tmp_path):
    mask = np.zeros((40, 50), bool)
    mask[10:20, 10:30] = True
    original = rng.integers(256, size=(40, 50, 3)).astype(np.uint8)
    Image.fromarray(np.dstack([original, np.where(mask, 0, 255).astype(np.uint8)])).save(tmp_path / "a.png")
    run = small_run("inpainter")
    files = [f"--input={tmp_path / 'a.png'}", f"--output={tmp_path / 'b.png'}"]
    assert run_command(["-m", "zoo.sample", f"--model={run}", *files]).returncode == 0
    restored = np.asarray(Image.open(tmp_path / "b.png"))
    np.testing.assert_array_equal(restored[~mask], original[~mask])
    trained = zoo.load(run)
    trained.write_samples(tmp_path / "c.png", input=tmp_path / "a.png", beside=True)
    assert Image.open(tmp_path / "c.png").size == (100, 40)
    with pytest.raises(ZooError, match="b.png does not have transparent pixels"):
        trained.write_samples(tmp_path / "d.png", input=tmp_path / "b.png")
    opaque = np.dstack([original, np.full((40, 50), 255, np.uint8)])
    np.testing.assert_array_equal(trained.restore(opaque, mask), restored)
    zoo.load(small_run("denoiser")).write_samples(tmp_path / "e.png", input=tmp_path / "a.png")
    assert Image.open(tmp_path / "e.png").size == (50, 40)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inpainter", "denoiser"])
def test_the_protocol_agrees_with_another_library(name, small_run, data_dir):
    trained = zoo.load(small_run(name))
    context = EvaluationContext(trained, 1, 10, data_dir=data_dir)
    psnr, ssim, *frechet = restoration(context, count=4)
    assert len(frechet) == 1 and frechet[0]["extractor"] == "attributes_shapes"
    whole = context.data("test").columns(0, 4)["x"]
    function = damage.make(**trained.interface["damage"])
    damaged, masks = damage.each(function, whole, range(4))
    restored = trained.restore(damaged, **({"mask": masks} if name == "inpainter" else {}))
    for key, found in (("value", restored), ("damaged", damaged)):
        wanted = [peak_signal_noise_ratio(a, b) for a, b in zip(whole, found)]
        assert psnr[key] == pytest.approx(np.mean(wanted), rel=1e-4)
    assert psnr["worst"] <= psnr["value"] and ssim["value"] <= 1 and psnr["fake"] == 4
    assert ("biharmonic" in psnr) == (name == "inpainter") != ("median_3" in psnr)


@pytest.mark.slow
def test_a_classifier_that_is_named_must_exist(small_run, data_dir):
    trained = zoo.load(small_run("denoiser"))
    with pytest.raises(ZooError, match="no attributes for shapes/captions"):
        restoration(EvaluationContext(trained, 1, 10, "classifier_digit", data_dir), count=2)

"""Super-resolution: networks and losses against the paper, crops of photographs, what users do with it."""

import dataclasses
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage import data as photographs
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import zoo
from zoo import datasets, recipe
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate
from zoo.images import degradation, pixels
from zoo.layers.convolution import PixelShuffle
from zoo.layers.normalization import BatchNormalization
from zoo.layers.reparametrized import SpectralNormalization
from zoo.metrics import fidelity
from zoo.models.build import build
from zoo.models.srgan import discriminator, srresnet
from zoo.networks import pretrained
from zoo.networks.content import content_features
from zoo.parts import make_parts
from zoo.tasks.super_resolution.folder import enlarge_files
from zoo.train.assemble import assemble, load_data
from zoo.train.run import train

rng = np.random.default_rng(0)


def tiny(name, **changes):
    made = dataclasses.replace(
        recipe.find(name), image_size=24, batch_size=4, steps=4, period=2, precision="float32", **changes
    )
    return made.changed(["network.width=4", "network.blocks=2", "weights={}"])


@pytest.fixture(scope="module")
def runs(shared, data_dir):
    """Both models after four steps: {name: run folder}."""
    chosen = tiny("srgan", stages=(2,)).changed(["network.discriminator_width=4", "network.units=8"])
    recipes = {"srresnet": tiny("srresnet"), "srgan": chosen}
    return {
        name: shared(
            f"enlargement_{name}", lambda folder, made=made: train(made, folder, data_dir=data_dir)
        )
        for name, made in recipes.items()
    }


@pytest.fixture(scope="module")
def trained(runs):
    return zoo.load(str(runs["srgan"]))


# Networks and losses


def test_networks_have_the_papers_sizes():
    generator, _ = srresnet(3, 64, 16, 4)
    # By the layers of figure 4: convolutions with biases, batch norms of 4 numbers a channel, α's.
    convolutions = (
        (9 * 9 * 3 + 1) * 64 + 33 * (9 * 64 + 1) * 64 + 2 * (9 * 64 + 1) * 256 + (81 * 64 + 1) * 3
    )
    assert generator.count_params() == convolutions + 33 * 4 * 64 + (17 + 2) * 64
    assert generator(tf.zeros([1, 24, 24, 3])).shape == (1, 96, 96, 3)
    d = discriminator((96, 96, 3), 64, 1024)
    assert [layer.strides[0] for layer in d.layers if isinstance(layer, keras.layers.Conv2D)] == [1, 2] * 4
    assert d.get_layer(index=-3).units == 1024 and d.output_shape == (None, 1)
    assert sum(isinstance(layer, BatchNormalization) for layer in d.layers) == 7
    (part,) = make_parts({"spectral_norm": {}})
    spectral = discriminator((96, 96, 3), 64, 1024, part.slots()["normalize"])
    weighted = [layer for layer in spectral.layers if layer.weights]
    assert len(weighted) == 10 and all(isinstance(layer, SpectralNormalization) for layer in weighted)
    assert [tuple(v.shape) for v in spectral.trainable_variables] == [
        tuple(v.shape) for v in d.trainable_variables if v.name not in ("gamma", "beta")
    ]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_no_pixel_beyond_the_halo_reaches_a_result(scale):
    network, halo = srresnet(1, 4, 2, scale)
    side = 2 * halo + 5
    middle = side // 2
    x = tf.constant(rng.normal(size=(1, side, side, 1)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        block = network(x)[0, middle * scale : (middle + 1) * scale, middle * scale : (middle + 1) * scale]
        total = tf.reduce_sum(block**2)
    reached = np.flatnonzero(np.abs(tape.gradient(total, x).numpy()[0, :, :, 0]).sum(1) > 0)
    assert middle - halo <= reached[0] <= middle - halo + 1
    assert middle + halo - 1 <= reached[-1] <= middle + halo


def test_pixels_are_shuffled_as_in_the_paper():
    x = rng.normal(size=(1, 2, 3, 8)).astype("float32")
    y = PixelShuffle(2)(x).numpy()
    for row, column, channel in np.ndindex(4, 6, 2):
        part = channel + 2 * (2 * (row % 2) + column % 2)
        assert y[0, row, column, channel] == x[0, row // 2, column // 2, part]


def test_the_content_loss_of_vgg_is_over_features_scaled_as_in_the_paper(tmp_path):
    whole = keras.applications.VGG19(include_top=False, weights=None)
    file = str(tmp_path / "vgg.weights.h5")
    whole.save_weights(file)
    with pretrained.weight_files({"vgg19": file}):
        network, seen = content_features("vgg54")
    x = rng.integers(0, 256, (2, 48, 48, 3))
    by_hand = x[..., ::-1] - np.array([103.939, 116.779, 123.68])  # BGR, the mean of ImageNet off
    expected = keras.Model(whole.input, whole.get_layer("block5_conv4").output)(by_hand) / 12.75
    np.testing.assert_allclose(seen(pixels.scale(x)), expected, rtol=1e-3, atol=1e-5)
    assert float(tf.reduce_max(seen(pixels.scale(x)))) > 0 and network.output_shape[-1] == 512


def test_any_network_can_judge_contents(tmp_path, data_dir):
    x = keras.Input((None, None, 3))
    network = keras.Model(x, keras.layers.Conv2D(2, 3)(x))
    network.save(tmp_path / "features.keras")
    for content in (network, str(tmp_path / "features.keras")):
        _, seen = content_features(content)
        assert seen(tf.zeros([1, 8, 8, 3])).shape == (1, 6, 6, 2)
    model = build("srgan", (24, 24, 3), width=4, blocks=1, units=4, content=network)
    assert not {id(v) for v in network.variables} & {id(v) for v in model.trainable_variables}


@pytest.mark.parametrize(
    "options, message",
    [
        ({"content": "vgg45"}, "vgg54"),
        ({"content": "absent.keras"}, "absent.keras"),
        ({"content": "mse", "scale": 5}, "scale"),
        ({"content": "mse", "degradation": "bicubik"}, "bicubic"),
    ],
)
def test_wrong_options_name_the_fix(options, message):
    with pytest.raises(ZooError, match=message):
        build("srgan", (24, 24, 3), **options)


def test_missing_vgg_weights_name_the_fix():
    message = "weights.vgg19=FILE or network.content=mse"
    with pretrained.weight_files({"vgg19": "absent.h5"}), pytest.raises(ZooError, match=message):
        build("srgan", (24, 24, 3), content="vgg54")


@pytest.mark.parametrize("shape", [(25, 24, 3), (2,)])
def test_crops_that_do_not_divide_are_refused(shape):
    with pytest.raises(ZooError, match="image_size=96"):
        build("srresnet", shape)


# Stages


@pytest.mark.slow
def test_the_game_begins_at_its_stage_and_a_resumed_run_is_in_the_right_one(runs, tmp_path, data_dir):
    rows = (runs["srgan"] / "history.csv").read_text().splitlines()
    header = rows[0].split(",")
    losses = [dict(zip(header, row.split(","))) for row in rows[1:]]
    assert [bool(row["discriminator_loss"]) for row in losses] == [False, False, True, True]
    chosen = tiny("srgan", stages=(2,)).changed(["network.discriminator_width=4", "network.units=8"])
    train(dataclasses.replace(chosen, steps=2), tmp_path, data_dir=data_dir)
    before = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(tmp_path / "checkpoints")))
    train(chosen, tmp_path, data_dir=data_dir)
    a, b = (
        tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints")))
        for folder in (tmp_path, runs["srgan"])
    )
    names = [n for n in a.get_variable_to_shape_map() if n.startswith("state")]
    for n in names:
        np.testing.assert_array_equal(a.get_tensor(n), b.get_tensor(n), err_msg=n)
    judge = next(n for n in names if "discriminator" in n and "optimizer" not in n)
    assert np.any(a.get_tensor(judge) != before.get_tensor(judge))


def test_each_sides_rate_falls_over_the_stages_that_it_plays_in(data_dir):
    made = tiny("srgan", stages=(0.25,)).changed(["network.discriminator_width=4", "network.units=8"])
    sides = {side: recipe.adam(recipe.linear_decay(1e-3, 0.5)) for side in made.optimizers}
    made = dataclasses.replace(made, steps=40, optimizers=sides)
    model = assemble(made, load_data(made, data_dir=data_dir))
    for side, updates in (("generator", 40), ("discriminator", 30)):
        rate = model.optimizers[side]._learning_rate
        assert float(rate(updates)) == 0 and float(rate(updates - 2)) > 0


@pytest.mark.slow
def test_stages_are_checked(tmp_path, data_dir):
    with pytest.raises(ZooError, match="stages"):
        recipe.find("srgan").changed(["stages=(-1,)"])
    for name, stages in (("srgan", ()), ("srgan", (1, 2)), ("srresnet", (1,))):
        with pytest.raises(ZooError, match="stage"):
            train(tiny(name, stages=stages), tmp_path, data_dir=data_dir)


# Small pictures


def test_bicubic_is_pillows_and_keeps_lines_where_they_are():
    sharp = photographs.astronaut()[:120, :160]
    small = degradation.bicubic(sharp[None], 4).numpy()[0].astype(int)
    other = np.asarray(Image.fromarray(sharp).resize((40, 30), Image.Resampling.BICUBIC))
    # Pillow rounds between rows and columns.
    assert np.abs(small - other).max() <= 2 and np.abs(small - other).mean() < 0.2
    edge = np.zeros((1, 24, 24, 1), np.uint8)
    edge[:, :, 12:] = 255
    for name, reduce in degradation.known.items():
        for scale in (2, 3, 4):
            row = reduce(edge, scale).numpy()[0, 2, :, 0].astype(int)
            assert np.abs(row + row[::-1] - 255).max() <= 1, (name, scale)  # the middle stays there


def test_gaussian_blur_is_scipys():
    sharp = photographs.camera()[:60, :63]
    small = degradation.gaussian(sharp[None, ..., None], 3).numpy()[0, ..., 0]
    blurred = gaussian_filter(sharp.astype(float), 1.2, mode="reflect", radius=4)[1::3, 1::3]
    assert small.shape == (20, 21)
    assert np.abs(small - blurred).max() < 2  # SciPy's window is a pixel narrower


# Photographs


@pytest.fixture(scope="module")
def photos(data_dir):
    return datasets.load_photographs("photos", image_size=48, data_dir=data_dir)


def test_embedded_photographs_are_those_of_the_libraries(photos, data_dir):
    whole = list(photos.images())
    assert len(whole) == 11 == len(photos.cells)
    assert any(np.array_equal(picture, photographs.astronaut()) for picture in whole)
    test = datasets.load_photographs("photos", "test", image_size=48, data_dir=data_dir)
    assert any(np.array_equal(picture, photographs.chelsea()) for picture in test.images())
    assert photos.count == sum((p.shape[0] // 48) * (p.shape[1] // 48) for p in whole)


def contains(picture, crop):
    height, width, _ = crop.shape
    corners = picture[: len(picture) - height + 1, : picture.shape[1] - width + 1]
    places = np.argwhere(np.all(corners == crop[0, 0], axis=-1))
    return any(np.array_equal(picture[y : y + height, x : x + width], crop) for y, x in places)


@pytest.mark.parametrize("held", [True, False])
def test_crops_are_of_the_pictures_and_a_function_of_seed_and_place(held, data_dir, monkeypatch):
    if not held:
        monkeypatch.setattr("zoo.datasets.photographs.in_memory", 0)

    def load():
        return datasets.load_photographs("photos", "test", image_size=32, data_dir=data_dir)

    photos = load()
    whole = list(photos.images())

    def take(first, n, seed=0):
        batches = load().batches(4, seed, first).as_numpy_iterator()
        return [next(batches)["x"] for _ in range(n)]

    there = take(0, 4)
    np.testing.assert_array_equal(take(2, 2), there[2:])
    assert np.any(take(0, 1, seed=1)[0] != there[0])
    for crop in np.concatenate(there[:2]):
        assert any(contains(picture, crop) for picture in whole)
    # In another epoch the same cells give other crops.
    per_epoch = -(-photos.count // 4)
    assert np.any(take(per_epoch, 1)[0] != there[0])


def test_small_and_grey_pictures_of_a_folder_are_taken(tmp_path, data_dir):
    for name, size in (("small", (20, 30)), ("wide", (200, 40))):
        Image.fromarray(rng.integers(0, 256, size[::-1]).astype("uint8")).save(tmp_path / f"{name}.png")
    data = datasets.load_photographs(str(tmp_path), image_size=32, data_dir=data_dir)
    assert data.shape == (32, 32, 1) and data.count == 1 + 6
    assert next(iter(data.batches(3, 0)))["x"].shape == (3, 32, 32, 1)
    assert data.columns()["x"].shape == (2, 32, 32, 1)
    colours = datasets.load_photographs(str(tmp_path), image_size=32, channels=3, data_dir=data_dir)
    assert colours.shape == (32, 32, 3)


def test_quarter_turns_and_mirrors_leave_a_crop_a_crop(data_dir):
    data = datasets.load_photographs(
        "photos", "test", image_size=32, data_dir=data_dir, augment=("mirror", "rotate")
    )
    whole = list(data.images())
    seen = set()
    for crop in next(iter(data.batches(16, 0)))["x"].numpy():
        forms = [np.rot90(form, k) for form in (crop, crop[:, ::-1]) for k in range(4)]
        (form,) = (i for i, f in enumerate(forms) if any(contains(picture, f) for picture in whole))
        seen.add(form)
    assert len(seen) > 4


# Use


@pytest.mark.parametrize("name, kept", [("srresnet", False), ("srgan", True)])
def test_of_averaged_weights_srgan_keeps_the_statistics_that_it_played_by(name, kept, data_dir):
    sizes = {"width": 4, "blocks": 1} | ({"units": 4, "content": "mse"} if kept else {})
    parts = {"frozen_batch_norm": {}} if kept else {}
    game = build(name, (24, 24, 3), parts=parts, **sizes)
    data = datasets.load_photographs("photos", "test", image_size=24, data_dir=data_dir)
    (first, *_) = [n for n in game.generator.layers if isinstance(n, BatchNormalization)]
    before = first.moving_mean.numpy()
    game.recalibrate_batch_norm(data, 4, batches=1)
    assert np.array_equal(first.moving_mean, before) == kept


@pytest.mark.slow
@pytest.mark.parametrize("tile", [0, -5, 2.5, "large"])
def test_tiles_have_a_size(trained, tile):
    with pytest.raises(ZooError, match="whole pixels, at least 1"):
        trained.upscale(np.zeros((20, 20, 3), np.uint8), tile=tile)


def test_tiles_show_no_seam(trained):
    image = photographs.chelsea()[:90, :131]
    whole = trained.call("upscale", image=image[None])["image"][0]
    tiled = trained.upscale(image, tile=25)
    assert tiled.shape == (360, 524, 3)
    # Sums in another order may round to the other side.
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    assert np.mean(whole != tiled) < 1e-3


def test_a_small_picture_is_one_tile_and_a_large_one_is_not(trained, monkeypatch):
    call, tiles = trained.call, []
    monkeypatch.setattr(
        trained, "call", lambda name, **given: tiles.append(given["image"].shape) or call(name, **given)
    )
    trained.upscale(np.zeros((240, 320, 3), np.uint8))
    assert tiles == [(1, 240, 320, 3)]
    trained.upscale(np.zeros((241, 320, 3), np.uint8))
    assert len(tiles) == 1 + 4


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1), (7, 5, 3), (3, 4, 4), (2, 5, 6, 1)])
def test_any_picture_is_enlarged(shape, trained):
    result = trained.upscale(rng.integers(0, 256, shape).astype(np.uint8))
    height, width = shape[-3:-1] if len(shape) > 2 else shape
    assert result.shape[-3:] == (4 * height, 4 * width, 3) and result.dtype == np.uint8
    assert result.ndim == (4 if len(shape) == 4 else 3)


def test_files_are_enlarged_with_bicubic_beside(trained, tmp_path):
    Image.fromarray(photographs.coffee()[:20, :30]).save(tmp_path / "coffee.png")
    (written,) = enlarge_files(trained, tmp_path / "coffee.png", tmp_path / "out.png", beside=True)
    image = np.asarray(Image.open(written))
    assert image.shape == (80, 240, 3)
    bicubic = np.asarray(Image.open(tmp_path / "coffee.png").resize((120, 80), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(image[:, :120], bicubic)
    np.testing.assert_array_equal(image[:, 120:], trained.upscale(photographs.coffee()[:20, :30]))


def test_models_that_do_not_enlarge_say_so(trained):
    with pytest.raises(ZooError, match="has no upscale"):
        zoo.load("cgan_mnist").upscale(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ZooError, match="has no translate"):
        trained.translate(np.zeros((4, 4, 3), np.uint8))


# Protocol


def test_luma_and_the_measures_are_scikit_images():
    a, b = photographs.chelsea()[:60, :80], photographs.chelsea()[1:61, :80]
    y = [fidelity.luma(image) for image in (a, b)]
    np.testing.assert_allclose(y[0][..., 0], rgb2ycbcr(a)[..., 0], atol=1e-3)
    ours = fidelity.psnr(y[0][None], y[1][None]), fidelity.ssim(y[0][None], y[1][None])
    one, other = (image[..., 0].astype(float) for image in y)
    theirs = structural_similarity(
        one, other, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )[1]
    assert ours[0] == pytest.approx(peak_signal_noise_ratio(one, other, data_range=255), abs=1e-3)
    assert ours[1] == pytest.approx(theirs[5:-5, 5:-5].mean(), abs=1e-4)


@pytest.mark.slow
def test_the_protocol_reads_y_and_rgb_without_the_border(trained, tmp_path, data_dir):
    sharp = photographs.coffee()[:83, :122]  # no multiples of 4
    Image.fromarray(sharp).save(tmp_path / "coffee.png")
    context = EvaluationContext(trained, dataset=str(tmp_path), data_dir=data_dir)
    results = {r["metric"]: r for r in evaluate(context, ["super_resolution"])}
    assert set(results) == {"PSNR (Y) ×4", "SSIM (Y) ×4", "PSNR (RGB) ×4", "SSIM (RGB) ×4"}
    sharp = sharp[:80, :120]
    small = np.asarray(Image.fromarray(sharp).resize((30, 20), Image.Resampling.BICUBIC))
    bicubic = np.asarray(Image.fromarray(small).resize((120, 80), Image.Resampling.BICUBIC))
    y = [fidelity.luma(image)[4:-4, 4:-4, 0].astype(float) for image in (sharp, bicubic)]
    expected = peak_signal_noise_ratio(*y, data_range=255)
    assert results["PSNR (Y) ×4"]["bicubic"] == pytest.approx(expected, abs=0.02)
    made = fidelity.luma(trained.upscale(small))[4:-4, 4:-4, 0].astype(float)
    expected = peak_signal_noise_ratio(y[0], made, data_range=255)
    assert results["PSNR (Y) ×4"]["value"] == pytest.approx(expected, abs=0.02)


@pytest.mark.slow
def test_a_model_of_grey_pictures_is_measured_as_such(tmp_path, data_dir):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.fromarray(photographs.camera()[:64, :64]).save(pictures / "camera.png")
    chosen = dataclasses.replace(tiny("srresnet"), dataset=str(pictures), channels=1, steps=2)
    train(chosen, tmp_path / "run", data_dir=data_dir)
    trained = zoo.load(str(tmp_path / "run"))
    assert trained.upscale(photographs.astronaut()[:8, :8]).shape == (32, 32, 1)
    context = EvaluationContext(trained, dataset=str(pictures), data_dir=data_dir)
    metrics = {r["metric"] for r in evaluate(context, ["super_resolution"])}
    assert metrics == {"PSNR (grey) ×4", "SSIM (grey) ×4"}


class Div2kLike(tfds.core.GeneratorBasedBuilder):
    """Features and splits as TFDS' div2k has them: small pictures and sharp ones, no test split."""

    pkg_dir_path = pathlib.Path(__file__).parent
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = {"lr": tfds.features.Image(), "hr": tfds.features.Image()}
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(features), supervised_keys=("lr", "hr")
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(3, 50), "validation": self._generate_examples(2, 200)}

    def _generate_examples(self, count, grey):
        for i in range(count):
            sharp = np.full((40, 36 + 4 * i, 3), grey + i, np.uint8)
            yield i, {"lr": np.zeros_like(sharp[::4, ::4]), "hr": sharp}


def test_of_div2k_the_sharp_pictures_are_read_and_its_validation_tests(data_dir):
    train = datasets.load_photographs("div2k_like", image_size=24, data_dir=data_dir)
    assert train.shape == (24, 24, 3) and train.columns()["x"].max((1, 2, 3)).tolist() == [50, 51, 52]
    batch = next(iter(train.batches(3, 0)))["x"].numpy()
    assert batch.shape == (3, 24, 24, 3) and batch.min() >= 50
    test = datasets.load_photographs("div2k_like", "test", image_size=24, data_dir=data_dir)
    assert [picture.shape for picture in test.images()] == [(40, 36, 3), (40, 40, 3)]
    assert test.columns()["x"].min() == 200


@pytest.mark.slow
def test_the_game_can_begin_at_a_trained_network(runs, tmp_path, data_dir):
    start = str(runs["srresnet"])
    options = {"content": "mse", "discriminator_width": 4, "units": 8}
    chosen = tiny("srgan", stages=(0,)).changed([f"network.{k}={v!r}" for k, v in options.items()])
    chosen = dataclasses.replace(chosen, weights={"generator": start})
    data = load_data(chosen, data_dir=data_dir)
    game = assemble(chosen, data)
    x = rng.integers(0, 256, (1, 6, 6, 3), np.uint8)
    enlarged = zoo.load(start).call("upscale", image=x)["image"]
    np.testing.assert_allclose(np.int32(game.upscale(x)), np.int32(enlarged), atol=1)
    with pytest.raises(ZooError, match="'generator' of .* has other layers.*weights.generator=None"):
        assemble(chosen.changed(["network.width=5"]), data)
    with pytest.raises(ZooError, match="no network of srgan named 'g'"):
        assemble(chosen.changed(["weights.g=srresnet_bsd"]), data)
    # With stages=(0,) D trains from the first step on.
    train(chosen, tmp_path, data_dir=data_dir)
    assert "discriminator_loss" in (tmp_path / "history.csv").read_text().splitlines()[0]


@pytest.mark.slow
def test_d_sees_real_and_fake_moved_alike_and_fakes_as_they_will_be_made(data_dir, monkeypatch):
    chosen = tiny("srgan", stages=(0,)).changed(["network.discriminator_width=4", "network.units=8"])
    data = load_data(chosen, data_dir=data_dir)
    model = assemble(chosen, data)
    model.stage = 1
    judge, seen, moves = model.discriminator, [], set()
    averages = [v.numpy() for v in model.generator.non_trainable_variables]
    monkeypatch.setattr(
        model, "discriminator", lambda x, training: seen.append(x) or judge(x, training=training)
    )
    tf.config.run_functions_eagerly(True)
    try:
        for batch, _ in zip(data.batches(chosen.batch_size, 0), range(6)):
            seen.clear()
            y = model.real(batch)[1].numpy()
            model.train_step(batch)
            real, fake, again = (x.numpy() for x in seen)
            (move,) = [
                (i, j)
                for i in range(4)
                for j in range(4)
                if np.array_equal(np.roll(y, (i, j), (1, 2)), real)
            ]
            moves.add(move)
            np.testing.assert_array_equal(fake, again)
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(moves) > 1
    for value, old in zip(model.generator.non_trainable_variables, averages, strict=True):
        np.testing.assert_array_equal(value.numpy(), old)  # G makes what it will make when it is trained

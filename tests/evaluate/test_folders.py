"""FID, KID, IS, precision and recall against torch-fidelity 0.4.0, and the command line over folders."""

import functools
import hashlib
import io
import tarfile

import golden_fidelity
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import zoo
from zoo import paths
from zoo.datasets.shapes import scenes
from zoo.errors import ZooError
from zoo.evaluate import folders as comparison
from zoo.evaluate import generated
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.weights import inception_weights
from zoo.metrics import fidelity, frechet, inception, inception_score, kid, precision_recall, segmentation

golden = np.load(golden_fidelity.file)
a, b, logits = golden_fidelity.features()
rng = np.random.default_rng(0)
Extractor = inception.Extractor


@pytest.fixture(autouse=True, scope="module")
def one_network():
    """Builds the network of a file once for all comparisons."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inception, "Extractor", functools.lru_cache(Extractor))
        yield


def constants(model):
    """Random weights by the names of the graph, those that the oracle was run with."""
    found = {}
    for layer in model.layers:
        name, shapes = layer.name.replace(".", "/"), [w.shape for w in layer.weights]
        parts = ("/gamma", "/beta", "/moving_mean", "/moving_variance") if len(shapes) == 4 else ("",)
        if shapes:
            found.update({name + p: golden_fidelity.constant(name + p, s) for p, s in zip(parts, shapes)})
    return found


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file like the released one, with random weights."""
    graph = tf.compat.v1.GraphDef()
    for name, value in constants(inception.network()).items():
        node = graph.node.add(op="Const", name=name)
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    path = tmp_path_factory.mktemp("inception") / "inception-2015-12-05.tgz"
    raw = graph.SerializeToString()
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        entry = tarfile.TarInfo(inception.graph_file)
        entry.size = len(raw)
        archive.addfile(entry, io.BytesIO(raw))
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Twelve pictures of noise, and the same a little darker; one is grey-scale."""
    root = tmp_path_factory.mktemp("pictures")
    for i in range(12):
        image = rng.integers(40, 256, (24, 32, 3) if i else (24, 32)).astype(np.uint8)
        for name, shown in (("real", image), ("fake", image - 20)):
            (root / name).mkdir(exist_ok=True)
            Image.fromarray(shown).save(root / name / f"{i:02}.png")
    return root


# Arithmetic, on features that both were given


def test_frechet_is_torch_fidelitys():
    np.testing.assert_allclose(frechet.frechet(a, b), golden["frechet_inception_distance"], rtol=1e-5)


def test_a_gaussian_in_parts_is_that_of_the_whole():
    x = a * 1e-3 + 1e3  # a mean far from zero costs digits
    parts = frechet.Gaussian()
    for part in np.array_split(x, 7):
        parts.add(part)
    np.testing.assert_allclose(parts.mean, np.float64(x).mean(0), rtol=1e-12)
    np.testing.assert_allclose(parts.covariance, np.cov(np.float64(x), rowvar=False), rtol=1e-8)


def test_kid_is_torch_fidelitys_on_its_subsets():
    mean, spread = kid.kid(a, b, subsets=20, size=100)
    np.testing.assert_allclose(mean, golden["kernel_inception_distance_mean"], rtol=1e-4)
    np.testing.assert_allclose(spread, golden["kernel_inception_distance_std"], rtol=1e-4)


def test_kid_is_unbiased_and_so_may_be_below_zero():
    x = rng.normal(size=(400, 8))
    values = [kid.kid(x[:200], x[200:], subsets=1, size=50, seed=s)[0] for s in range(60)]
    assert min(values) < 0 < max(values)
    assert abs(np.mean(values)) < 4 * np.std(values) / 60**0.5


def test_inception_score_is_torch_fidelitys():
    mean, spread = inception_score.inception_score(logits)
    np.testing.assert_allclose(mean, golden["inception_score_mean"], rtol=1e-5)
    np.testing.assert_allclose(spread, golden["inception_score_std"], rtol=1e-5)


def test_inception_score_of_sure_and_even_answers_is_the_number_of_classes():
    sure = np.log(np.eye(5)[np.arange(500) % 5] + 1e-12)
    assert inception_score.inception_score(sure, splits=1)[0] == pytest.approx(5, rel=1e-6)
    assert inception_score.inception_score(np.zeros((50, 5)))[0] == pytest.approx(1)


def test_precision_and_recall_are_torch_fidelitys():
    precision, recall = precision_recall.precision_recall(a, b)
    assert precision == pytest.approx(float(golden["precision"]), abs=1e-6)
    assert recall == pytest.approx(float(golden["recall"]), abs=1e-6)


def test_precision_and_recall_tell_a_collapsed_generator():
    real = rng.normal(size=(500, 4))
    collapsed = real[:1] + 1e-3 * rng.normal(size=(500, 4))
    precision, recall = precision_recall.precision_recall(real, collapsed)
    assert precision == 1 and recall < 0.05


@pytest.mark.parametrize("measure", [kid.kid, frechet.frechet, precision_recall.precision_recall])
def test_too_few_rows_are_refused(measure):
    with pytest.raises(ValueError, match="rows"):
        measure(a[:1], b)


def test_fsd_is_the_frechet_distance_of_what_loops_count():
    real, fake = rng.integers(0, 3, (30, 4, 5)), rng.integers(0, 4, (20, 4, 5))
    counts = [
        [[sum(p == c for row in one for p in row) for c in range(4)] for one in s] for s in (real, fake)
    ]
    np.testing.assert_allclose(segmentation.fsd(real, fake, 4), frechet.frechet(*map(np.array, counts)))
    assert segmentation.fsd(real, real, 4) == pytest.approx(0, abs=1e-4)


def test_fsd_of_folders_is_that_of_what_the_segmenter_reads(tmp_path):
    segmenter, sets = zoo.load("segmenter_shapes"), {}
    for i, (name, first) in enumerate((("real", 0), ("fake", 100))):
        sets[name] = scenes.draw(scenes.several(range(first, first + 12)), 64, ("paper", "neon")[i])
        (tmp_path / name).mkdir()
        for j, image in enumerate(sets[name]):
            Image.fromarray(image).save(tmp_path / name / f"{j:02}.png")
    labels = [segmenter.call("segment", image=images)["label"] for images in sets.values()]
    expected = segmentation.fsd(*labels, segmenter.card.data["classes"])
    for given in ((tmp_path / "real", tmp_path / "fake"), sets.values()):
        (result,) = comparison.compare(*given, ["fsd"], segmenter="segmenter_shapes")
        assert result["value"] == pytest.approx(expected, rel=1e-5) and result["fake"] == 12
    assert expected > 3 * result["half_of_the_real_against_the_other"]  # paper is not neon
    with pytest.raises(ZooError, match="needs a trained segmenter.* Set segmenter=segmenter_shapes"):
        comparison.compare(*given, ["fsd"])
    with pytest.raises(ZooError, match="does not segment"):
        comparison.compare(*given, ["fsd"], segmenter="cgan_mnist")
    with pytest.raises(ZooError, match="4 pictures a side"):
        comparison.compare(sets["real"][:3], sets["fake"], ["fsd"], segmenter="segmenter_shapes")


# The network


@pytest.mark.slow
def test_the_network_is_torch_fidelitys_on_the_same_random_weights(weights):
    extractor = Extractor(weights)
    for i, image in enumerate(golden_fidelity.images()):
        ((pool3, unbiased),) = extractor([image])
        scale = np.abs(golden[f"pool3_{i}"]).max()
        np.testing.assert_allclose(pool3[0], golden[f"pool3_{i}"], atol=2e-4 * scale)
        scale = np.abs(golden[f"logits_{i}"]).max()
        np.testing.assert_allclose(unbiased[0], golden[f"logits_{i}"], atol=2e-4 * scale)


def test_clean_resizing_smooths_what_the_legacy_one_samples():
    stripes = np.zeros((1196, 1196, 3), np.uint8)
    stripes[:, ::4] = 255  # a quarter of the size keeps only these, or their mean
    assert np.ptp(inception.clean(stripes)[20:-20, 20:-20]) < 40
    assert inception.legacy(stripes).mean() > 250
    np.testing.assert_allclose(inception.clean(stripes).mean(), 255 / 4, rtol=0.02)


def test_another_file_is_refused(tmp_path, weights):
    wrong = tmp_path / "wrong.tgz"
    wrong.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ZooError, match="damaged"):
        Extractor(wrong)
    with pytest.raises(ZooError, match="no file"):
        inception_weights(tmp_path / "none.pb")
    (tmp_path / "empty.pb").write_bytes(b"")
    with pytest.raises(ZooError, match="missing or differs"):
        Extractor(tmp_path / "empty.pb")


def test_without_weights_and_network_the_error_says_what_to_fetch(tmp_path, monkeypatch):
    monkeypatch.delenv("ZOO_INCEPTION", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(inception, "source", "http://127.0.0.1:9/inception.tgz")
    with pytest.raises(ZooError, match="Set inception=…"):
        inception_weights()


@pytest.mark.slow
def test_only_the_released_weights_are_downloaded(tmp_path, weights, monkeypatch, capsys):
    raw = inception.read_graph(weights)
    monkeypatch.delenv("ZOO_INCEPTION", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(inception, "source", weights.as_uri())
    with pytest.raises(ZooError, match="is not the Inception network of 2015-12-05"):
        inception_weights()
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
    Extractor(weights)
    assert "not hold the weights that published values" in capsys.readouterr().err
    monkeypatch.setattr(inception, "sha256", hashlib.sha256(raw).hexdigest())
    assert Extractor(inception_weights()).sha256 == inception.sha256
    assert list(tmp_path.rglob("*.tgz")) and not capsys.readouterr().err


# Pictures


@pytest.mark.slow
def test_folders_are_measured_and_a_folder_against_itself_is_perfect(folders, weights):
    names = ["fid", "kid", "is", "pr", "psnr", "ssim"]
    same = comparison.compare(folders / "real", folders / "real", names, weights)
    other = comparison.compare(folders / "real", folders / "fake", names, weights)
    values = [{r["metric"]: r["value"] for r in results} for results in (same, other)]
    assert values[0]["FID"] == pytest.approx(0, abs=1e-3) and values[0]["precision"] == 1
    assert values[0]["PSNR"] == 100 and values[0]["SSIM"] == pytest.approx(1)
    assert values[1]["FID"] > values[0]["FID"] and values[1]["KID"] > values[0]["KID"]
    assert values[1]["PSNR"] == pytest.approx(20 * np.log10(255 / 20), rel=1e-5)
    assert other[0]["fake"] == 12 and len(other[0]["extractor_sha256"]) == 16


def test_arrays_and_folders_are_the_same_pictures(folders):
    arrays = [np.asarray(Image.open(p).convert("RGB")) for p in sorted((folders / "fake").iterdir())]
    names = ["psnr", "ssim"]
    by_folder = comparison.compare(folders / "real", folders / "fake", names)
    by_array = comparison.compare(folders / "real", arrays, names)
    assert [r["value"] for r in by_folder] == [r["value"] for r in by_array]


def test_pictures_are_paired_by_name(folders, tmp_path):
    for i, file in enumerate(sorted((folders / "real").iterdir())):
        Image.open(file).save(tmp_path / f"{file.stem if i else 'other'}.png")
    with pytest.raises(ZooError, match="'00'"):
        comparison.compare(folders / "real", tmp_path, ["psnr"])
    for folder, endings in (("one", ("png",)), ("two", ("png", "jpg"))):
        (tmp_path / folder).mkdir()
        for ending in endings:
            Image.new("RGB", (12, 12)).save(tmp_path / folder / f"same.{ending}")
    with pytest.raises(ZooError, match="'same' more often"):
        comparison.compare(tmp_path / "one", tmp_path / "two", ["psnr"])


def test_endings_do_not_change_which_pictures_are_pairs(tmp_path):
    for folder, ending in (("real", "png"), ("fake", "bmp")):  # img.bmp comes before img.k.bmp, not img.png
        (tmp_path / folder).mkdir()
        for name, value in (("img", 0), ("img.k", 100)):
            Image.new("RGB", (12, 12), (value,) * 3).save(tmp_path / folder / f"{name}.{ending}")
    (psnr,) = comparison.compare(tmp_path / "real", tmp_path / "fake", ["psnr"])
    assert psnr["value"] == np.inf or psnr["value"] > 90


@pytest.mark.slow
def test_only_what_a_metric_needs_is_kept(folders, weights):
    side = comparison.Side(folders / "real")
    side.see(Extractor(weights), ["fid"])
    assert side.count == 12 and side.features is None and side.logits is None


def test_psnr_and_ssim_of_a_pair_are_scikit_images():
    x, y = (rng.integers(0, 256, (40, 50, 3)).astype(np.uint8) for _ in range(2))
    (psnr, ssim) = comparison.compare([x], [y], ["psnr", "ssim"])
    assert psnr["value"] == pytest.approx(peak_signal_noise_ratio(x, y), rel=1e-4)
    expected = structural_similarity(
        x, y, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert ssim["value"] == pytest.approx(expected, abs=0.02)


def test_ms_ssim_falls_with_noise_and_needs_large_pictures():
    x = rng.integers(0, 256, (1, 6, 6, 3)).astype(np.uint8).repeat(32, 1).repeat(32, 2)
    noisy = np.uint8(np.clip(x + rng.normal(0, 20, x.shape), 0, 255))
    assert fidelity.ms_ssim(x, x) == pytest.approx(1)
    assert 0.5 < fidelity.ms_ssim(noisy, x) < 0.99
    with pytest.raises(ValueError, match="176"):
        fidelity.ms_ssim(x[:, :100], x[:, :100])


@pytest.mark.slow
def test_what_cannot_be_compared_is_refused(folders, weights):
    with pytest.raises(ZooError, match="fid"):
        comparison.compare(folders / "real", folders / "fake", ["fdi"])
    with pytest.raises(ZooError, match="PSNR needs pairs of one size"):
        comparison.compare([np.zeros((4, 4, 3), np.uint8)], [np.zeros((5, 4, 3), np.uint8)], ["psnr"])
    with pytest.raises(ZooError, match="psnr cannot"):
        comparison.compare([np.zeros((4, 4, 3), np.uint8)] * 2, [np.zeros((4, 4, 3), np.uint8)], ["psnr"])
    for wrong in (np.zeros((20, 20, 3)), np.zeros((20, 20), np.uint8), np.zeros((20, 20, 4), np.uint8)):
        with pytest.raises(ZooError, match=r"uint8 \[H, W, 1 or 3\]"):
            comparison.compare([wrong], [wrong], ["psnr"])
    with pytest.raises(ZooError, match="at least 11 pixels"):
        comparison.compare([np.zeros((8, 8, 3), np.uint8)], [np.zeros((8, 8, 3), np.uint8)], ["ssim"])
    with pytest.raises(ZooError, match="rows"):
        comparison.compare([np.zeros((4, 4, 3), np.uint8)], folders / "fake", ["fid"], weights)
    with pytest.raises(ZooError, match="legacy or clean"):
        comparison.compare(folders / "real", folders / "fake", ["fid"], weights, "bicubic")


@pytest.mark.slow
def test_samples_of_a_model_are_compared_with_its_data(weights, data_dir, monkeypatch, capsys):
    monkeypatch.setattr("zoo.evaluate.generated.least", 10)
    context = EvaluationContext(zoo.load("classifier_digits"), 2, 10, data_dir=data_dir)
    with pytest.raises(ZooError, match="does not generate images"):
        generated.against_data(context, ["fid"])
    context = EvaluationContext(zoo.load("cgan_conv_digits"), 2, 10, data_dir=data_dir)
    fid, inception_score = generated.against_data(context, ["fid", "is"], "train[:12]", weights)
    assert "not comparable" in capsys.readouterr().err
    assert (fid["real"], fid["fake"], fid["seeds"], fid["split"]) == (12, 10, 2, "digits train[:12]")
    assert fid["spread"] > 0 and inception_score["seeds"] == 2
    real = context.data("train[:12]").columns()["x"]
    (first,) = comparison.compare(real, context.conditional(0), ["fid"], weights)
    difference = fid["spread"] / np.sqrt(2)  # of two seeds from their mean
    assert abs(first["value"] - fid["value"]) == pytest.approx(difference, rel=1e-3)
    context.count = 9
    with pytest.raises(ZooError, match="9 samples are too few"):
        generated.against_data(context, ["fid"])


def test_grids_and_animations_are_no_samples(tmp_path):
    folder = tmp_path / "samples"
    for name in ("grid.png", "walk.png", "images/00000.png", "images/00001.png"):
        path = paths.result(folder, name)
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (8, 8)).save(path)
    assert len(list(comparison.Side(folder).images())) == 2
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "recipe.json").write_text("{}")
    with pytest.raises(ZooError, match="run is the folder of a run, whose images are grids"):
        list(comparison.Side(run).images())


def test_a_pair_of_two_sizes_is_named(tmp_path):
    for side in ("real", "fake"):
        for i in range(3):
            path = tmp_path / side / f"{i}.png"
            path.parent.mkdir(exist_ok=True)
            Image.new("L", (9 if (side, i) == ("fake", 1) else 8, 8)).save(path)
    with pytest.raises(ZooError, match="PSNR needs pairs of one size, but the image 1 has 9×8 and 8×8"):
        comparison.compare(tmp_path / "real", tmp_path / "fake", ["psnr"])


def test_the_distance_of_a_set_to_itself_is_not_negative():
    x = np.random.default_rng(0).normal(size=(50, 64))
    assert 0 <= frechet.frechet(x, x) < 1e-6

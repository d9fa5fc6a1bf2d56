"""Embedded builders, folders of pictures, and the order of batches."""

import errno

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image
from processes import seeded, server
from sklearn.datasets import load_digits

from zoo import datasets
from zoo.datasets.data import shuffled
from zoo.datasets.loading import load
from zoo.errors import ZooError
from zoo.images.files import read_image


@pytest.fixture(scope="module")
def digits(data_dir):
    return datasets.load("digits", data_dir=data_dir)


def picture(path, mode="RGB", size=(20, 30), fill=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(hash(path.name) % 2**32).integers(0, 255, (*size[::-1], 4))
    image = Image.fromarray(pixels.astype("uint8"), "RGBA").convert(mode)
    image.save(path)
    return path


def test_digits_are_scikit_learns(digits, data_dir):
    x, y = digits.arrays()
    test_x, test_y = datasets.load("digits", "test", data_dir=data_dir).arrays()
    assert (digits.shape, digits.classes, digits.count, len(test_x)) == ((8, 8, 1), 10, 1438, 359)
    source = load_digits()
    assert sorted(np.concatenate([y, test_y])) == sorted(source.target)
    images = np.concatenate([x, test_x])[..., 0] / 255 * 16  # in TFDS' order, not scikit-learn's
    assert sorted(map(tuple, images.round().reshape(-1, 64))) == sorted(map(tuple, source.data))


@pytest.mark.slow
@pytest.mark.parametrize(
    "config, modes, sigma", [("ring", 8, 0.01), ("grid", 25, 0.05), ("normal", 1, 0.5)]
)
def test_gaussians_are_where_they_should_be(config, modes, sigma, data_dir):
    data = datasets.load(f"gaussians/{config}", data_dir=data_dir)
    x, y = data.arrays()
    assert data.count == 100_000 and len(np.unique(y)) == modes
    for mode in range(modes):
        part = x[y == mode]
        np.testing.assert_allclose(part.std(0), sigma, rtol=0.06)
    if config == "ring":
        centers = np.array([x[y == m].mean(0) for m in range(8)])
        np.testing.assert_allclose(np.linalg.norm(centers, axis=1), 2, atol=0.01)


@pytest.mark.parametrize("limit", [2**30, 0], ids=["held in memory", "streamed"])
def test_batches_are_a_function_of_seed_and_step(digits, monkeypatch, limit):
    monkeypatch.setattr("zoo.datasets.data.in_memory", limit)
    numbered = np.arange(digits.count)
    examples = tf.data.Dataset.from_tensor_slices(
        {"x": tf.zeros([digits.count, 1, 1, 1], tf.uint8), "y": numbered.astype("int32")}
    )
    data = datasets.Data("numbers", (1, 1, 1), 10, digits.count, examples)

    def order(seed, first, n):
        return np.array([b["y"] for b in data.batches(100, seed, first).take(n).as_numpy_iterator()])

    whole = order(0, 0, 30)
    np.testing.assert_array_equal(whole[17:], order(0, 17, 13))
    assert np.any(order(1, 0, 2) != whole[:2])
    flat = whole.ravel()
    first, second = flat[: digits.count], flat[digits.count : 2 * digits.count]
    np.testing.assert_array_equal(np.sort(first), numbered)  # an epoch sees every example once
    np.testing.assert_array_equal(np.sort(second), numbered)
    assert np.mean(first == second) < 0.05  # in an order of its own


def test_columns_are_the_same_before_and_after_the_examples_are_in_memory(data_dir):
    ranges = [(0, 5), (1200, None), (0, None), (1430, 9999)]
    read, held = (datasets.load("digits", image_size=8, data_dir=data_dir) for _ in range(2))
    next(iter(held.batches(4, 0)))
    for start, stop in ranges[:2]:  # the whole range would be kept in memory
        assert [len(v) for v in read.columns(start, stop).values()] == [min(stop or 1438, 1438) - start] * 2
    for start, stop in ranges:
        a, b = read.columns(start, stop), held.columns(start, stop)
        assert a.keys() == b.keys()
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])
            assert a[name].dtype == b[name].dtype


def test_a_batch_larger_than_the_set_is_refused(digits):
    with pytest.raises(ZooError, match="fewer than a batch of 2000.* Set batch_size=1438"):
        digits.batches(2000, 0)


def test_pictures_are_resized_and_coloured_as_asked(data_dir):
    data = datasets.load("digits", image_size=16, channels=3, data_dir=data_dir)
    x, _ = data.arrays(0, 5)
    assert x.shape == (5, 16, 16, 3) and x.dtype == np.uint8
    np.testing.assert_array_equal(x[..., 0], x[..., 2])


@pytest.mark.parametrize(
    "name, message",
    [
        ("digit", "Did you mean digits"),
        ("gaussians/rng", "ring"),
        ("fashion_mnits", "fashion_mnist"),
        ("./nowhere", "no folder"),
    ],
)
def test_unknown_sets_suggest_the_nearest(name, message, data_dir):
    with pytest.raises(ZooError, match=message):
        datasets.load(name, data_dir=data_dir)


def test_unknown_split_is_refused(data_dir):
    with pytest.raises(ZooError, match="train"):
        datasets.load("digits", "trian", data_dir=data_dir)


def test_a_set_that_cannot_be_downloaded_says_what_to_do(tmp_path, monkeypatch):
    def unreachable(self, **kwargs):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", unreachable)
    with pytest.raises(ZooError) as error:
        datasets.load("fashion_mnist", data_dir=str(tmp_path))
    for part in ("tfds build fashion_mnist", str(tmp_path), "Set data_dir=… or dataset=digits."):
        assert part in str(error.value)


@pytest.mark.parametrize("cause", [errno.EACCES, errno.EROFS])
def test_a_folder_of_data_that_cannot_be_written_is_named(cause, tmp_path, monkeypatch):
    def denied(self, **_):
        raise OSError(cause, "no", str(tmp_path))

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", denied)
    with pytest.raises(ZooError, match=r"cannot be (read or )?written, because .* Set data_dir=…"):
        datasets.load("digits", data_dir=str(tmp_path))


def test_a_folder_with_classes_of_mixed_sizes_and_modes(tmp_path, data_dir):
    modes = ["RGB", "L", "P", "RGBA", "1", "I;16", "LA"]
    for i, mode in enumerate(modes):
        name = f"{'cats' if i % 2 else 'dogs'}/{i}.png"
        if mode == "I;16":
            (tmp_path / "cats").mkdir(exist_ok=True)
            Image.fromarray(np.full((20, 20), 60000, np.uint16)).save(tmp_path / name)
        else:
            picture(tmp_path / name, mode, (20 + i, 30))
    picture(tmp_path / "cats" / "x.jpg", "RGB")
    data = datasets.load(str(tmp_path), image_size=16, data_dir=data_dir)
    x, y = data.arrays()
    assert (data.shape, data.classes, data.count) == ((16, 16, 3), 2, 8)
    assert x.shape == (8, 16, 16, 3) and sorted(y) == [0] * 4 + [1] * 4


def test_sixteen_bits_keep_their_brightness(tmp_path):
    for value in (0, 300, 25700, 65535):
        Image.fromarray(np.full((4, 4), value, np.uint16)).save(tmp_path / "a.png")
        assert np.unique(read_image(tmp_path / "a.png")) == round(value / 257)
    Image.fromarray(np.full((4, 4), 0.5, np.float32)).save(tmp_path / "f.tif")
    with pytest.raises(ZooError, match="f.tif cannot be read.*16 bits"):
        read_image(tmp_path / "f.tif")


def test_a_folder_here_is_told_from_a_set(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ZooError, match="mine is a folder.* Set dataset=./mine"):
        datasets.load("mine")


def test_a_folder_without_classes_of_grey_pictures(tmp_path, data_dir):
    for i in range(4):
        picture(tmp_path / f"{i}.png", "L")
    data = datasets.load(str(tmp_path), image_size=8, data_dir=data_dir)
    assert (data.shape, data.classes, data.count) == ((8, 8, 1), None, 4)
    picture(tmp_path / "4.png", "L")  # a changed folder is read anew
    assert datasets.load(str(tmp_path), image_size=8, data_dir=data_dir).count == 5


def test_a_broken_picture_is_named(tmp_path, data_dir):
    picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
    with pytest.raises(ZooError, match=r"b\.png cannot be read"):
        datasets.load(str(tmp_path), image_size=8, channels=3, data_dir=data_dir)


@pytest.mark.parametrize(
    "files, message",
    [([], "no images"), (["a.png", "c/b.png"], "subfolders and beside"), (["notes.txt"], "no images")],
)
def test_folders_that_make_no_sense_are_refused(files, message, tmp_path, data_dir):
    for name in files:
        path = tmp_path / name
        picture(path) if path.suffix == ".png" else path.write_text("x")
    with pytest.raises(ZooError, match=message):
        datasets.load(str(tmp_path), image_size=8, data_dir=data_dir)


def test_a_folder_may_hold_its_splits(tmp_path, data_dir):
    for part, count in (("train", 3), ("test", 2)):
        for kind in ("cat", "dog"):
            for i in range(count):
                picture(tmp_path / part / kind / f"{i}.png")
    where = {"image_size": 8, "channels": 3, "data_dir": data_dir}
    counts = {split: datasets.load(str(tmp_path), split, **where).count for split in ("train", "test")}
    assert counts == {"train": 6, "test": 4}
    half = datasets.load(str(tmp_path), "train[:50%]", **where)
    assert (half.count, half.classes) == (3, 2)
    picture(tmp_path / "test" / "bird" / "0.png")  # a label would mean another class than in training
    with pytest.raises(ZooError, match="differ in their classes: bird"):
        datasets.load(str(tmp_path), "test", **where)


def test_what_is_linked_is_seen_and_what_is_hidden_is_not(tmp_path, data_dir):
    for name in ("set/cat/0.png", "set/.ipynb_checkpoints/0.png", "set/__MACOSX/0.png", "set/cat/._0.png"):
        picture(tmp_path / name)
    picture(tmp_path / "elsewhere" / "0.png")
    (tmp_path / "set" / "dog").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "cat" / "round").symlink_to(tmp_path / "set")  # without an end
    data = datasets.load(str(tmp_path / "set"), image_size=8, channels=3, data_dir=data_dir)
    assert (data.count, data.classes) == (2, 2)


@pytest.mark.slow
def test_points_have_no_size_and_nothing_to_mirror(data_dir):
    with pytest.raises(ZooError, match="holds points"):
        datasets.load("gaussians/ring", image_size=64, data_dir=data_dir)
    points = datasets.load("gaussians/ring", augment=("mirror",), data_dir=data_dir)
    with pytest.raises(ZooError, match="augment is for pictures"):
        points.batches(4, 0)


@pytest.mark.slow
def test_what_is_drawn_needs_no_config_to_be_drawn_at_a_size(data_dir):
    whole = datasets.load("shapes/class", "test", image_size=16, data_dir=data_dir)
    assert datasets.load("shapes", "test", image_size=16, data_dir=data_dir).count == whole.count


def test_a_folder_needs_a_size(tmp_path, data_dir):
    picture(tmp_path / "a.png")
    with pytest.raises(ZooError, match="image_size"):
        datasets.load(str(tmp_path), data_dir=data_dir)


def test_pictures_stand_upright_and_transparency_is_white(tmp_path):
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, :4] = 255  # left half white
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    upright = np.asarray(read_image(tmp_path / "a.png"))
    assert upright.shape == (8, 4, 3) and upright[0].min() == 255 and upright[-1].max() == 0
    Image.fromarray(np.zeros((2, 2, 4), np.uint8)).save(tmp_path / "b.png")
    assert np.asarray(read_image(tmp_path / "b.png")).min() == 255


@pytest.mark.parametrize("count", [342, 1438, 60_000])
@pytest.mark.parametrize("seed", [0, 1])
def test_neighbours_do_not_stay_neighbours(count, seed):
    for epoch in (0, 1):
        order = shuffled(tf.range(count, dtype=tf.int64) + epoch * count, count, seed).numpy()
        np.testing.assert_array_equal(np.sort(order), np.arange(count))
        steps = np.abs(np.diff(order))
        assert np.mean(steps <= 3) < 0.05 + 6 / count
        assert abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 4 / count**0.5


@pytest.mark.slow
def test_groups_of_a_batch_are_alike_in_what_the_epoch_says(data_dir):
    where = {"split": "held_out", "image_size": 16, "data_dir": data_dir}
    entries = ("place+ground:16", "", "texture")
    data = datasets.load_descriptions("shapes/captions", batch_groups=entries, **where)
    a_epoch = -(-data.count // 50)
    rows = [b["factors"].numpy() for b, _ in zip(data.batches(50, 3), range(3 * a_epoch))]
    again = [b["factors"].numpy() for b, _ in zip(data.batches(50, 3, first=a_epoch - 1), range(4))]
    np.testing.assert_array_equal(again, rows[a_epoch - 1 : a_epoch + 3])  # as if it had been read so far
    rows = np.concatenate(rows)
    for epoch, (entry, shared, size) in enumerate(zip(entries, ([4, 5], [], [3]), (16, 32, 32))):
        mine = rows[epoch * data.count : (epoch + 1) * data.count]
        np.testing.assert_array_equal(np.bincount(mine[:, 1]), np.bincount(rows[: data.count, 1]))
        groups = mine[: data.count // size * size].reshape(-1, size, 6)
        differ = [np.mean([len(np.unique(g[:, f])) for g in groups]) for f in range(6)]
        for factor, average in enumerate(differ):
            assert (average < 2.1) == (factor in shared), (entry, factor, average)
    for entry, message in (
        ("groun", "factor 'groun'.*ground.*batch_groups=\\[\\]"),
        ("ground:0", "A group size is an integer"),
    ):
        with pytest.raises(ZooError, match=message):
            next(
                iter(
                    datasets.load_descriptions("shapes/captions", batch_groups=(entry,), **where).batches(
                        4, 0
                    )
                )
            )


@pytest.mark.slow
def test_two_processes_prepare_a_set_at_the_same_time(tmp_path):
    where = {"data_dir": str(tmp_path)}
    args = ("gaussians/normal", "train[:10]")  # which takes seconds
    task = {"target": seeded, "args": (load, *args), "kwargs": where}
    tasks = [server.Process(**task) for _ in range(3)]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    assert [task.exitcode for task in tasks] == [0, 0, 0]
    assert load(*args, **where).count == 10
    assert not list(tmp_path.rglob("*incomplete*"))

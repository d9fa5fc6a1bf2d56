"""Layouts of folders of images: understood, or refused, and never misread."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zoo import datasets
from zoo.datasets import Reading
from zoo.datasets.folder.layout import place_of
from zoo.errors import ZooError


def image(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), value).save(path)


def make(folder, names):
    """Makes a folder. `names` has the names of subfolders, each with an image of its own."""
    for i, name in enumerate(names):
        image(folder / name / f"{i}.png", i)
    return folder


def classes(folder):
    return sorted({path.parent.name for path in folder.rglob("*.png")})


cat_and_dog = ["{}/cat", "{}/dog"]


def split(*names):
    return [pattern.format(name) for name in names for pattern in cat_and_dog]


@pytest.mark.parametrize(
    "names, train, test",
    [
        (split("train", "test"), "train", "test"),
        (split("train", "val"), "train", "val"),
        (split("train", "valid"), "train", "valid"),
        (split("train", "validation"), "train", "validation"),
        (split("train", "dev"), "train", "dev"),
        (split("train", "valid", "test"), "train", "test"),
        (split("Train", "Test"), "Train", "Test"),
        (split("TRAIN", "VAL"), "TRAIN", "VAL"),
        (split("training", "testing"), "training", "testing"),
        (split("training_set", "test_set"), "training_set", "test_set"),
        (split("pets/train", "pets/test"), "pets/train", "pets/test"),
        (split("a/b/Training", "a/b/Validation"), "a/b/Training", "a/b/Validation"),
        (split("train"), "train", None),
        (split("test"), None, "test"),
        (["cat", "dog"], "", None),
        (["pets/cat", "pets/dog"], "pets", None),
        (["pets/cat"], "pets", None),
        (["cat"], "", None),
        (["cat/persian", "dog/pug"], "", None),
        (["."], "", None),
    ],
)
def test_layouts_are_understood(names, train, test, tmp_path):
    make(tmp_path, names)
    for wanted, folder in (("train", train), ("test", test)):
        if folder is None:
            with pytest.raises(ZooError, match=f"no (subfolder for the )?split {wanted}"):
                place_of(tmp_path, wanted)
        else:
            assert place_of(tmp_path, wanted).folder == tmp_path / folder


@pytest.mark.parametrize(
    "names, message",
    [
        (["bus", "car", "train"], "has the subfolders train beside bus, car"),
        ([*split("train", "test"), "notes"], "has the subfolders test, train beside notes"),
        ([*split("train"), *split("Training")], "both the split train"),
        (["val/cat", "valid/cat", "train/cat"], "both the split val"),
    ],
)
def test_ambiguous_layouts_are_refused(names, message, tmp_path):
    with pytest.raises(ZooError, match=message):
        place_of(make(tmp_path, names), "train")


def test_the_layout_decides(tmp_path, data_dir):
    make(tmp_path, ["bus", "car", "train"])
    assert place_of(tmp_path, "train", Reading(layout="classes")).folder == tmp_path
    place = place_of(tmp_path, "train", Reading(layout="splits"))
    assert place.folder == tmp_path / "train" and set(place.notes) == {"bus is skipped", "car is skipped"}
    options = {"image_size": 4, "channels": 1, "data_dir": data_dir}
    found = datasets.load(f"{tmp_path}/", reading=Reading(layout="classes"), **options)
    assert found.names == ("bus", "car", "train")
    with pytest.raises(ZooError, match="no layout 'x'"):
        place_of(tmp_path, "train", Reading(layout="x"))
    with pytest.raises(ZooError, match="no subfolders train and test"):
        place_of(make(tmp_path / "other", ["a", "b"]), "train", Reading(layout="splits"))


def test_folders_without_images_are_named(tmp_path, data_dir):
    make(tmp_path, split("train", "test"))
    for folder in (tmp_path / "annotations", tmp_path / "train" / "lists"):
        folder.mkdir()
        (folder / "labels.json").write_text("{}")
    data = datasets.load(f"{tmp_path}/", image_size=4, channels=1, data_dir=data_dir)
    assert data.names == ("cat", "dog")
    assert data.describe() == (
        f"{tmp_path}/: 2 images, 4x4 → 4x4 gray, 2 classes: cat, dog; split train; annotations is skipped; "
        "1 files are skipped: .json (1); lists has no images"
    )


words = ["train", "Training", "test", "val", "valid", "dev", "cat", "dog", "bus", "pets", "a"]
trees = st.lists(st.lists(st.sampled_from(words), min_size=1, max_size=3), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(tree=trees, data=st.data())
def test_no_layout_is_misread(tree, data, tmp_path_factory):
    """A split is no class, and a class has all its images, unless the layout is refused."""
    folder = make(tmp_path_factory.mktemp("layout"), ["/".join(parts) for parts in tree])
    known = {"train", "training", "test", "val", "valid", "dev"}
    try:
        place = place_of(folder, data.draw(st.sampled_from(["train", "test", "val"])))
    except ZooError:
        return
    inner = place.folder.relative_to(folder).parts
    is_split = bool(inner) and inner[-1].lower() in known
    assert sum(part.lower() in known for part in inner) == is_split
    beside = {path.name for path in place.folder.iterdir() if path.is_dir()}
    if not is_split:
        assert not {name.lower() for name in beside} & known
    read = set(place.folder.rglob("*.png"))
    skipped = {note.removesuffix(" is skipped") for note in place.notes}
    others = {path for path in folder.rglob("*.png")} - read
    for path in others:  # an image that is not read is in another split
        assert any(part.lower() in known or part in skipped for part in path.relative_to(folder).parts)


def test_holdout_is_stable_and_per_class(tmp_path, data_dir):
    rng = np.random.default_rng(0)

    def add(name, count, first=0):
        for i in range(first, first + count):
            path = tmp_path / "set" / name / f"{i:03d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (4, 4), np.uint8)).save(path)

    def parts():
        options = {"image_size": 4, "channels": 1, "data_dir": data_dir, "reading": Reading(holdout=0.2)}
        both = {s: datasets.load(str(tmp_path / "set"), s, **options) for s in ("train", "test")}
        return {s: {x.tobytes(): y for x, y in zip(*data.arrays())} for s, data in both.items()}

    add("cat", 100)
    add("dog", 4)
    before = parts()
    assert not before["train"].keys() & before["test"].keys()
    assert len(before["train"]) + len(before["test"]) == 104
    counts = np.bincount(list(before["test"].values()))
    assert 8 <= counts[0] <= 35 and 1 <= counts[1] <= 3
    add("cat", 20, first=200)
    after = parts()
    cats = {s: {x for x, y in before[s].items() if y == 0} for s in before}
    assert cats["train"] <= after["train"].keys() and cats["test"] <= after["test"].keys()


def test_holdout_needs_two_images_and_no_other_test(tmp_path, data_dir):
    make(tmp_path / "single", ["cat"])
    options = {"image_size": 4, "channels": 1, "data_dir": data_dir, "reading": Reading(holdout=0.1)}
    with pytest.raises(ZooError, match="has one image only"):
        datasets.load(str(tmp_path / "single"), **options)
    make(tmp_path / "splits", split("train", "test"))
    with pytest.raises(ZooError, match="has its own test images"):
        datasets.load(str(tmp_path / "splits"), **options)


def test_copies_of_an_image_are_on_one_side(tmp_path, data_dir):
    for i in range(20):
        image(tmp_path / "set" / f"{i}.png", i // 2)
    options = {"image_size": 4, "channels": 1, "data_dir": data_dir, "reading": Reading(holdout=0.5)}
    train, test = (
        datasets.load(str(tmp_path / "set"), s, **options).arrays()[0] for s in ("train", "test")
    )
    values = [set(x[:, 0, 0, 0].tolist()) for x in (train, test)]
    assert not values[0] & values[1] and len(values[0] | values[1]) == 10 and len(train) + len(test) == 20


@pytest.mark.parametrize("reads", ["pairs", "descriptions", "domains", "photographs"])
def test_holdout_of_other_kinds_of_data(reads, tmp_path, data_dir):
    rng = np.random.default_rng(0)
    for i in range(20):
        for domain in ("trainA", "trainB") if reads == "domains" else ("images",):
            path = tmp_path / "set" / domain / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 256, (8, 16 if reads == "pairs" else 8, 3), np.uint8)
            Image.fromarray(pixels).save(path)
        (tmp_path / "set" / "text").mkdir(exist_ok=True)
        (tmp_path / "set" / "text" / f"{i}.TXT").write_text("a caption")
    if reads != "descriptions":
        for path in (tmp_path / "set" / "text").iterdir():
            path.unlink()
        (tmp_path / "set" / "text").rmdir()
    load = {"pairs": datasets.load_pairs, "descriptions": datasets.load_descriptions,
            "domains": datasets.load_domains, "photographs": datasets.load_photographs}[reads]  # fmt: skip
    options = {"image_size": 8, "channels": 3, "data_dir": data_dir, "reading": Reading(holdout=0.3)}
    parts = [load(str(tmp_path / "set"), s, **options) for s in ("train", "test")]
    sides = [part.a if reads == "domains" else part for part in parts]
    assert sides[0].count + sides[1].count == 20 and sides[1].count >= 1
    if reads == "descriptions":
        assert sides[0].columns(0, 1)["text"][0, 0] == b"a caption"


def test_all_broken_files_are_in_one_message_or_skipped(tmp_path, data_dir):
    for i in range(6):
        image(tmp_path / "set" / f"{i}.png", i)
    for i in (1, 4):
        (tmp_path / "set" / f"{i}.png").write_bytes(b"no image")
    options = {"image_size": 4, "channels": 1, "data_dir": data_dir}
    with pytest.raises(ZooError) as error:
        datasets.load(str(tmp_path / "set"), **options)
    assert "1.png cannot be read" in str(error.value) and "4.png cannot be read" in str(error.value)
    assert str(error.value).endswith("Set skip_broken=True.")
    data = datasets.load(str(tmp_path / "set"), reading=Reading(skip_broken=True), **options)
    assert sorted(data.arrays()[0][:, 0, 0, 0].tolist()) == [0, 2, 3, 5]
    assert data.describe().endswith("split train; 2 broken files are left out")


def test_unchanged_files_are_not_opened_again(tmp_path, data_dir, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for i in range(5):
        image(tmp_path / "set" / f"{i}.png", i)
    options = {"image_size": 4, "channels": 1, "data_dir": data_dir}
    first = datasets.load(str(tmp_path / "set"), **options)
    opened = []
    read = type(tmp_path).read_bytes
    monkeypatch.setattr(type(tmp_path), "read_bytes", lambda p: opened.append(p.name) or read(p))
    again = datasets.load(str(tmp_path / "set"), **options)
    assert not opened and again.origin == first.origin
    image(tmp_path / "set" / "3.png", 200)
    changed = datasets.load(str(tmp_path / "set"), **options)
    assert opened == ["3.png"] and changed.origin.digest != first.origin.digest
    (tmp_path / "set").rename(tmp_path / "moved")
    moved = datasets.load(str(tmp_path / "moved"), **options)
    assert moved.origin.digest == changed.origin.digest

"""Datasets with captions, tags and factors."""

import dataclasses
import pathlib

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image
from texts import small

from zoo import datasets, recipe
from zoo.datasets.descriptions import DistinctData
from zoo.datasets.folder.builder import Builder, image_files, texts
from zoo.datasets.folder.layout import Place, Reading
from zoo.errors import ZooError
from zoo.train.assemble import assemble, load_data


@pytest.mark.slow
def test_descriptions_are_captions_tags_and_factors(captions):
    assert list(captions.classes["factors"]) == ["kind", "colour", "size", "texture", "place", "ground"]
    counts = list(captions.classes["tags"].values())
    assert counts == sorted(counts, reverse=True) and "" not in captions.classes["tags"]
    batch = next(iter(captions.batches(4, 0)))
    assert batch["x"].shape == (4, 32, 32, 3) and batch["text"].shape == (4, 10)
    assert batch["factors"].shape == (4, 6) and batch["tags"].dtype == tf.string
    named = batch["named"].numpy()
    assert named.shape == (4, 10, 6) and named[:, :3].all() and not named.all()
    np.testing.assert_array_equal(named[:, :5], named[:, 5:])  # as the captions, which come again
    for said, factors in zip(batch["text"].numpy(), batch["factors"].numpy()):
        colours = ("red", "crimson", "scarlet")
        named = any(word in caption.decode() for caption in said[:1] for word in colours)
        assert named == (factors[1] == 0)


def test_labels_alone_are_descriptions_too(data_dir):
    found = datasets.load_descriptions("digits", data_dir=data_dir)
    assert found.classes == {"factors": {"label": 10}, "tags": {}}
    assert set(next(iter(found.batches(2, 0)))) == {"x", "factors"}


def test_images_of_a_batch_have_distinct_labels(data_dir):
    data = datasets.load_descriptions("digits", distinct="label", data_dir=data_dir)
    batches = [b["factors"].numpy()[:, 0] for b, _ in zip(data.batches(8, 3), range(300))]
    assert all(len(set(labels)) == 8 for labels in batches)
    np.testing.assert_allclose(np.bincount(np.ravel(batches)), 240, atol=30)  # 4 standard deviations
    again = next(iter(data.batches(8, 3, first=17)))["factors"].numpy()[:, 0]
    np.testing.assert_array_equal(again, batches[17])
    assert np.any(next(iter(data.batches(8, 4)))["factors"].numpy()[:, 0] != batches[0])


def test_all_images_of_a_label_are_drawn_equally_often(monkeypatch):
    factors = np.int32([[2], [0], [2], [2], [0], [5]])
    columns = {"x": np.arange(6, dtype=np.uint8).reshape(6, 1, 1, 1), "factors": factors}
    examples = tf.data.Dataset.from_tensor_slices(columns)
    data = DistinctData("numbers", (1, 1, 1), {"factors": {"label": 6}}, 6, examples)
    drawn = np.concatenate([b["x"].numpy().ravel() for b, _ in zip(data.batches(3, 0), range(600))])
    wanted = np.array([200, 300, 200, 200, 300, 600])
    np.testing.assert_allclose(np.bincount(drawn), wanted, atol=50)
    with pytest.raises(
        ZooError, match="3 different values of label, fewer than a batch of 4.*batch_size=3"
    ):
        data.batches(4, 0)
    monkeypatch.setattr("zoo.datasets.data.in_memory", 1)
    with pytest.raises(ZooError, match="does not fit in memory.*distinct"):
        data.batches(3, 0)


def test_images_without_labels_are_their_own_classes(data_dir):
    where = {"split": "held_out", "image_size": 16, "data_dir": data_dir}
    assert type(datasets.load_descriptions("shapes/captions", distinct="label", **where)) is datasets.Data
    with pytest.raises(ZooError, match="no factor 'plaec'. Did you mean place"):
        datasets.load_descriptions("shapes/captions", distinct="plaec", **where)


class CocoLike(tfds.core.GeneratorBasedBuilder):
    """Features as TFDS' coco_captions has them: captions with numbers beside them."""

    pkg_dir_path = pathlib.Path(__file__).parent
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        captions = tfds.features.Sequence({"id": np.int64, "text": tf.string})
        features = {"image": tfds.features.Image(), "image/id": np.int64, "captions": captions}
        return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        for i in range(3):
            said = [{"id": j, "text": f"picture {i}, person {j}"} for j in range(3 + i)]
            yield i, {"image": np.zeros((20, 30 + i, 3), np.uint8), "image/id": i, "captions": said}


def test_captions_with_numbers_beside_them_as_cocos(data_dir):
    found = datasets.load_descriptions("coco_like", image_size=16, data_dir=data_dir)
    assert found.shape == (16, 16, 3) and found.classes == {"factors": {}, "tags": {}}
    for row in found.columns()["text"]:
        assert len(row) == 10 and 3 <= len(set(row)) <= 5 and row[0] in row[3:]


@pytest.fixture
def described(tmp_path):
    """Folders as CUB and MIR Flickr are distributed, with a picture that nobody described."""
    rng = np.random.default_rng(0)
    for i in range(1, 5):
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.fromarray(rng.integers(255, size=(20, 24, 3)).astype(np.uint8)).save(
            tmp_path / "images" / f"im{i}.jpg"
        )
    for part in ("text_c10/001.Albatross", "meta/tags", "doc"):
        (tmp_path / part).mkdir(parents=True)
    for i in range(1, 4):
        (tmp_path / f"text_c10/001.Albatross/im{i}.txt").write_text(f"a bird {i}\n\nétrange {i}\n")
        (tmp_path / f"meta/tags/tags{i}.txt").write_text("bird\nsky\n" if i < 3 else "bird\n")
    (tmp_path / "doc" / "licence.txt").write_text("im1 is free")
    return tmp_path


def test_a_folder_of_pictures_and_texts(described, data_dir, capsys):
    found = datasets.load_descriptions(str(described), image_size=16, data_dir=data_dir)
    assert found.classes["tags"] == {"bird": 3, "sky": 2} and found.count == 4
    columns = found.columns()
    said = {row[0].decode() for row in columns["text"]}
    assert said == {"a bird 1", "a bird 2", "a bird 3", ""}
    assert "warning: 1 of 4 pictures have no captions" in capsys.readouterr().err
    assert all(len(set(row)) == (2 if row[0] else 1) for row in columns["text"])
    assert sorted(b"".join(row) for row in columns["tags"]) == [b"", b"bird", b"birdsky", b"birdsky"]


def test_texts_that_are_missing_or_broken_are_told(described, tmp_path_factory, data_dir):
    (described / "meta/tags/tags1.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ZooError, match="tags1.txt is not UTF-8"):
        datasets.load_descriptions(str(described), image_size=16, data_dir=data_dir)
    strange = tmp_path_factory.mktemp("strange")
    (strange / "text").mkdir()
    Image.new("RGB", (16, 16)).save(strange / "a.png")
    (strange / "text" / "a.png.txt").write_text("a picture")
    with pytest.raises(ZooError, match="a.png.txt speaks of no picture.*: name it a.txt"):
        datasets.load_descriptions(str(strange), image_size=16, data_dir=data_dir)
    bare = tmp_path_factory.mktemp("bare")
    Image.new("RGB", (16, 16)).save(bare / "a.png")
    with pytest.raises(ZooError, match="no captions, tags or labels.* Set dataset=shapes/captions"):
        datasets.load_descriptions(str(bare), image_size=16, data_dir=data_dir)
    with pytest.raises(ZooError, match="needs a size. Set image_size=64"):
        datasets.load_descriptions(str(bare), data_dir=data_dir)


def test_changed_texts_are_read_anew(described):
    files = [path for path, _ in image_files(described)]
    kind = {"place": Place(described), "reading": Reading(), "image_size": 16, "described": True}
    before = Builder(**kind).builder_config.name
    (described / "meta/tags/tags1.txt").write_text("gull\n")
    assert texts(described, files)[0]["tags"] == ["gull"]
    assert Builder(**kind).builder_config.name != before


def test_the_mark_of_windows_editors_is_no_part_of_a_word(tmp_path):
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "a.txt").write_text("sky\n", encoding="utf-8-sig")
    assert texts(tmp_path, [tmp_path / "a.png"]) == [{"tags": ["sky"]}]


def test_tags_in_a_pictures_own_name_are_no_flickrs(tmp_path):
    for file in ("price_tags_1.png", "im7.png", "tags/price_tags_1.txt", "tags/tags7.txt"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(file)
    said = texts(tmp_path, [tmp_path / "price_tags_1.png", tmp_path / "im7.png"])
    assert [one["tags"] for one in said] == [["tags/price_tags_1.txt"], ["tags/tags7.txt"]]


def test_texts_of_pictures_that_share_a_name_go_by_their_folders(tmp_path):
    for kind in ("cats", "dogs"):
        for file in (tmp_path / kind / "1.png", tmp_path / "text" / kind / "1.txt"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"one of the {kind}")
    files = [tmp_path / "cats" / "1.png", tmp_path / "dogs" / "1.png"]
    said = [one["captions"] for one in texts(tmp_path, files)]
    assert said == [["one of the cats"], ["one of the dogs"]]
    (tmp_path / "text" / "dogs" / "1.txt").rename(tmp_path / "text" / "1.txt")
    with pytest.raises(ZooError, match="dogs/1.png or another image.*into a folder dogs"):
        texts(tmp_path, files)
    (tmp_path / "text" / "cats" / "1.txt").unlink()
    assert texts(tmp_path, files[:1]) == [{"captions": ["one of the dogs"]}]  # no doubt


@pytest.mark.slow
def test_schemes_say_what_their_data_lacks(data_dir):
    for name, message, stages in (
        ("gancls", "no captions", ()),
        ("tagcgan", "tags occur", (1,)),
        ("textencoder", "captions", ()),
    ):
        chosen = dataclasses.replace(recipe.find(name), dataset="digits", image_size=16, channels=1)
        chosen = dataclasses.replace(
            chosen,
            network=small[name],
            parts={},
            batch_size=4,
            precision="float32",
            batch_groups=(),
            stages=stages,
        )
        with pytest.raises(ZooError, match=message):
            last_stage_step(chosen, data_dir)


def last_stage_step(chosen, data_dir):
    data = load_data(chosen, data_dir=data_dir)
    game = assemble(chosen, data)
    game.stage = game.stages - 1
    game.train_step(next(iter(data.batches(4, 0))))

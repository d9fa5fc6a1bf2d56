"""Scenes whose truth is known: the same for ever, at any size, and what their captions say of them."""

import re

import numpy as np
import pytest

from zoo import datasets
from zoo.datasets.shapes import builder, scenes, words
from zoo.errors import ZooError


def test_a_scene_is_a_function_of_its_index_alone():
    many, one = scenes.several(range(20)), scenes.several([7])
    np.testing.assert_array_equal(scenes.draw(many, 32, "neon")[7], scenes.draw(one, 32, "neon")[0])
    assert not np.array_equal(scenes.draw(scenes.several([7], stream=1), 32, "neon")[0], one)
    # The first scene of all, for ever: published models were trained on it.
    first = scenes.single([0])
    assert words.factors(first[0]) == {
        "kind": "cross",
        "colour": "orange",
        "size": "small",
        "texture": "striped",
        "place": "top right",
        "ground": "yellow",
    }


def test_the_same_scene_at_two_sizes_is_the_same_picture():
    drawn = scenes.several(range(8))
    for style in scenes.styles:
        small, large = (scenes.draw(drawn, size, style).astype(float) for size in (32, 128))
        reduced = large.reshape(8, 32, 4, 32, 4, 3).mean((2, 4))
        assert np.abs(reduced - small).mean() < 4, style  # of 255


def test_edges_are_smooth():
    picture = scenes.draw(scenes.several(range(4)), 64, "paper").astype(int)
    levels = [len(np.unique(image.reshape(-1, 3), axis=0)) for image in picture]
    assert min(levels) > 100  # not the two colours of a jagged outline


def test_objects_are_whole_apart_and_where_they_are_said_to_be():
    drawn = scenes.several(range(200))
    labels = scenes.segmentation(drawn, 64)
    assert not labels[:, [0, -1]].any() and not labels[:, :, [0, -1]].any()
    for scene, label in zip((drawn[i] for i in range(200)), labels):
        kinds = scene.kind[: scene.count]
        assert set(np.unique(label)) == {0, *(1 + kinds)}
        for k, x, y in zip(kinds, scene.x, scene.y):
            assert label[int(y * 64), int(x * 64)] == 1 + k


@pytest.mark.parametrize("k, area", [(0, np.pi * 0.81), (1, 1.56**2), (2, 0.75 * np.sqrt(3))])
def test_outlines_have_the_areas_of_their_shapes(k, area):
    at = np.linspace(-1.2, 1.2, 600)
    inside = scenes.outlines[k](at[None, None], at[None, :, None]) < 0
    assert abs(inside.mean() * 2.4**2 - area) < 0.02


def test_singles_show_every_factor_alike_and_never_a_colour_on_itself():
    drawn = scenes.single(range(6000))
    for name, options in (
        ("kind", scenes.kinds),
        ("colour", scenes.colours),
        ("size", scenes.sizes),
        ("texture", scenes.textures),
        ("place", scenes.places),
    ):
        shares = np.bincount(getattr(drawn, name)[:, 0], minlength=len(options)) / 6000
        np.testing.assert_allclose(shares, 1 / len(options), atol=0.02)
    colours = np.array(list(scenes.colours))[drawn.colour[:, 0]]
    assert not (colours == np.array(list(scenes.grounds))[drawn.ground]).any()


def test_aligned_objects_differ_in_shape_colour_and_ground_alone():
    drawn = scenes.aligned(range(3000))
    for name, options in (("kind", scenes.kinds), ("colour", scenes.colours)):
        shares = np.bincount(getattr(drawn, name)[:, 0], minlength=len(options)) / 3000
        np.testing.assert_allclose(shares, 1 / len(options), atol=0.03)
    assert {words.factors(drawn[i])["place"] for i in range(50)} == {"middle centre"}
    assert len(set(zip(drawn.kind[:, 0], drawn.colour[:, 0], drawn.ground))) == 6 * (7 * 6 - 3)
    labels = scenes.segmentation(drawn[:100], 64)
    assert (labels[:, 32, 32] == 1 + drawn.kind[:100, 0]).all()
    assert not labels[:, :10].any() and not labels[:, -10:].any()


def test_captions_are_several_and_true():
    for index in range(50):
        scene = scenes.single([index])[0]
        written, named = words.captions(scene, index)
        assert len(written) == 5 and len(set(written[: words.complete])) == words.complete
        assert (written, named) == words.captions(scene, index)
        assert np.all(named[: words.complete]) and np.all(np.array(named)[:, 0])
        names = words.factors(scene)
        for caption, told in zip(written, named):
            assert not re.search(r"[][{}]|  | ,|,,|,$|\ba [aeiou]", caption), caption
            for key in ("kind", "size", "texture"):
                found = [word for word in words.synonyms[names[key]] if re.search(rf"\b{word}\b", caption)]
                assert bool(found) == told[list(words.values).index(key)], (caption, names)
            coloured = any(word in caption for word in words.synonyms[names["colour"]])
            assert coloured or not told[list(words.values).index("colour")], (caption, names)
            for key, word in (("ground", names["ground"]), ("place", names["place"].split()[1])):
                assert word in caption or not told[list(words.values).index(key)], (caption, names)


def test_captions_leave_out_each_factor_but_the_shape_as_often():
    named = [words.captions(scenes.single([i])[0], i)[1][words.complete :] for i in range(400)]
    shares = np.reshape(named, (-1, 6)).mean(0)
    np.testing.assert_allclose(shares, [1, *[0.5] * 5], atol=0.06)


def test_tags_have_synonyms_gaps_and_noise():
    given = [words.tags(scenes.single([i])[0], i) for i in range(300)]
    counts = {tag: sum(tag in tags for tags in given) for tag in {t for tags in given for t in tags}}
    assert {"circle", "disc"} <= set(counts) and any(t in counts for t in words.extra_tags)
    assert len({len(tags) for tags in given}) > 3


@pytest.mark.slow
def test_held_out_pairs_are_in_no_training_caption(data_dir):
    kind = builder.Builder(config=builder.Builder.at_size("captions", 32), data_dir=data_dir)
    kind.download_and_prepare()
    pairs = {
        split: {(int(e["kind"]), int(e["colour"])) for e in kind.as_dataset(split=split).take(600)}
        for split in ("train", "test", "held_out")
    }
    assert not pairs["train"] & pairs["held_out"] and not pairs["test"] & pairs["held_out"]
    assert len(pairs["held_out"]) == 6 and len({c for _, c in pairs["train"]}) == 7
    example = next(iter(kind.as_dataset(split="held_out").as_numpy_iterator()))
    assert len(example["captions"]) == 5 and example["image"].shape == (32, 32, 3)
    assert example["named"].shape == (5, 6) and not example["named"].all()


@pytest.mark.slow
def test_domains_share_scenes_only_where_they_are_evaluated(data_dir):
    where = {"image_size": 16, "data_dir": data_dir}
    train = datasets.load_domains("shapes/unpaired", **where)
    test = datasets.load_domains("shapes/unpaired", "test", **where).columns()
    assert "y" not in train.columns(0, 50) and test["y"].shape == (400, 16, 16, 1)
    assert test["a"].mean() > 150 > 80 > test["b"].mean()  # paper is light, the night dark
    batch = next(iter(train.batches(3, 0)))
    assert batch["a"].shape == batch["b"].shape == (3, 16, 16, 3)


@pytest.mark.slow
def test_pairs_are_two_styles_of_one_scene_in_the_direction_asked_for(data_dir):
    where = {"split": "test", "image_size": 16, "data_dir": data_dir}
    ab = datasets.load_pairs("shapes/paired", **where)
    ba = datasets.load_pairs("shapes/paired", direction="ba", **where)
    assert ab.shape == (16, 16, 3)
    there, back = ab.columns(0, 9), ba.columns(0, 9)
    np.testing.assert_array_equal(there["a"], back["b"])
    ground = there["y"][..., 0] == 0
    assert (there["a"][ground] == [0, 0, 170]).all()  # the label map, in facades' colours
    with pytest.raises(ZooError, match="direction"):
        datasets.load_pairs("shapes/paired", direction="ac", **where)


def test_the_map_tells_the_segmentation():
    drawn = scenes.several(range(5))
    picture, labels = scenes.draw(drawn, 32, "map"), scenes.segmentation(drawn, 32)
    colours = np.round(scenes.map_colours * 255).astype(np.uint8)
    np.testing.assert_array_equal(colours[labels], picture)
    assert len(np.unique(colours, axis=0)) == 7


def test_unknown_configs_are_named(data_dir):
    with pytest.raises(ZooError, match="unpaired"):
        datasets.load_domains("shapes/unpared", image_size=16, data_dir=data_dir)

"""Text and tags: encoders, pictures made from words, words found for pictures."""

import dataclasses
import itertools
import json
import pathlib
import random
import subprocess
import sys
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image

import zoo
from zoo import datasets, recipe
from zoo.datasets.folder.builder import Builder, pictures, texts
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate
from zoo.evaluate.protocols.words import caption_agreement
from zoo.game import losses, randomness
from zoo.images import pixels, plots
from zoo.metrics import agreement
from zoo.models import tagcgan, textencoder
from zoo.models.build import build
from zoo.models.rebuild import rebuild
from zoo.networks import pretrained
from zoo.networks.described import other_captions
from zoo.networks.encoders import Characters, encoder
from zoo.parts import make_parts
from zoo.parts.inputs import recoloured
from zoo.parts.losses import Matching
from zoo.saved.trained import Trained
from zoo.tasks.generation.album import write_album
from zoo.tasks.inputs import draw_inputs, text_walk, walk_inputs
from zoo.train.assemble import assemble, load_data
from zoo.train.run import train

strange = ["", " ", "red", "RED", "x" * 5000, "круг", "赤い丸", "🔴", "a\x00b", "%$#\n\t"]


def tiny_encoder(width=6):
    random.seed(1)  # from which Keras draws the seeds of the initial weights
    return textencoder.char_cnn_rnn(66, (4, 5, 6), width)


@pytest.fixture(scope="module")
def captions(data_dir):
    return datasets.load_descriptions("shapes/captions", "held_out", image_size=32, data_dir=data_dir)


# Texts


def test_characters_are_one_hot_rows_padded_and_cut():
    rows = Characters(5)(tf.constant(["aB", "", "é", "abcdefg"])).numpy()
    assert rows.shape == (4, 5, 70)
    assert rows[0].argmax(1)[:2].tolist() == [0, 1] and rows[0].sum(1).tolist() == [1, 1, 0, 0, 0]
    assert not rows[1].any() and not rows[2].any()
    assert rows[3].argmax(1).tolist() == [0, 1, 2, 3, 4]


def test_any_string_is_embedded_and_capitals_do_not_matter():
    found = tiny_encoder()(tf.constant(strange)).numpy()
    assert found.shape == (len(strange), 6) and np.isfinite(found).all()
    np.testing.assert_array_equal(found[2], found[3])
    assert np.any(found[0] != found[2])


def test_the_paper_s_encoder_has_the_authors_sizes():
    network = textencoder.char_cnn_rnn(201, (384, 512, 256), 1024)
    lengths = [layer.output.shape[1] for layer in network.layers if len(layer.output.shape) == 3]
    assert lengths == [201, 198, 66, 63, 21, 18, 8, 8]
    # 4·70·384 + 4·384·512 + 4·512·256 kernels, two 256² of the recurrence, 256·1024, and biases
    kernels = 4 * 70 * 384 + 4 * 384 * 512 + 4 * 512 * 256 + 2 * 256**2 + 256 * 1024
    assert network.count_params() == kernels + 384 + 512 + 256 + 256 + 1024


def test_a_users_own_encoder_takes_the_place(tmp_path):
    vectorise = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    vectorise.adapt(["a red star", "a blue circle"])
    text = keras.Input((), dtype="string")
    h = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(20, 3)(vectorise(text)))
    own = keras.Model(text, h)
    own.save(tmp_path / "own.keras")
    words = tf.constant(["a red circle", "a blue star"])
    for which in (own, str(tmp_path / "own.keras")):
        network = encoder(which)
        np.testing.assert_allclose(network(words), own(words), rtol=1e-6)
        assert not network.trainable_variables
    game = build("gancls", (16, 16, 3), encoder=own, width=4, discriminator_width=4)
    assert game.sample(tf.constant([1, 2], tf.int64), text=words).shape == (2, 16, 16, 3)


@pytest.mark.slow
def test_a_users_own_encoder_is_exported_with_its_words(tmp_path, data_dir, monkeypatch):
    vectorise = keras.layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    vectorise.adapt(["a red star", "a blue circle"])
    text = keras.Input((), dtype="string")
    h = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(20, 3)(vectorise(text)))
    keras.Model(text, h).save(tmp_path / "own.keras")
    network = {"width": 4, "discriminator_width": 4, "encoder": str(tmp_path / "own.keras")}
    made = dataclasses.replace(
        recipe.find("gancls"), dataset="shapes/captions", network=network, batch_groups=(), batch_size=4
    )
    made = dataclasses.replace(
        made,
        parts={},
        examples=(),
        stages=(),
        image_size=16,
        steps=1,
        period=1,
        precision="float32",
        split="held_out",
    )
    train(made, tmp_path / "run", data_dir=data_dir)  # and without `examples`, for its pictures
    trained = zoo.load(tmp_path / "run")
    pictures = trained.sample(text=["a red circle"], seed=[1])
    words = ["a red circle", "a blue star", "nothing known"]
    embedded = trained.call("embed", text=words)["embedding"]
    np.testing.assert_allclose(embedded, keras.Model(text, h)(tf.constant(words)), atol=1e-3)
    again = rebuild(trained).sample(tf.constant([1], tf.int64), text=tf.constant(["a red circle"]))
    assert np.abs(np.int32(again[0]) - pictures[0]).max() <= 1
    with pytest.raises(ZooError, match="needs a caption.* Set text=…"):
        write_album(trained, tmp_path / "album")
    # Told what is wanted, it shows nothing else.
    walked, walk = [], walk_inputs
    monkeypatch.setattr(
        "zoo.tasks.generation.album.walk_inputs", lambda *a, **k: walked.append(walk(*a, **k)) or walked[0]
    )
    given = {"text": ["a red circle"]}
    written = write_album(trained, tmp_path / "album", columns=2, images=3, given=given)
    assert {file.name for file in written} >= {"grid.png", "walk.gif", "00002.png"}
    assert set(walked[0]["text"]) == {"a red circle"}
    with pytest.raises(ZooError, match="2 captions do not fit 3 images. Set images=2"):
        write_album(trained, tmp_path / "none", images=3, given={"text": ["a star", "a circle"]})
    assert not (tmp_path / "none").exists()


def test_texts_that_are_no_utf8_are_read_too():
    game = build("gancls", (16, 16, 3), **small["gancls"])
    spec = {"dtype": "string", "shape": [None]}
    trained = types.SimpleNamespace(priors={})
    made = Trained.as_array(trained, "text", ["caf\udce9", b"tea"], spec)
    assert made.tolist() == [b"caf\xe9", b"tea"]
    assert game.sample(tf.constant([1, 2], tf.int64), text=tf.constant(made)).shape == (2, 16, 16, 3)


def test_what_is_no_encoder_is_refused(tmp_path):
    (tmp_path / "broken.keras").write_text("no")
    with pytest.raises(ZooError, match="cannot be read"):
        encoder(str(tmp_path / "broken.keras"))
    with pytest.raises(ZooError, match="no network of the kind"):
        encoder("classifier_digits")
    with pytest.raises(ZooError, match="does not take strings"):
        encoder(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
    with pytest.raises(ZooError, match="textencoder_shapes|trained model"):
        encoder("textencoder_shaped")


# Losses, against computations by hand


def test_matching_aware_loss():
    right, wrong, fake = np.array([1.0, -0.5]), np.array([0.3, 0.2]), np.array([-1.0, 2.0])
    s = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    wanted = -np.log(s(right)).mean() - 0.5 * (np.log(1 - s(wrong)).mean() + np.log(1 - s(fake)).mean())
    np.testing.assert_allclose(losses.matching_aware(right, wrong, fake), wanted, rtol=1e-6)


def slots(name, **options):
    (made,) = make_parts({name: options})
    return made.slots()


def test_nearest_negatives_are_other_captions_and_similar_in_even_rows():
    t = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    t[4] = 3 * t[2] + 0.01  # near in direction
    negatives = slots("nearest_negatives")["negatives"]
    other = negatives(lambda pair, training: pair[1], None, tf.constant(t)).numpy()
    for i, mine in enumerate(other):
        assert not np.array_equal(mine, t[i])
        assert any(np.array_equal(mine, text) for text in t)
    np.testing.assert_array_equal(other[[2, 4]], t[[4, 2]])
    np.testing.assert_array_equal(other[1::2], t[0::2])


def test_joint_embedding_loss():
    rng = np.random.default_rng(0)
    v, t = rng.normal(size=(2, 5, 3))
    for scale in (1, 300):
        scores, soft, hard, mean = scale * v @ t.T, 0.0, 0.0, 0.0
        for i in range(5):
            for row in (scores[i], scores[:, i]):
                wrong = [1 + row[j] - row[i] for j in range(5) if j != i]
                soft += np.logaddexp.reduce([0, *wrong]) / 5
                hard += max(0, *wrong) / 5
                mean += sum(max(0, w) for w in wrong) / 25  # the authors' denominator: batch × classes
        np.testing.assert_allclose(losses.joint_embedding(scores), mean, rtol=1e-5)
        np.testing.assert_allclose(losses.hardest_joint_embedding(scores), soft, rtol=1e-5)
    np.testing.assert_allclose(soft, hard, rtol=1e-3)  # the maximum, if the differences are large
    for loss in (losses.joint_embedding, losses.hardest_joint_embedding):
        assert float(loss(np.eye(4) * 100)) == 0


def test_divergence_of_normals():
    mean, log_sigma = np.array([[0.5, -1.0]]), np.array([[0.2, -0.3]])
    x = mean + np.exp(log_sigma) * np.random.default_rng(0).normal(size=(400_000, 2))
    log_p = -0.5 * ((x - mean) / np.exp(log_sigma)) ** 2 - log_sigma
    sampled = (log_p + 0.5 * x**2).mean()
    np.testing.assert_allclose(losses.normal_divergence(mean, log_sigma), sampled, atol=5e-3)
    assert float(losses.normal_divergence(np.zeros((2, 3)), np.zeros((2, 3)))) == 0


# Data


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
    files = [path for path, _ in pictures(described)]
    before = Builder(folder=described, image_size=16, described=True).builder_config.name
    (described / "meta/tags/tags1.txt").write_text("gull\n")
    assert texts(described, files)[0]["tags"] == ["gull"]
    assert Builder(folder=described, image_size=16, described=True).builder_config.name != before


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


ours = {"projection_head": {}, "all_negatives": {}}

small = {
    "attributes": {"width": 4, "features": 8},
    "textencoder": {"length": 66, "filters": (4, 5, 6), "embedding": 6, "image": "classifier_digits"},
    "gancls": {"encoder": tiny_encoder(), "width": 4, "discriminator_width": 4},
    "stackgan": {
        "encoder": tiny_encoder(),
        "width": (4, 8),
        "discriminator_width": (4, 4),
        "blocks": 1,
    },
    "tagcgan": {
        "features": "attributes_shapes",
        "generator_units": (8, 8),
        "size": 12,
        "discriminator_units": (8, 8, 8),
    },
}


def test_recoloured_copies_show_the_same_in_other_colours():
    x = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 3)).astype(np.float32)
    with randomness.Draws(0, 0, 0):
        copies = recoloured(tf.constant(x)).numpy()
    poses = [np.rot90(y, k, (1, 2)) for y in (x, x[:, :, ::-1]) for k in range(4)]
    pose = min(poses, key=lambda y: np.abs(np.sort(np.abs(y), -1) - np.sort(np.abs(copies), -1)).max())
    made = set()
    for original, copy in zip(pose, copies):  # one pose of a batch, each picture's own signed permutation
        fit = [
            (permutation, signs)
            for permutation in itertools.permutations(range(3))
            for signs in itertools.product((-1, 1), repeat=3)
            if np.allclose(original[..., permutation] * np.array(signs), copy, atol=1e-5)
        ]
        assert len(fit) == 1
        made.add(fit[0])
    assert len(made) > 25  # of 48
    drawn = set()
    for i in range(40):
        with randomness.Draws(0, i, 0):
            shown = recoloured(tf.constant(x[:1])).numpy()
        drawn |= {
            j
            for j, y in enumerate(poses)
            if np.allclose(np.sum(y[0] ** 2, -1), np.sum(shown[0] ** 2, -1), atol=1e-5)
        }
    assert drawn == set(range(8))


def test_copies_in_other_colours_are_asked_what_they_still_show(captions, monkeypatch):
    game = build(
        "attributes", (32, 32, 3), captions.classes, **small["attributes"], recoloured=("kind", "size")
    )
    game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
    asked = []
    monkeypatch.setattr(
        "zoo.models.attributes.cross_entropy", lambda y, h: asked.append((y, h)) or tf.reduce_mean(h)
    )
    batch = next(iter(captions.batches(5, 0)))
    game.train_step(batch)
    named = list(captions.classes["factors"])
    wanted = [batch["factors"][:, named.index(name)] for name in (*named, "kind", "size")]
    assert len(asked) == len(wanted)
    for (labels, logits), truth in zip(asked, wanted):
        np.testing.assert_array_equal(labels, truth)
        assert len(logits) == 5
    of_kind = named.index("kind")
    assert np.any(asked[of_kind][1] != asked[-2][1])  # of other pictures
    for shape, names, message in (((32, 32, 3), ("kynd",), "kind"), ((32, 16, 3), ("kind",), "quarters")):
        with pytest.raises(ZooError, match=message):
            build("attributes", shape, captions.classes, recoloured=names)


# Pictures from words


def test_gancls_is_told_interpolations_and_judges_three_kinds_of_pair(captions, monkeypatch):
    game = build("gancls", (32, 32, 3), **small["gancls"])
    game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
    seen = {}
    told = []

    def aware(right, wrong, fake):
        seen.update(right=right, wrong=wrong, fake=fake)
        return tf.reduce_mean(right + wrong + fake)

    paint = game.paint
    monkeypatch.setattr(losses, "matching_aware", aware)
    monkeypatch.setattr(game, "paint", lambda t, training: told.append(t) or paint(t, training))
    batch = next(iter(captions.batches(4, 0)))
    tf.config.run_functions_eagerly(True)
    try:
        game.train_step(batch)
    finally:
        tf.config.run_functions_eagerly(False)
    assert {k: v.shape for k, v in seen.items()} == dict.fromkeys(seen, (4, 1))
    t = told[0]["text"].numpy()
    assert len(t) == 6 and told[0]["z"].shape == (6, 100)
    np.testing.assert_allclose(t[4:], 0.5 * (t[:2] + t[2:4]), rtol=1e-6)


def test_all_texts_may_be_interpolated(captions, monkeypatch):
    game = build("gancls", (32, 32, 3), **small["gancls"], interpolated=1.0)
    game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
    told, paint = [], game.paint
    monkeypatch.setattr(game, "paint", lambda t, training: told.append(t) or paint(t, training))
    game.train_step(next(iter(captions.batches(4, 0))))
    t = told[0]["text"].numpy()
    np.testing.assert_allclose(t[4:], 0.5 * (t[:4] + t[[2, 3, 0, 1]]), rtol=1e-6)


@pytest.mark.slow
def test_a_projection_d_reads_pictures_by_their_texts():
    game = build("gancls", (32, 32, 3), parts=ours, **small["gancls"])
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (16, 32, 32, 3)), rng.normal(size=(16, 6))
    x, t = (tf.constant(v, tf.float32) for v in (x, t))

    optimizer, d = keras.optimizers.Adam(3e-3), game.discriminator
    variables = game.side_variables("discriminator")
    for _ in range(120):  # which of sixteen texts is whose
        with tf.GradientTape() as tape:
            right, wrong = d([x, t], training=True), d.negatives(d.judge, d.trunk(x, training=True), t)
            loss = tf.reduce_mean(tf.nn.softplus(-right) + tf.nn.softplus(wrong))
        optimizer.apply(tape.gradient(loss, variables), variables)
    assert right.shape == wrong.shape == (16, 1)
    assert np.mean(right.numpy() > wrong.numpy()) > 0.8


@pytest.mark.slow
def test_the_penalty_of_gancls_is_r1_of_d_told_the_same_texts(captions):
    batch = next(iter(captions.batches(5, 0)))
    lost = []
    for penalty in (0.0, 1000.0):
        random.seed(0)  # from which Keras draws the seeds of the initial weights
        parts = {**ours, "r1": {"weight": penalty, "share": 0.25}}
        game = build("gancls", (32, 32, 3), parts=parts, **small["gancls"])
        game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
        lost.append(float(tf.function(game.train_step)(batch)["discriminator_loss"]))
    with randomness.Draws(0, 0, 0):  # as in the step
        x, t = game.real(batch)[:2], game.embed_batch(batch)[0][:2]  # a quarter of five, and more
    with tf.GradientTape() as tape:
        tape.watch(x)
        verdict = game.discriminator([x, t], training=True)
    norms = tf.norm(tf.reshape(tape.gradient(verdict, x), [2, -1]), axis=1)
    np.testing.assert_allclose(lost[1] - lost[0], 1000.0 * 0.5 * np.mean(norms**2), rtol=1e-3)


def test_a_projection_d_compares_pictures_with_all_other_texts_of_the_batch():
    game = build("gancls", (16, 16, 3), parts=ours, **small["gancls"])
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (5, 16, 16, 3)), rng.normal(size=(5, 6))
    x, t, d = tf.constant(x, tf.float32), tf.constant(t, tf.float32), game.discriminator
    with tf.GradientTape() as tape:
        seen = d.trunk(x, training=True)
        tape.watch(seen)
        worst = d.negatives(d.judge, seen, t)
    turned = [d.judge([seen, tf.roll(t, k, 0)], training=True) for k in range(1, 5)]
    np.testing.assert_allclose(worst[:, 0], tf.reduce_logsumexp(turned, 0)[:, 0], rtol=1e-4)
    assert worst.shape == (5, 1) and np.all(np.any(tape.gradient(worst, seen) != 0, 1))
    alone = d.negatives(d.judge, seen[:1], t[:1])  # nobody else's text: nothing to lose
    assert float(losses.matching_aware(0.0, alone, -100.0)) == pytest.approx(np.log(2))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_whitened_texts_are_learned_of_in_training_alone_and_told_to_all(captions, name):
    game = build(name, (32, 32, 3), parts={"whitening": {}}, **small[name])
    game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
    step = tf.function(game.train_step)
    for batch in itertools.islice(captions.batches(8, 0), 20):
        step(batch)
    assert float(game.scaled.batches) == 20
    written = tf.constant(np.ravel(captions.columns(0, 160)["text"]))
    told = game.encode(game.filled(tf.zeros([len(written)], tf.int64), {"text": written}))["text"]
    raw, variances = (np.linalg.eigvalsh(np.cov(np.transpose(t))) for t in (game.encoder(written), told))
    assert 0.7 < variances[-1] < 1.4 and variances[-3] / variances[-1] > raw[-3] / raw[-1]
    np.testing.assert_array_equal(told, game.scaled(game.encoder(written)))
    assert float(game.scaled.batches) == 20  # what is asked for is not learned of
    plain = build(name, (32, 32, 3), **small[name])
    np.testing.assert_array_equal(plain.embed(written), plain.encoder(written))


@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_each_doubled_map_of_a_modulated_g_is_told_the_text(name):
    def scaled(network):
        return [
            layer.output.shape[1] for layer in network.layers if isinstance(layer, keras.layers.Multiply)
        ]

    game = build(name, (64, 64, 3), parts={"modulation": {}}, **small[name])
    plain = build(name, (64, 64, 3), **small[name])
    assert scaled(game.generator) == {"gancls": [4, 8, 16, 32], "stackgan": [8, 16, 32, 64]}[name]
    assert scaled(plain.generator) == []
    if name == "stackgan":
        assert scaled(game.first["generator"]) == [4, 8] and scaled(plain.first["generator"]) == []


def test_a_modulated_map_is_scaled_and_shifted_by_what_it_is_told():
    h, told = keras.Input((2, 2, 3)), keras.Input((4,))
    network = keras.Model([h, told], slots("modulation")["modulate"](h, told))
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=w.shape).astype(np.float32) for w in network.get_weights()]
    network.set_weights(weights)
    x, t = rng.normal(size=(5, 2, 2, 3)).astype(np.float32), rng.normal(size=(5, 4)).astype(np.float32)
    gamma, beta = t @ weights[0] + weights[1], t @ weights[2] + weights[3]
    wanted = x * (1 + gamma[:, None, None]) + beta[:, None, None]
    np.testing.assert_allclose(network([x, t]), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_g_pays_for_pictures_that_fit_other_texts_better(name, captions, runs, monkeypatch):
    batch, encoder = next(iter(captions.batches(4, 0))), str(runs["textencoder"])
    paid, pay = [], Matching.__call__

    def watched(self, model, side, loss, values):
        paid.append((values["image"], values["phi"]))
        return pay(self, model, side, loss, values)

    monkeypatch.setattr(Matching, "__call__", watched)
    lost, last = [], {"gancls": 1, "stackgan": 2}[name]
    for match, before_the_last in ((0.0, 0), (10.0, 0), (10.0, 1)):
        random.seed(0)  # from which Keras draws the seeds of the initial weights
        matching = {"weight": match, "encoder": encoder, "stage": last}
        parts = {"matching": matching} if match else {}
        game = build(name, (32, 32, 3), parts=parts, **{**small[name], "encoder": encoder})
        game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
        game.stage = game.stages - 1 - before_the_last
        lost.append(float(game.train_step(batch)["generator_loss"]))
    assert len(paid) == 1 and lost[2] == pytest.approx(lost[0], rel=1e-5)  # in the last stage alone
    (x, t), judge = paid[0], zoo.load(encoder)
    assert len(x) == len(t) == 4
    v = rebuild(judge).seen(tf.image.resize(x, (32, 32), "bicubic", antialias=True)).numpy()
    scores = v @ t.numpy().T
    margins = 1 - np.eye(4) + scores
    own = np.diag(scores)
    worst = [np.log(np.exp(margins - own[:, None]).sum(1)), np.log(np.exp(margins - own[None]).sum(0))]
    np.testing.assert_allclose(lost[1] - lost[0], 10.0 * np.mean(worst[0] + worst[1]), rtol=1e-3)
    (part,) = game.parts
    assert game.stages == last + 1 and part.memory[0] in game.memory
    frozen = [v for layer in part.memory for v in layer.variables]
    sides = [v for side in game.sides for v in game.side_variables(side)]
    assert frozen and not {id(v) for v in frozen} & {id(v) for v in sides}
    parts = {"matching": {"weight": 0.1, "encoder": "absent.keras"}}
    with pytest.raises(ZooError, match="matching needs a trained textencoder"):
        build(name, (32, 32, 3), parts=parts, **small[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, stage, side",
    [("gancls", 0, "generator"), ("stackgan", 0, "first_generator"), ("stackgan", 1, "generator")],
)
def test_g_pays_for_what_is_not_as_in_the_pictures_at_the_beginning_alone(
    name, stage, side, captions, monkeypatch
):
    batches, seen = list(itertools.islice(captions.batches(4, 0), 3)), []
    monkeypatch.setattr(losses, "l1", lambda a, b: seen.append((a, b)) or tf.reduce_mean(abs(a - b)))
    lost = []
    for beginning in (0, 2):
        random.seed(0)  # from which Keras draws the seeds of the initial weights
        parts = {"pixel_l1": {"until": beginning}} if beginning else {}
        game = build(name, (32, 32, 3), parts=parts, **small[name])
        game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
        game.stage = stage
        lost.append([float(game.train_step(batch)[f"{side}_loss"]) for batch in batches])
    more = np.subtract(*lost[::-1])
    assert len(seen) == 3  # and what the third says does not count
    for (fakes, x), batch, paid in zip(seen, batches, more):
        assert len(fakes) == len(x) == 4
        real = tf.image.resize(pixels.scale(batch["x"]), x.shape[1:3], antialias=True)
        np.testing.assert_allclose(x, real, atol=1e-6)
        wanted = 100 * np.abs(fakes.numpy() - x.numpy()).mean() if batch is not batches[2] else 0
        assert paid == pytest.approx(wanted, rel=1e-4, abs=1e-4)


def test_what_a_text_makes_depends_on_it_and_on_the_seed():
    game = build("gancls", (16, 16, 3), **small["gancls"])
    seeds = tf.constant([1, 1, 2, 1], tf.int64)
    texts = tf.constant(["a red star", "a blue cross", "a red star", "A RED STAR"])
    made = game.generate(game.filled(seeds, {"text": texts})).numpy()
    assert np.any(made[0] != made[1]) and np.any(made[0] != made[2])
    np.testing.assert_array_equal(made[0], made[3])


@pytest.mark.slow
def test_stackgan_s_second_stage_leaves_the_first_alone(captions):
    game = build("stackgan", (32, 32, 3), **small["stackgan"])
    game.compile({side: keras.optimizers.SGD(0.1) for side in game.sides})
    batch = next(iter(captions.batches(4, 0)))
    state = lambda: {s: [v.numpy() for n in ns for v in n.variables] for s, ns in game.sides.items()}  # noqa: E731
    same = lambda a, b: all(np.array_equal(x, y) for x, y in zip(a, b))  # noqa: E731
    start = state()
    game.train_step(batch)
    first = state()
    game.stage = 1
    game.train_step(batch)
    second = state()
    for side in game.sides:
        early = side.startswith("first")
        assert same(start[side], first[side]) != early, side
        assert same(first[side], second[side]) == early, side
    assert game.first["generator"].output_shape == (None, 8, 8, 3)


@pytest.mark.slow
def test_both_stages_of_stackgan_may_have_projection_discriminators_that_pay_r1(captions):
    batch = next(iter(captions.batches(4, 0)))
    for stage, side in enumerate(("first_discriminator", "discriminator")):
        lost = []
        for penalty in (0.0, 1000.0):
            random.seed(0)  # from which Keras draws the seeds of the initial weights
            parts = {**ours, "r1": {"weight": penalty}}
            game = build("stackgan", (32, 32, 3), parts=parts, **small["stackgan"])
            game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
            game.stage = stage
            lost.append(float(game.train_step(batch)[f"{side}_loss"]))
        assert lost[1] > lost[0] + 1e-3
        assert (game.first, game.second)[stage]["discriminator"].negatives is not other_captions


def test_a_detailed_g_has_a_map_of_the_picture_s_size():
    for detailed, most in ((False, 3), (True, 8)):  # channels of what it draws at that size
        parts = {"detail": {}} if detailed else {}
        game = build("gancls", (16, 16, 3), parts=parts, **{**small["gancls"], "width": 16})
        made = [layer.output.shape for layer in game.generator.layers]
        assert max(shape[-1] for shape in made if shape[1:3] == (16, 16)) == most
        assert made[-1] == (None, 16, 16, 3)


def test_conditions_begin_with_little_noise():
    parts = {"text_norm": {}, "narrow_conditioning": {}}
    game = build("stackgan", (32, 32, 3), parts=parts, **small["stackgan"])
    t = np.random.default_rng(0).normal(size=(64, game.encoder.output_shape[-1]))
    for stage in (game.first, game.second):
        mean, log_sigma = stage["conditioning"](t.astype("float32"), training=True)
        assert np.std(mean) > 5 * np.mean(np.exp(log_sigma))


def test_stackgan_at_the_paper_s_size_has_the_authors_maps():
    game = build(
        "stackgan", (256, 256, 3), encoder=tiny_encoder(), width=(8, 8), discriminator_width=(2, 2)
    )
    rough, fine = game.first["generator"], game.second["generator"]
    assert rough.output_shape == (None, 64, 64, 3) and fine.output_shape == (None, 256, 256, 3)
    trunks = [stage["discriminator"].trunk for stage in (game.first, game.second)]
    assert all(trunk.output_shape == (None, 4, 4, 16) for trunk in trunks)
    widths = {layer.filters for layer in trunks[1].layers if hasattr(layer, "filters")}
    assert {2, 4, 8, 16, 32, 64} <= widths  # up to 32 times the first, then back to 8
    for shape in ((40, 40, 3), (2,)):
        with pytest.raises(ZooError, match="multiples of 32"):
            build("stackgan", shape, encoder=tiny_encoder())


@pytest.fixture(scope="module")
def runs(shared, data_dir):
    """A run of two steps of each model. Models with an encoder use the run of the encoder."""
    made = {}
    depends = {
        "attributes": {},
        "textencoder": {"image": "attributes"},
        "gancls": {"encoder": "textencoder"},
        "stackgan": {"encoder": "textencoder"},
        "tagcgan": {"features": "attributes"},
    }
    for name, others in depends.items():
        network = {**small[name], **{option: str(made[other]) for option, other in others.items()}}
        found = recipe.find(name)
        parts = {k: v for k, v in found.parts.items() if k in ("matching", "resize_convolution")}
        if "matching" in parts:
            parts["matching"] = {**parts["matching"], "encoder": str(made["textencoder"])}
        chosen = dataclasses.replace(
            found, network=network, parts=parts, image_size=32, batch_size=8, steps=2, period=1,
            precision="float32", examples=found.examples[:2],
        )  # fmt: skip
        chosen = dataclasses.replace(chosen, stages=(1,) * len(found.stages))
        made[name] = shared(
            f"texts_{name}", lambda folder, chosen=chosen: train(chosen, folder, data_dir=data_dir)
        )
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_strange_texts_give_pictures(name, runs):
    trained = zoo.load(runs[name])
    made = trained.sample(text=strange, seed=0)
    assert made.shape == (len(strange), 32, 32, 3)
    one = trained.sample(text="a red star", n=3, seed=5)
    np.testing.assert_array_equal(one, trained.sample(text=["a red star"] * 3, seed=5))
    assert trained.sample(n=2).shape == (2, 32, 32, 3)  # of its examples
    for wrong in (7, [1, 2], [["a"]]):
        with pytest.raises(ZooError, match="strings"):
            trained.sample(text=wrong)


@pytest.mark.slow
def test_stage_one_is_offered_beside_stage_two(runs):
    trained = zoo.load(runs["stackgan"])
    seeds = np.arange(2)
    rough = trained.call("sketch", text=["a", "b"], seed=seeds)["image"]
    assert rough.shape == (2, 8, 8, 3) and rough.dtype == np.uint8


@pytest.mark.slow
def test_walks_between_texts_end_at_them(runs):
    trained = zoo.load(runs["gancls"])
    frames = text_walk(trained, ["a red star", "a blue cross"], 4, seed=3)
    assert frames.shape == (4, 32, 32, 3)
    z = draw_inputs({"z": trained.priors["z"]}, 1, 3)["z"]
    for frame, text in ((frames[0], "a red star"), (frames[-1], "a blue cross")):
        made = trained.to_pixels(trained.generate(z=z, text=[text]))
        assert np.abs(np.int32(made[0]) - frame).max() <= 1


@pytest.mark.slow
def test_pictures_of_words_from_the_command_line(runs, tmp_path):
    where = [f"--model={runs['stackgan']}", f"--out={tmp_path}", "--columns=3"]
    run = subprocess.run(
        [sys.executable, "-m", "zoo.sample", *where, "--text=a red star", "--text=ein blaues Kreuz"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert {"text_walk.png", "text_walk.gif"} <= {p.name for p in tmp_path.iterdir()}
    assert Image.open(tmp_path / "grid.png").size == (3 * 33 - 1, 2 * 33 - 1)
    stages = np.array(Image.open(tmp_path / "stages.png"))
    assert stages.shape == (2 * 33 - 1, 6 * 33 - 1, 3)
    np.testing.assert_array_equal(stages[:, 3 * 33 :], np.array(Image.open(tmp_path / "grid.png")))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_agreement_with_captions_is_measured(name, runs, data_dir):
    context = EvaluationContext(zoo.load(runs[name]), 1, 100, str(runs["attributes"]), data_dir)
    results = {r["metric"]: r for r in evaluate(context, recipe.find(name).metrics)}
    assert results["attributes right, seen"]["fake"] == 100
    assert "attributes right, held out" in results and 0 <= results["R-precision"]["value"] <= 1
    score = results["judge-class score"]
    assert score["one_picture"] == pytest.approx(1, abs=1e-6) and score["most"] == 42
    assert 1 <= score["value"] < 42 and score["real_pictures"] > 1
    if name == "stackgan":
        assert results["judge-feature Fréchet distance"]["stage_I_enlarged"] > 0


def test_what_a_caption_leaves_out_is_not_counted():
    named = np.array([[1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 1, 1]], bool)  # of two captions, for all four scenes
    factors = dict.fromkeys(["kind", "colour", "size", "texture", "place", "ground"], 4)
    columns = {
        "x": np.zeros((4, 8, 8, 3), np.uint8),
        "text": np.array([["complete", "less"]] * 4, object),
        "named": np.repeat(named[None], 4, 0),
        "factors": np.repeat(np.arange(4)[:, None], 6, 1),
    }
    read = {name: np.eye(4) for name in factors}
    read["colour"] = np.roll(read["colour"], 1, 0)  # never right
    read["place"] = np.eye(4)[[0, 1, 2, 0]]
    judge = types.SimpleNamespace(
        interface={"x_shape": (8, 8, 3), "factors": factors}, call=lambda _, image: read
    )
    asked = []
    context = types.SimpleNamespace(
        judge=judge,
        count=4,
        seeds=[0],
        recipe=types.SimpleNamespace(dataset="shapes/captions"),
        data=lambda split: types.SimpleNamespace(columns=lambda start, n: columns),
        samples=lambda seed, text: asked.append(text[0]) or columns["x"],
        judged_by=lambda: {"judge": "one"},
    )
    results = {r["metric"]: r for r in caption_agreement(context)}
    assert asked == ["complete", "complete", "less"]
    assert results["attributes right, seen"]["value"] == 0
    less = results["attributes right, seen, something left out"]
    assert less["value"] == less["place"] == 0.75 and less["kind"] == 1
    assert "colour" not in less and results["attributes right, seen"]["colour"] == 0


@pytest.mark.slow
def test_what_is_held_out_is_measured_apart(runs, data_dir):
    for name, protocols in (
        ("attributes", ("factor_accuracy", "held_out_accuracy")),
        ("textencoder", ("caption_retrieval", "held_out_retrieval")),
    ):
        context = EvaluationContext(zoo.load(runs[name]), 1, 100, None, data_dir, "shapes/captions")
        seen, unseen = ({r["metric"]: r for r in evaluate(context, [protocol])} for protocol in protocols)
        assert len(seen) == len(unseen) and not set(seen) & set(unseen)
        assert all(r["split"].endswith(" test") for r in seen.values())
        assert all(r["split"].endswith(" held_out") for r in unseen.values())


# Words for pictures


def test_words_are_found_in_texts_and_nowhere_else():
    words = tagcgan.SkipGram({"red": 5, "rose-coloured": 3, "blue background": 2, "2d": 1}, 4)
    said = words.mentioned(
        tf.constant(["A RED heart", "hundred", "a rose-coloured, big one", "on a blue background!", "2d"])
    )
    wanted = [[1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    np.testing.assert_array_equal(said.numpy().astype(int), wanted)


@pytest.mark.slow
def test_a_batch_without_any_tag_teaches_nothing(data_dir):
    chosen = dataclasses.replace(recipe.find("tagcgan"), network=small["tagcgan"], precision="float32")
    data = load_data(chosen, "held_out", data_dir)
    game = assemble(chosen, data)
    game.compile({side: keras.optimizers.SGD(0.1) for side in game.sides})
    game.stage = 1
    batch = next(iter(data.batches(4, 0)))
    for tags in (tf.fill(batch["tags"].shape, ""), batch["tags"]):
        before = [v.numpy() for v in game.trainable_variables]
        logs = tf.function(game.train_step)({**batch, "tags": tags})
        assert np.isfinite(float(logs["discriminator_loss"]))
        moved = [np.any(v.numpy() != old) for v, old in zip(game.trainable_variables, before)]
        assert any(moved) == (tags is batch["tags"])


def test_words_that_are_said_together_come_near():
    """Two themes of three words that never meet: skip-gram finds them."""
    words = tagcgan.SkipGram(dict.fromkeys("abcdef", 1), 8)
    rng = np.random.default_rng(0)
    optimizer = keras.optimizers.Adam(0.05)
    theme = rng.integers(2, size=64)
    said = tf.constant((np.arange(6) // 3)[None] == theme[:, None])
    for step in range(60):
        with randomness.Draws(0, step), tf.GradientTape() as tape:
            loss = words.loss(said)
        variables = [words.vectors, words.contexts]
        optimizer.apply(tape.gradient(loss, [v.value for v in variables]), variables)
    cosine = words.directions().numpy() @ words.directions().numpy().T
    within = (cosine[:3, :3].sum() + cosine[3:, 3:].sum() - 6) / 12
    assert within > 0.5 > cosine[:3, 3:].mean() + 0.3


def test_pictures_without_words_give_no_loss():
    words = tagcgan.SkipGram({"a": 1, "b": 1}, 4)
    with randomness.Draws(0):
        assert float(words.loss(tf.constant([[True, False], [False, False]]))) == 0


@pytest.mark.slow
def test_tags_are_the_words_nearest_to_most_samples(runs):
    trained = zoo.load(runs["tagcgan"])
    images = np.random.default_rng(0).integers(255, size=(3, 32, 32, 3)).astype(np.uint8)
    found = trained.tag(images)
    assert [len(set(row)) for row in found] == [10] * 3
    assert trained.tag(images[1], seed=0) == found[1]  # whatever its neighbours
    assert len(trained.tag(np.zeros((40, 30), np.uint8))) == 10
    share = trained.call("tag", image=images, seed=[0, 0, 0])["share"]
    assert (np.diff(share, axis=1) <= 1e-6).all() and share.max() <= 1
    with pytest.raises(ZooError, match="is a model for recognition and has no tag"):
        zoo.load("classifier_digits").tag(images)


def words_game(parts=None, **options):
    classes = {"tags": {f"word{i}": 9 for i in range(12)}}
    random.seed(0)  # from which Keras draws the seeds of the initial weights
    game = build("tagcgan", (64, 64, 3), classes, parts, **small["tagcgan"], **options)
    game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
    game.stage = 1
    return game


@pytest.mark.slow
def test_what_z_chooses_depends_on_the_picture_only_with_a_joint_layer():
    rng = np.random.default_rng(0)
    z, v = rng.normal(size=(2, 100)).astype(np.float32), rng.normal(size=(2, 256)).astype(np.float32)
    for joint in (0, 16):
        parts = {"joint_layer": {"units": joint}} if joint else {}
        make = words_game(parts, dropout=0.0).generator
        made = make({"z": z[[0, 0, 1, 1]], "v": v[[0, 1, 0, 1]]}).numpy()
        additive = np.allclose(made[0] - made[2], made[1] - made[3], atol=1e-5)
        assert additive == (joint == 0)


@pytest.mark.slow
def test_d_of_words_may_have_an_inner_product_and_pay_r1():
    rng = np.random.default_rng(0)
    batch = {
        "x": tf.constant(rng.integers(255, size=(4, 64, 64, 3)), tf.uint8),
        "tags": tf.constant([["word0", "word1"], ["word2", ""], ["word3", ""], ["word4", "word5"]]),
    }
    head, lost = {"projection_head": {"units": 5}}, []
    for penalty in (0.0, 1000.0):
        game = words_game({**head, "r1": {"weight": penalty}}, dropout=0.0)
        lost.append(float(game.train_step(batch)["discriminator_loss"]))
    assert lost[1] > lost[0] + 1e-3
    d = words_game(head, dropout=0.0).discriminator
    w, v = rng.normal(size=(3, 12)).astype(np.float32), rng.normal(size=(3, 256)).astype(np.float32)
    product = next(layer for layer in d.layers if isinstance(layer, keras.layers.Dot))
    parts = keras.Model(d.inputs, [*product.input, product.output, d.output])([w, v])
    np.testing.assert_allclose(np.sum(parts[0] * parts[1], 1), parts[2][:, 0], rtol=1e-4, atol=1e-6)
    assert parts[0].shape == (3, 5) and np.all(parts[3] != parts[2])
    plain = words_game(dropout=0.0).discriminator
    assert not [layer for layer in plain.layers if isinstance(layer, keras.layers.Dot)]


@pytest.mark.slow
def test_of_each_sample_so_many_words_are_counted():
    image, seed = np.zeros((2, 64, 64, 3), np.uint8), tf.constant([3, 4], tf.int64)
    for nearest in (1, 4, 20):
        game = words_game(nearest=nearest)
        best, share = game.tags(tf.constant(image), seed)
        assert best.shape == (2, 10) and np.all(share.numpy() <= 1.0)
        counted = np.sum(share, 1)
        assert np.all(counted <= nearest + 1e-5) and np.all(counted > 0.8 * min(nearest, 10))
    with pytest.raises(ZooError, match="1 word or more"):
        words_game(nearest=0)


@pytest.mark.slow
def test_tagging_and_its_protocol_from_the_command_line(runs, tmp_path, data_dir):
    Image.new("RGB", (30, 20), "red").save(tmp_path / "a.png")
    command = [sys.executable, "-m", "zoo.sample", f"--model={runs['tagcgan']}", f"--input={tmp_path}"]
    run = subprocess.run([*command, f"--output={tmp_path / 'out'}"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    (words,) = json.loads((tmp_path / "out" / "tags.json").read_text()).values()
    assert len(words) == 10
    context = EvaluationContext(zoo.load(runs["tagcgan"]), 1, 100, data_dir=data_dir)
    found = {r["metric"]: r for r in evaluate(context, ["tag_agreement"])}
    assert 0 < found["precision at 10"]["nearest_neighbours"] <= 1
    assert found["recall at 10"]["commonest_words"] > 0


def test_precision_and_recall_of_tags():
    given = [["a", "b"], [], ["c"]]
    found = [["a", "x", "y", "z"], ["a"], ["c", "d"]]
    assert agreement.tag_precision_recall(given, found) == ((1 / 4 + 1 / 2) / 2, (1 / 2 + 1) / 2)


def test_precision_at_one_is_within_pools():
    v = np.eye(4)
    assert agreement.precision_at_one(v, v, 2) == 1
    assert agreement.precision_at_one(v, v[[1, 0, 2, 3]], 2) == 0.5
    assert agreement.precision_at_one(v, np.roll(v, 2, 0), 4) == 0
    with pytest.raises(ValueError, match="one pool needs 5 of the split, which has 4"):
        agreement.precision_at_one(v, v, 5)


def test_the_table_has_a_row_a_picture():
    sheet = plots.table(
        np.zeros((2, 8, 8, 3), np.uint8), {"User tags": ["a", "b"], "Generated tags": ["c", "d"]}
    )
    assert sheet.ndim == 3 and sheet.shape[2] == 3 and sheet.std() > 0


def test_long_words_of_a_table_stay_in_their_column():
    shown = np.full((1, 8, 8, 3), 128, np.uint8)
    many = ["green background, large, art, tangerine, spotted, five-pointed star, medium-sized"]
    one, both = (plots.table(shown, {"": many, " ": second}) for second in ([""], ["I" * 20]))
    written = np.where((one != both).any((0, 2)))[0]  # columns of pixels that the second text reaches
    assert not (one[:, written.min() :] < 128).any()  # the first is written in none of them


def test_pretrained_networks_are_frozen():
    x = np.random.default_rng(0).integers(255, size=(3, 16, 16, 1)).astype(np.uint8)
    wanted = zoo.load("classifier_digits").call("classify", image=x)["feature"]
    found = pretrained.features("classifier_digits", (16, 16, 1))
    np.testing.assert_allclose(found(pixels.scale(x)), wanted, rtol=1e-4, atol=1e-5)
    assert not found.trainable_variables
    larger = pretrained.features("classifier_digits", (32, 32, 1))  # reduced to what it was trained on
    seen = larger(pixels.scale(x.repeat(2, 1).repeat(2, 2))).numpy()
    assert np.corrcoef(seen.ravel(), wanted.ravel())[0, 1] > 0.8
    with pytest.raises(ZooError, match="kind"):
        pretrained.features("gan_gaussian", (32, 32, 3))
    with pytest.raises(ZooError, match="channels=1"):
        pretrained.features("classifier_digits", (32, 32, 3))

"""Tags of images."""

import dataclasses
import json
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from processes import run_command
from texts import small

import zoo
from zoo import recipe
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate
from zoo.game import randomness
from zoo.images import plots
from zoo.metrics import agreement
from zoo.models import tagcgan
from zoo.models.build import build
from zoo.train.assemble import assemble, load_data


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
        logs = game.train_step({**batch, "tags": tags})
        assert np.isfinite(float(logs["discriminator_loss"]))
        moved = [np.any(v.numpy() != old) for v, old in zip(game.trainable_variables, before)]
        assert any(moved) == (tags is batch["tags"])


def test_words_that_are_said_together_come_near():
    """Two themes of three words that never meet: skip-gram finds them."""
    random.seed(0)  # from which Keras draws the seeds of the initial weights
    words = tagcgan.SkipGram(dict.fromkeys("abcdef", 1), 8)
    rng = np.random.default_rng(0)
    optimizer = keras.optimizers.Adam(0.05)
    theme = rng.integers(2, size=64)
    said = tf.constant((np.arange(6) // 3)[None] == theme[:, None])
    for step in range(100):
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
def test_tags_are_the_words_nearest_to_most_samples(small_run):
    trained = zoo.load(small_run("tagcgan"))
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
def test_word_vectors_of_a_file_are_the_vocabulary(tmp_path):
    file = tmp_path / "vectors.txt"
    values = np.random.default_rng(0).normal(size=(15, 6)).astype(np.float32)
    file.write_text("".join(f"word{i} {' '.join(map(str, v))}\n" for i, v in enumerate(values)))
    model = words_game(vectors=str(file))
    assert model.vocabulary == [f"word{i}" for i in range(15)]  # word12 to word14 are tags of no image
    np.testing.assert_allclose(model.words.vectors.numpy(), values)
    best, _ = model.tags(np.zeros((2, 64, 64, 3), np.uint8), tf.constant([3, 4], tf.int64))
    assert best.shape == (2, 10) and model.generator.output_shape == (None, 6)
    batch = {
        "x": tf.zeros([3, 64, 64, 3], tf.uint8),
        "tags": tf.constant([["word3", "word1", "word3"], ["unknown", "", ""], ["", "word14", ""]]),
    }
    np.testing.assert_array_equal(model.tagged(batch), [[0, 1], [0, 3], [2, 14]])
    assert np.isfinite(float(model.train_step(batch)["generator_loss"]))
    file.write_text("other 1 2 3\n")
    with pytest.raises(ZooError, match="does not have a tag of the data, such as 'word0'"):
        words_game(vectors=str(file))


@pytest.mark.slow
def test_tagging_and_its_protocol_from_the_command_line(small_run, tmp_path, data_dir):
    Image.new("RGB", (30, 20), "red").save(tmp_path / "a.png")
    flags = [f"--model={small_run('tagcgan')}", f"--input={tmp_path}", f"--output={tmp_path / 'out'}"]
    run = run_command(["-m", "zoo.sample", *flags])
    assert run.returncode == 0, run.stderr
    (words,) = json.loads((tmp_path / "out" / "tags.json").read_text()).values()
    assert len(words) == 10
    context = EvaluationContext(zoo.load(small_run("tagcgan")), 1, 100, data_dir=data_dir)
    found = {r["metric"]: r for r in evaluate(context, ["tag_agreement"])}
    assert 0 < found["precision at 10"]["nearest_neighbours"] <= 1
    assert found["recall at 10"]["commonest_words"] > 0


def test_precision_and_recall_of_tags():
    given = [["a", "b"], [], ["c"]]
    found = [["a", "x", "y", "z"], ["a"], ["c", "d"]]
    assert agreement.tag_precision_recall(given, found) == ((1 / 4 + 1 / 2) / 2, (1 / 2 + 1) / 2)


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

"""Text encoders."""

import dataclasses
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from texts import small, strange, tiny_encoder

import zoo
from zoo import recipe
from zoo.errors import ZooError
from zoo.images import pixels
from zoo.models import textencoder
from zoo.models.build import build
from zoo.models.rebuild import rebuild
from zoo.networks import pretrained
from zoo.networks.encoders import Characters, encoder
from zoo.saved.trained import Trained
from zoo.tasks.generation.album import write_album
from zoo.tasks.inputs import walk_inputs
from zoo.train.run import train


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

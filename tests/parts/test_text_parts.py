"""Parts of models that take captions."""

import itertools
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from texts import slots, small

import zoo
from zoo.errors import ZooError
from zoo.game import losses, randomness
from zoo.images import pixels
from zoo.models.build import build
from zoo.models.rebuild import rebuild
from zoo.parts.losses import Matching


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_whitened_texts_are_learned_of_in_training_alone_and_told_to_all(captions, name):
    game = build(name, (32, 32, 3), parts={"whitening": {}}, **small[name])
    game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
    learn = tf.function(game.embed_batch, autograph=False)
    for i, batch in enumerate(itertools.islice(captions.batches(8, 0), 20)):
        with randomness.Draws(0, i, 0):  # as in training
            learn(batch)
    assert float(game.scaled.batches) == 20
    written = tf.constant(np.ravel(captions.columns(0, 160)["text"]))
    told = game.encode(game.filled(tf.zeros([len(written)], tf.int64), {"text": written}))["text"]
    raw, variances = (np.linalg.eigvalsh(np.cov(np.transpose(t))) for t in (game.encoder(written), told))
    assert 0.7 < variances[-1] < 1.4 and variances[-3] / variances[-1] > raw[-3] / raw[-1]
    np.testing.assert_array_equal(told, game.scaled(game.encoder(written)))
    assert float(game.scaled.batches) == 20  # what is asked for is not learned of
    game.train_step(batch)
    assert float(game.scaled.batches) == 21
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
def test_g_pays_for_pictures_that_fit_other_texts_better(name, captions, small_run, monkeypatch):
    batch, encoder = next(iter(captions.batches(4, 0))), str(small_run("textencoder"))
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

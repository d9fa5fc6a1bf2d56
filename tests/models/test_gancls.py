"""GAN-CLS and its parts."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from texts import ours, small

from zoo.game import losses, randomness
from zoo.models.build import build


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
    optimizer.build(variables)

    @tf.function(autograph=False)
    def update():
        with tf.GradientTape() as tape:
            right, wrong = d([x, t], training=True), d.negatives(d.head, d.trunk(x, training=True), t)
            loss = tf.reduce_mean(tf.nn.softplus(-right) + tf.nn.softplus(wrong))
        optimizer.apply(tape.gradient(loss, variables), variables)
        return right, wrong

    for _ in range(120):  # which of sixteen texts is whose
        right, wrong = update()
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
        worst = d.negatives(d.head, seen, t)
    turned = [d.head([seen, tf.roll(t, k, 0)], training=True) for k in range(1, 5)]
    np.testing.assert_allclose(worst[:, 0], tf.reduce_logsumexp(turned, 0)[:, 0], rtol=1e-4)
    assert worst.shape == (5, 1) and np.all(np.any(tape.gradient(worst, seen) != 0, 1))
    alone = d.negatives(d.head, seen[:1], t[:1])  # without other captions the loss is 0
    assert float(losses.matching_aware(0.0, alone, -100.0)) == pytest.approx(np.log(2))


def test_what_a_text_makes_depends_on_it_and_on_the_seed():
    game = build("gancls", (16, 16, 3), **small["gancls"])
    seeds = tf.constant([1, 1, 2, 1], tf.int64)
    texts = tf.constant(["a red star", "a blue cross", "a red star", "A RED STAR"])
    made = game.generate(game.filled(seeds, {"text": texts})).numpy()
    assert np.any(made[0] != made[1]) and np.any(made[0] != made[2])
    np.testing.assert_array_equal(made[0], made[3])


def test_a_detailed_g_has_a_map_of_the_picture_s_size():
    for detailed, most in ((False, 3), (True, 8)):  # channels of what it draws at that size
        parts = {"detail": {}} if detailed else {}
        game = build("gancls", (16, 16, 3), parts=parts, **{**small["gancls"], "width": 16})
        made = [layer.output.shape for layer in game.generator.layers]
        assert max(shape[-1] for shape in made if shape[1:3] == (16, 16)) == most
        assert made[-1] == (None, 16, 16, 3)

"""Fused optimizers against the formulas they are named for."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import optimizers


def test_adam_is_keras_adam():
    rng = np.random.default_rng(0)
    start = rng.normal(size=(5, 4)).astype("float32")
    a, b = keras.Variable(start), keras.Variable(start)
    ours = optimizers.make({"name": "adam", "learning_rate": 0.01, "beta_1": 0.5})
    theirs = keras.optimizers.Adam(0.01, 0.5)
    for _ in range(20):
        gradient = tf.constant(rng.normal(size=(5, 4)), tf.float32)
        ours.apply([gradient], [a])
        theirs.apply([gradient], [b])
    np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-6)


def test_amsgrad_is_refused_and_not_left_out():
    with pytest.raises(ZooError, match="AMSGrad is not offered"):
        optimizers.make({"name": "adam", "amsgrad": True})


def test_sgd_decays_ramps_and_clips_columns_as_its_arguments_say():
    rng = np.random.default_rng(0)
    w = rng.normal(size=(6, 3))
    variable = keras.Variable(w.astype("float32"))
    spec = dict(learning_rate=0.1, decay=1.1, minimum=0.05, momentum=0.5, final_momentum=0.7, ramp=10)
    ours = optimizers.make({"name": "sgd", **spec, "clip_columns": 1.5})
    velocity = np.zeros_like(w)
    for t in range(20):
        gradient = rng.normal(size=w.shape)
        ours.apply([tf.constant(gradient, tf.float32)], [variable])
        momentum = 0.5 + 0.2 * min(t / 10, 1)
        velocity = momentum * velocity - max(0.1 / 1.1**t, 0.05) * gradient
        w = w + velocity
        w *= np.minimum(1, 1.5 / np.linalg.norm(w, axis=0))
    np.testing.assert_allclose(variable, w, rtol=1e-4, atol=1e-5)
    assert np.linalg.norm(variable, axis=0).max() <= 1.5 + 1e-4


def test_averages_are_kept_where_asked_for():
    variable = keras.Variable([0.0])
    optimizer = optimizers.make({"name": "sgd", "learning_rate": 1.0}, average=0.9)
    for _ in range(3):
        optimizer.apply([tf.constant([-1.0])], [variable])
    # The average starts at the first value: 1, then .9·1 + .1·2, then …
    np.testing.assert_allclose(optimizer._model_variables_moving_average[0], [0.9 * 1.1 + 0.3], rtol=1e-6)


@pytest.mark.parametrize(
    "spec, message",
    [
        ({"name": "adma"}, "Did you mean adam"),
        ({"name": "adam", "learning_rat": 1}, "learning_rate"),
        ({"name": "adam", "learning_rate": "fast"}, "cannot be made"),
    ],
)
def test_wrong_descriptions_name_the_fix(spec, message):
    with pytest.raises(ZooError, match=message):
        optimizers.make(spec).build([keras.Variable([0.0])])


def test_learning_rates_that_change_once_per_epoch():
    linear = optimizers.LinearDecay(0.2, 0.5, updates=100, every=10)
    rates = [float(linear(step)) for step in (0, 49, 59, 60, 65, 99)]
    np.testing.assert_allclose(rates, [0.2, 0.2, 0.2, 0.16, 0.16, 0.04], rtol=1e-5)
    spec = {"name": "adam", "learning_rate": {"start": 0.4, "factor": 0.5, "every": 3}}
    made = optimizers.make(spec, updates=100)
    variable = keras.Variable(np.zeros(1, np.float32))
    for expected in (0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1):
        np.testing.assert_allclose(float(made.learning_rate), expected, rtol=1e-6)
        made.apply([tf.ones(1)], [variable])
    for wrong in ({"start": 0.1, "factor": 0.5, "every": 0}, {"start": 0.1, "constant": 0.5, "every": 0}):
        with pytest.raises(ZooError, match="at least 1"):
            optimizers.make({"name": "adam", "learning_rate": wrong})

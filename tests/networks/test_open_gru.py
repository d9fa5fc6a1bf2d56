"""The recurrent layer of the text encoder for birds."""

import keras
import numpy as np
import pytest

from zoo.models import textencoder
from zoo.networks.encoders import OpenGRU


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_states_are_those_of_the_authors_code():
    """FixedGRU of Reed et al.: the first state is tanh(i2h(x)), the others interpolate."""
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    layer = OpenGRU(4, keras.initializers.RandomUniform(-0.5, 0.5, seed=1))
    states = layer(x).numpy()
    w, b, g, gb, c, cb = (v.numpy() for v in layer.weights)
    h = np.tanh(x[:, 0] @ w[:, 8:] + b[8:])
    np.testing.assert_allclose(states[:, 0], h, rtol=1e-5)
    for t in range(1, 5):
        i, r = x[:, t] @ w + b, h @ g + gb
        update, reset = sigmoid(i[:, :4] + r[:, :4]), sigmoid(i[:, 4:8] + r[:, 4:])
        candidate = np.tanh(i[:, 8:] + (reset * h) @ c + cb)
        h = update * candidate + (1 - update) * h
        np.testing.assert_allclose(states[:, t], h, rtol=1e-4, atol=1e-6)
    again = OpenGRU.from_config(layer.get_config())
    assert again(x).shape == (2, 5, 4) and np.any(again.kernel.numpy() != 0)


@pytest.mark.parametrize("recurrent", ["rnn", "gru"])
def test_initial_weights_are_uniform(recurrent):
    network = textencoder.char_cnn_rnn(201, (16, 16, 16), 32, recurrent, 0.08)
    for weight in network.weights:
        values = weight.numpy()
        assert np.abs(values).max() <= 0.08, weight.path
        assert values.std() == pytest.approx(0.08 / 3**0.5, rel=0.35), weight.path
    kernels = [w.numpy().ravel()[:20] for w in network.weights if w.shape.rank == 3]
    assert len(kernels) == 3 and np.any(kernels[1] != kernels[2])

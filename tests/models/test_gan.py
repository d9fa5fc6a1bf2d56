"""GAN and CGAN: the authors' step, the output bias from the data, dropout while sampling."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import datasets
from zoo.errors import ZooError
from zoo.models.build import build

rng = np.random.default_rng(0)
sizes = {"generator_units": (8,), "discriminator_units": (8,), "dropout": (0.0, 0.0)}


def small_gan(**options):
    random.seed(0)  # from which Keras draws the seeds of the initial weights
    model = build("gan", (4, 4, 1), initial_range=(0.5, 0.5), **{**sizes, **options})
    model.compile({side: keras.optimizers.SGD(1.0) for side in model.sides})
    return model


def weights_of(network):
    return [v.numpy() for v in network.variables]


@pytest.mark.parametrize("graph", [False, True])
def test_simultaneous_updates_use_the_same_weights_and_fakes(graph):
    model = small_gan(simultaneous=True)
    x = tf.constant(rng.integers(256, size=(6, 4, 4, 1)), tf.uint8)
    z = tf.constant(rng.uniform(size=(6, 100)), tf.float32)
    model.draw = lambda n: {"z": z}
    g, d = model.generator, model.discriminator
    with tf.GradientTape(persistent=True) as tape:
        fakes = g({"z": z})
        real, fake = d(model.to_network(x)), d(fakes)
        d_loss = 0.5 * tf.reduce_mean(tf.nn.softplus(-real) + tf.nn.softplus(fake))
        g_loss = tf.reduce_mean(tf.nn.softplus(-fake))
    expected = [
        v.numpy() - gradient
        for network, loss in ((g, g_loss), (d, d_loss))
        for v, gradient in zip(network.variables, tape.gradient(loss, [v.value for v in network.variables]))
    ]
    step = tf.function(model.train_step) if graph else model.train_step
    logs = step({"x": x})
    for new, wanted in zip([*weights_of(g), *weights_of(d)], expected):
        np.testing.assert_allclose(new, wanted, rtol=1e-4, atol=1e-6)
    assert float(logs["discriminator_loss"]) == pytest.approx(float(d_loss), rel=1e-5)


def test_simultaneous_updates_share_dropout_masks():
    model = small_gan(simultaneous=True, dropout=(0.5, 0.5))
    calls, call = [], model.discriminator.call
    model.discriminator.call = lambda *a, **k: calls.append(1) or call(*a, **k)
    model.train_step({"x": tf.zeros([4, 4, 4, 1], tf.uint8)})
    assert len(calls) == 2  # one pass over the real and one over the generated images


def test_simultaneous_updates_need_one_update_of_the_discriminator():
    with pytest.raises(ZooError, match="Set network.k=1"):
        build("gan", (4, 4, 1), simultaneous=True, k=2)


@pytest.mark.parametrize("name", ["gan", "cgan"])
def test_output_bias_is_the_logit_of_each_pixels_mean(name, data_dir):
    data = datasets.load("digits", "train", data_dir=data_dir)
    model = build(name, data.shape, data.classes)
    before = weights_of(model.generator)
    model.adapt(data)
    mean = np.clip(data.arrays()[0].mean(0) / 255.0, 1e-7, 1 - 1e-7)
    *others, bias = weights_of(model.generator)
    np.testing.assert_allclose(bias, np.log(mean / (1 - mean)).ravel(), rtol=1e-4)
    assert bias.min() == pytest.approx(np.log(1e-7), rel=1e-3) and np.ptp(bias) > 10  # each pixel its own
    for new, old in zip(others, before):
        np.testing.assert_array_equal(new, old)
    plain = build(name, data.shape, data.classes, bias_from_data=False)
    plain.adapt(data)
    assert np.all(weights_of(plain.generator)[-1] == 0)


def test_output_bias_of_points_does_not_change(data_dir):
    data = datasets.load("gaussians/normal", "train[:100]", data_dir=data_dir)
    model = build("gan", data.shape)
    model.adapt(data)
    assert np.all(weights_of(model.generator)[-1] == 0)


def test_discriminator_loss_of_the_multilayer_cgan_is_halved():
    batch = {"x": tf.zeros([4, 8, 8, 1], tf.uint8), "y": tf.constant([0, 1, 2, 0])}
    model = build("cgan", (8, 8, 1), 3, discriminator_dropout=(0.0, 0.0))
    model.compile({side: keras.optimizers.SGD(0.0) for side in model.sides})
    for variable in model.discriminator.variables:
        variable.assign(tf.zeros_like(variable))
    assert float(model.train_step(batch)["discriminator_loss"]) == pytest.approx(np.log(2), rel=1e-5)


def test_samples_of_the_cgan_have_dropout_by_their_own_seed():
    random.seed(0)
    model = build("cgan", (8, 8, 1), 3, generator_dropout=0.5)
    label = tf.constant([1, 1, 1, 1])
    seeds = tf.constant([5, 6, 7, 5], tf.int64)
    images = model.sample(seeds, label=label).numpy()
    np.testing.assert_array_equal(images[0], images[3])
    np.testing.assert_array_equal(images[1:2], model.sample(seeds[1:2], label=label[:1]))
    inputs = model.filled(seeds, {"label": label})
    assert np.any(images != model.from_network(model.generate(inputs)))
    z = model.generate({"z": tf.zeros([2, 100]), "label": label[:2]})
    np.testing.assert_array_equal(z[0], z[1])  # `generate` does not have dropout

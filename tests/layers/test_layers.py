"""Layers against tensorflow-addons 0.23.0 (golden_tfa.npz, made by golden_tfa.py) and against NumPy."""

import itertools
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo.game import randomness
from zoo.layers.activation import Maxout, PReLU
from zoo.layers.convolution import BlockwiseConv2D, DoublingConv2D, TapwiseConv2D
from zoo.layers.noise import Dropout, Noise
from zoo.layers.normalization import BatchNormalization, InstanceNormalization, Whitening
from zoo.layers.reparametrized import SpectralNormalization, WeightNormalization
from zoo.models.build import build
from zoo.networks.described import discriminator
from zoo.parts import make_parts

golden = np.load(pathlib.Path(__file__).with_name("golden_tfa.npz"))


def run(layer, name, variables):
    """Output and gradients of sum(output · cotangent) with respect to input and variables."""
    x = tf.constant(golden[f"{name}/x"])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
        target = tf.reduce_sum(y * golden[f"{name}/cotangent"])
    return y, tape.gradient(target, [x, *(v.value for v in variables)])


def close(actual, name):
    np.testing.assert_allclose(actual, golden[name], rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name, units", [("maxout", 4), ("maxout_map", 2)])
def test_maxout_is_that_of_addons(name, units):
    y, gradients = run(Maxout(units), name, [])
    close(y, f"{name}/y")
    close(gradients[0], f"{name}/gradient0")


def test_maxout_refuses_channels_that_cannot_be_shared():
    with pytest.raises(ValueError, match="7 channels among 3 units"):
        Maxout(3)(np.zeros((1, 7), "float32"))


def test_instance_normalization_is_that_of_addons():
    layer = InstanceNormalization()
    layer.build(golden["instance/x"].shape)
    layer.set_weights([golden["instance/weight0"], golden["instance/weight1"]])
    y, gradients = run(layer, "instance", [layer.gamma, layer.beta])
    close(y, "instance/y")
    for i in range(3):
        close(gradients[i], f"instance/gradient{i}")


@pytest.mark.parametrize(
    "name, inner",
    [("weight", lambda: keras.layers.Dense(4)), ("weight_map", lambda: keras.layers.Conv2D(4, 3))],
)
def test_weight_normalization_is_that_of_addons(name, inner):
    layer = WeightNormalization(inner())
    layer.build(golden[f"{name}/x"].shape)
    g, kernel, bias = (golden[f"{name}/weight{i}"] for i in range(3))
    layer.layer.kernel.assign(kernel)
    layer.layer.bias.assign(bias)
    layer.g.assign(g)
    y, gradients = run(layer, name, [layer.g, layer.layer.kernel, layer.layer.bias])
    close(y, f"{name}/y")
    for i in range(4):
        close(gradients[i], f"{name}/gradient{i}")


def spectral(name, inner, kernel=None):
    layer = SpectralNormalization(inner, power_iterations=3)
    layer.build(golden[f"{name}/x"].shape)
    layer.layer.kernel.assign(golden[f"{name}/kernel"] if kernel is None else kernel)
    layer.layer.bias.assign(golden[f"{name}/bias"])
    layer.u.assign(golden[f"{name}/u"])
    return layer


@pytest.mark.parametrize(
    "name, inner",
    [("spectral", lambda: keras.layers.Dense(4)), ("spectral_map", lambda: keras.layers.Conv2D(4, 3))],
)
def test_spectral_normalization_gives_what_addons_gives_and_leaves_the_kernel(name, inner):
    layer = spectral(name, inner())
    close(layer(golden[f"{name}/x"], training=True), f"{name}/y")
    close(layer.u, f"{name}/u_after")
    np.testing.assert_array_equal(layer.layer.kernel, golden[f"{name}/kernel"])


def test_spectral_normalization_divides_by_the_largest_singular_value():
    layer = spectral("spectral", keras.layers.Dense(4, use_bias=True))
    for _ in range(50):
        layer(golden["spectral/x"], training=True)
    sigma = np.linalg.svd(golden["spectral/kernel"], compute_uv=False)[0]
    expected = golden["spectral/x"] @ (golden["spectral/kernel"] / sigma) + golden["spectral/bias"]
    np.testing.assert_allclose(layer(golden["spectral/x"]), expected, rtol=1e-5, atol=1e-6)


def test_the_gradient_of_spectral_normalization_passes_through_sigma():
    x = golden["spectral/x"]
    layer = spectral("spectral", keras.layers.Dense(4))
    for _ in range(50):
        layer(x, training=True)  # u and v are the singular vectors now
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(layer(x) ** 2)
    gradient = tape.gradient(y, layer.layer.kernel.value)
    kernel = np.float64(golden["spectral/kernel"])

    def value(k):
        sigma = np.linalg.svd(k, compute_uv=False)[0]
        return ((x @ (k / sigma) + golden["spectral/bias"]) ** 2).sum()

    numeric = np.zeros_like(kernel)
    for i in np.ndindex(*kernel.shape):
        h = np.zeros_like(kernel)
        h[i] = 1e-5
        numeric[i] = (value(kernel + h) - value(kernel - h)) / 2e-5
    np.testing.assert_allclose(gradient, numeric, rtol=1e-3, atol=1e-4)


def test_dropout_keeps_the_mean_and_repeats_from_its_seed():
    layer, x = Dropout(0.4), np.ones((200, 200), "float32")
    with randomness.Draws(1, 2):
        a, b = layer(x, training=True), layer(x, training=True)
    with randomness.Draws(1, 2):
        again = layer(x, training=True)
    np.testing.assert_array_equal(a, again)
    assert np.mean(a != b) > 0.3
    assert abs(np.mean(a) - 1) < 0.02 and abs(np.mean(a == 0) - 0.4) < 0.02
    np.testing.assert_array_equal(layer(x), x)


def test_instance_noise_is_of_training_alone_and_repeats_from_its_seed():
    layer, x = Noise(0.3), np.full((200, 200), 2.0, "float32")
    np.testing.assert_array_equal(layer(x), x)
    made = []
    for _ in range(2):
        with randomness.Draws(3):
            made.append(layer(x, training=True).numpy())
    np.testing.assert_array_equal(*made)
    assert made[0].mean() == pytest.approx(2.0, abs=0.01) and made[0].std() == pytest.approx(0.3, abs=0.01)
    with pytest.raises(ValueError, match="-1"):
        Noise(-1)


def test_dropout_outside_a_source_of_randomness_says_so():
    with pytest.raises(RuntimeError, match="with zoo.game.randomness.Draws"):
        Dropout(0.5)(np.ones((2, 2), "float32"), training=True)


def test_fused_batch_normalization_is_keras_own():
    x = np.random.default_rng(0).normal(3, 2, (4, 5, 5, 3)).astype("float32")
    ours, theirs = BatchNormalization(), keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    for _ in range(3):
        np.testing.assert_allclose(ours(x, training=True), theirs(x, training=True), atol=2e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    np.testing.assert_allclose(ours(x), theirs(x), atol=2e-5)


bent = {"alpha_initializer": "random_normal", "shared_axes": [1, 2]}


@pytest.mark.parametrize(
    "ours, theirs, before",
    [
        pytest.param(
            DoublingConv2D(7, bias_initializer="random_normal"),
            keras.layers.Conv2D(7, 3, padding="same"),
            keras.layers.UpSampling2D(2),
            id="doubling",
        ),
        *(
            pytest.param(
                BlockwiseConv2D(2, size, block, bias_initializer="random_normal"),
                keras.layers.Conv2D(2, size, padding="same"),
                tf.identity,
                id=f"{size} by {size}, {block} blocks",
            )
            for size, block in ((9, 2), (9, 3), (9, 4), (3, 4), (5, 2))
        ),
        *(
            pytest.param(
                TapwiseConv2D(4, size),
                keras.layers.Conv2D(4, size, use_bias=False),
                tf.identity,
                id=f"{size} taps",
            )
            for size in (1, 3, (2, 5))
        ),
        pytest.param(PReLU(**bent), keras.layers.PReLU(**bent), tf.identity, id="prelu"),
    ],
)
def test_what_is_faster_gives_the_same(ours, theirs, before):
    draw = np.random.default_rng(0).normal
    x = tf.constant(draw(size=(3, 12, 24, 5)), tf.float32)
    for layer in (ours, theirs):
        layer.build(x.shape)
    theirs.set_weights(ours.get_weights())
    cotangent = tf.constant(draw(size=theirs(before(x)).shape), tf.float32)

    def outcome(layer, before):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(before(x), training=True)
            target = tf.reduce_sum(y * cotangent)
        return [y, *tape.gradient(target, [x, *(v.value for v in layer.variables)])]

    for value, wanted in zip(outcome(ours, tf.identity), outcome(theirs, before), strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-3)
    symbolic = keras.Sequential([keras.Input(x.shape[1:]), type(ours).from_config(ours.get_config())])
    assert symbolic.output_shape == (None, *theirs(before(x)).shape[1:])


def test_whitened_examples_vary_alike_in_all_directions_but_those_that_hardly_vary():
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    x = 7.0 + rng.normal(size=(40, 64, 5)) * [30.0, 3.0, 1.0, 0.3, 1e-4] @ turned
    x = x.astype("float32")
    layer = Whitening(epsilon=1e-5)
    np.testing.assert_allclose(layer(x[0]), x[0] / np.sqrt(1 + 1e-5), rtol=1e-5)  # nothing seen yet
    for batch in x:
        layer(batch, training=True)
    seen = x.reshape(-1, 5)
    made = layer(seen).numpy()
    covariance = np.cov(seen.T, bias=True)
    floor = 1e-5 * np.trace(covariance) / 5
    variances = np.linalg.eigvalsh(covariance)
    wanted = np.sort(variances / (variances + floor))
    np.testing.assert_allclose(np.linalg.eigvalsh(np.cov(made.T, bias=True)), wanted, atol=0.02)
    assert wanted[0] < 0.01 and wanted[-3] > 0.99
    np.testing.assert_allclose(made.mean(0), 0.0, atol=0.02)
    assert Whitening.from_config(layer.get_config()).epsilon == 1e-5


def test_what_d_sees_in_training_is_noisy_where_a_recipe_says_so():
    x = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1)).astype("float32")
    for projection, sigma in itertools.product((False, True), (0.0, 0.3)):
        parts = {"instance_noise": {"sigma": sigma}, **({"projection_head": {}} if projection else {})}
        chosen = {k: v for part in make_parts(parts) for k, v in part.slots().items() if k != "product"}
        trunk = discriminator((16, 16, 1), 2, 4, 3, **chosen).trunk
        seen = []
        for seed in (0, 1):
            with randomness.Draws(seed):
                seen.append(trunk(x, training=True).numpy())
        assert np.allclose(*seen, rtol=1e-3, atol=1e-5) == (not sigma)
        np.testing.assert_array_equal(trunk(x), trunk(x))


def test_a_spectral_d_is_as_steep_whatever_the_size_of_its_kernels():
    x = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1)).astype("float32")
    for spectral, grown in ((True, 1.0), (False, 7.0)):
        parts = {"spectral_norm": {}} if spectral else {}
        model = build("dcgan", (16, 16, 1), parts=parts, width=2, kernel=4)
        model.discriminator(x, training=True)  # an iteration towards σ
        before = model.score(x).numpy()
        kernels = [v for v in model.discriminator.trainable_variables if "kernel" in v.path]
        kernels[-1].assign(7.0 * kernels[-1])
        logits = [np.log(p / (1 - p)) for p in (before, model.score(x).numpy())]
        np.testing.assert_allclose(logits[1], grown * logits[0], rtol=1e-3, atol=1e-5)

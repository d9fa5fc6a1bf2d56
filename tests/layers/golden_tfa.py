"""Makes tests/layers/golden_tfa.npz: what tensorflow-addons 0.23.0 gives, as the oracle of zoo/layers.

tensorflow-addons cannot be imported beside Keras 3, so run this in an environment of its own
(Python 3.11; tensorflow-cpu==2.15.1 tensorflow-addons==0.23.0 "numpy<2"):

    python tests/layers/golden_tfa.py

Each case holds the input, the weights, the output, and the gradients of sum(output · cotangent).
"""

import pathlib

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

rng = np.random.default_rng(0)
golden = {}


def draw(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def case(name, layer, x, weights=(), **call):
    """Runs a layer and keeps everything that went in and came out."""
    layer(x[:1], **call)  # builds it
    if weights:
        layer.set_weights(weights)
    for i, w in enumerate(layer.get_weights()):
        golden[f"{name}/weight{i}"] = w
    with tf.GradientTape() as tape:
        x = tf.constant(x)
        tape.watch(x)
        y = layer(x, **call)
        cotangent = draw(*y.shape)
        target = tf.reduce_sum(y * cotangent)
    gradients = tape.gradient(target, [x, *layer.trainable_variables])
    golden[f"{name}/x"], golden[f"{name}/y"] = x.numpy(), y.numpy()
    golden[f"{name}/cotangent"] = cotangent
    for i, g in enumerate(gradients):
        golden[f"{name}/gradient{i}"] = g.numpy()
    for i, w in enumerate(layer.get_weights()):
        golden[f"{name}/after{i}"] = w


case("maxout", tfa.layers.Maxout(4), draw(3, 12))
case("maxout_map", tfa.layers.Maxout(2), draw(2, 3, 3, 6))
case("instance", tfa.layers.InstanceNormalization(), draw(2, 5, 4, 3), [draw(3), draw(3)])
case(
    "weight",
    tfa.layers.WeightNormalization(tf.keras.layers.Dense(4), data_init=False),
    draw(3, 5),
)
case(
    "weight_map",
    tfa.layers.WeightNormalization(tf.keras.layers.Conv2D(4, 3), data_init=False),
    draw(2, 5, 5, 3),
)
for name, layer, x in (
    ("spectral", tf.keras.layers.Dense(4), draw(3, 5)),
    ("spectral_map", tf.keras.layers.Conv2D(4, 3), draw(2, 5, 5, 3)),
):
    wrapped = tfa.layers.SpectralNormalization(layer, power_iterations=3)
    wrapped.build(x.shape)
    golden[f"{name}/kernel"], golden[f"{name}/u"] = wrapped.w.numpy(), wrapped.u.numpy()
    golden[f"{name}/bias"] = layer.bias.numpy()
    golden[f"{name}/x"] = x
    golden[f"{name}/y"] = wrapped(x, training=True).numpy()
    golden[f"{name}/u_after"] = wrapped.u.numpy()

path = pathlib.Path(__file__).with_suffix(".npz")
np.savez_compressed(path, **golden)
print(path, len(golden))

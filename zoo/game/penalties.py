"""Penalties on the gradient of a discriminator with respect to its examples."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import keras
import tensorflow as tf

Conditions = Sequence[tf.Tensor] | Mapping[str, tf.Tensor]


def _squared_gradient_norm(critic: keras.Model, x: tf.Tensor, given: Conditions = ()) -> tf.Tensor:
    """Returns ‖∇ₓ C(x)‖² of each example, `[B]`.

    The critic runs in float32 under any policy. If it scores patches, C(x) is the mean over patches.
    """
    with tf.GradientTape() as tape:
        tape.watch(x)
        with FullPrecision(critic):
            inputs = {"x": x, **given} if isinstance(given, dict) else [x, *given] if given else x
            scores = tf.cast(critic(inputs, training=True), tf.float32)
            scores = tf.reduce_mean(scores, axis=range(1, len(scores.shape)))
    gradient = tape.gradient(scores, x)
    return tf.reduce_sum(tf.square(gradient), axis=range(1, len(x.shape)))


class FullPrecision:
    """Runs the layers of a network in float32 inside the context.

    Second derivatives leave the range of float16 before the loss scale adapts.

    Args:
        network: A Keras layer or model. Other callables are left unchanged.
    """

    # The policy of each layer outside, and the number of replicas inside: replicas are traced in turns.
    _within: ClassVar[dict[keras.layers.Layer, tuple[keras.DTypePolicy, int]]] = {}

    def __init__(self, network: keras.Model) -> None:
        self._layers = list(network._flatten_layers()) if isinstance(network, keras.Layer) else []

    def __enter__(self) -> None:
        for layer in self._layers:
            policy, replicas = self._within.get(layer, (layer.dtype_policy, 0))
            self._within[layer] = policy, replicas + 1
            layer.dtype_policy = "float32"

    def __exit__(self, *exception: object) -> None:
        for layer in self._layers:
            policy, replicas = self._within.pop(layer)
            if replicas > 1:
                self._within[layer] = policy, replicas - 1
            else:
                layer.dtype_policy = policy


def gradient_penalty(
    critic: keras.Model, real: tf.Tensor, fake: tf.Tensor, mix: tf.Tensor, given: Conditions = ()
) -> tf.Tensor:
    """Computes the gradient penalty of WGAN-GP, without its weight.

    `E (‖∇ C(x̂)‖ − 1)²` with `x̂ = mix x + (1 − mix) G(z)`

    Args:
        critic: Network from examples to scores. See `r1` for its inputs.
        real: Tensor `[B, ...]`. Real examples.
        fake: Tensor `[B, ...]`. Generated examples.
        mix: float32 tensor `[B]`. Uniform random values in [0, 1).
        given: Tuple or dict of tensors. Conditions of the critic. Defaults to `()`.

    Returns:
        Scalar float32 tensor.

    Reference:
        Gulrajani et al., 2017, "Improved Training of Wasserstein GANs", arXiv 1704.00028, equation 3.
    """
    real, fake = tf.cast(real, tf.float32), tf.cast(fake, tf.float32)
    mix = tf.reshape(mix, [-1] + [1] * (len(real.shape) - 1))
    squared = _squared_gradient_norm(critic, mix * real + (1.0 - mix) * fake, given)
    norm = tf.sqrt(squared + 1e-12)  # the square root is not differentiable at 0
    return tf.reduce_mean(tf.square(norm - 1.0))


def r1(critic: keras.Model, real: tf.Tensor, given: Conditions = ()) -> tf.Tensor:
    """Computes the R1 gradient penalty, without its weight γ.

    `½ E ‖∇ D(x)‖²`

    Args:
        critic: Network from examples to scores. Without conditions its input is `examples`. With a tuple of
            conditions its input is `[examples, *given]`, with a dict `{"x": examples, **given}`.
        real: Tensor `[B, ...]`. Real examples.
        given: Tuple or dict of tensors. Conditions of the critic. Defaults to `()`.

    Returns:
        Scalar float32 tensor.

    Reference:
        Mescheder et al., 2018, "Which Training Methods for GANs do actually Converge?", arXiv 1801.04406,
        equation 9.
    """
    return 0.5 * tf.reduce_mean(_squared_gradient_norm(critic, tf.cast(real, tf.float32), given))

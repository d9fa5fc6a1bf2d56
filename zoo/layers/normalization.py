"""Normalization layers."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Applies `keras.layers.BatchNormalization`, with a fused kernel where possible.

    The fused kernel runs in training on 4D inputs if the statistics are not synchronized.

    Differences from Keras' layer:

    * The defaults of `momentum` and `epsilon` are those of the DCGAN authors.
    * On several replicas the statistics are those of the global batch, unless `synchronized=False`.

    Args:
        momentum: Float. Momentum of the moving averages. Defaults to 0.9.
        epsilon: Float. Added to the variance. Defaults to 1e-5.
        **kwargs: Other keyword arguments of `keras.layers.BatchNormalization`.

    Input shape:
        Any.

    Output shape:
        The input shape.

    Reference:
        Ioffe and Szegedy, 2015, "Batch Normalization", arXiv 1502.03167.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, **kwargs: Any) -> None:
        kwargs.setdefault("synchronized", tf.distribute.get_strategy().num_replicas_in_sync > 1)
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)

    def call(self, x: tf.Tensor, training: bool | None = None, mask: tf.Tensor | None = None) -> tf.Tensor:
        """Returns the normalized inputs. Updates the moving averages in training."""
        if not training or self.synchronized or len(x.shape) != 4:
            return super().call(x, training=training, mask=mask)
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x,
            tf.cast(self.gamma, tf.float32),
            tf.cast(self.beta, tf.float32),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel returns the unbiased variance; Keras averages the biased one.
        n = tf.cast(tf.size(x) / x.shape[-1], tf.float32)
        variance *= (n - 1.0) / n
        for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            average.assign(average * self.momentum + value * (1.0 - self.momentum))
        return y


@keras.saving.register_keras_serializable("zoo")
class InstanceNormalization(keras.layers.GroupNormalization):
    """Normalizes each channel of each example over its own pixels.

    This is group normalization with one channel per group. Batches of one image run in a fused kernel.

    Args:
        epsilon: Float. Added to the variance. Defaults to 1e-3.
        **kwargs: Other keyword arguments of `keras.layers.GroupNormalization`. `groups` is ignored.

    Input shape:
        Any, with at least one axis besides batch and channels.

    Output shape:
        The input shape.

    Reference:
        Ulyanov et al., 2016, "Instance Normalization", arXiv 1607.08022.
    """

    def __init__(self, epsilon: float = 1e-3, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "groups": -1}, epsilon=epsilon)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the normalized inputs."""
        if x.shape[0] != 1 or len(x.shape) != 4 or self.axis not in (-1, 3):
            return super().call(x)
        ones, zeros = tf.ones(x.shape[-1]), tf.zeros(x.shape[-1])
        y, _, _ = tf.compat.v1.nn.fused_batch_norm(
            x,
            tf.cast(self.gamma, tf.float32) if self.scale else ones,
            tf.cast(self.beta, tf.float32) if self.center else zeros,
            epsilon=self.epsilon,
            is_training=True,
        )
        return y


@keras.saving.register_keras_serializable("zoo")
class Whitening(keras.layers.Layer):
    """Whitens inputs with running estimates of their mean and covariance.

    Computes `L⁻¹ (x − μ)`, with the Cholesky factor L of the covariance. In training each call first
    updates the estimates of μ and the covariance. They are averages over all batches at first, and moving
    averages after `1 / (1 - momentum)` batches. The gradient does not pass through the estimates. Use the
    layer on the outputs of a frozen network.

    Differences from the paper:

    * The Cholesky factor replaces the eigenvectors.
    * Training uses the running estimates too.

    Args:
        momentum: Float in [0, 1). Momentum of the moving averages. Defaults to 0.999.
        epsilon: Float. Added to the variance of each input, in units of the mean variance. Damps directions
            of small variance. Defaults to 0.5.
        **kwargs: Keyword arguments of `keras.layers.Layer`. `dtype` defaults to float32.

    Input shape:
        `(batch, features)`

    Output shape:
        `(batch, features)`

    Reference:
        Huang et al., 2018, "Decorrelated Batch Normalization", arXiv 1804.08450.
    """

    def __init__(self, momentum: float = 0.999, epsilon: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape: tuple) -> None:
        """Creates the estimates."""
        e = input_shape[-1]
        own = {"trainable": False, "aggregation": "only_first_replica"}
        self.batches = self.add_weight(name="batches", shape=(), initializer="zeros", **own)
        self.mean = self.add_weight(name="mean", shape=(e,), initializer="zeros", **own)
        self.square = self.add_weight(name="square", shape=(e, e), initializer="identity", **own)

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns the whitened inputs. Updates the estimates in training."""
        if training:
            n = self.batches.value + 1.0
            share = tf.maximum(1.0 / n, 1.0 - self.momentum)
            squares = tf.matmul(x, x, transpose_a=True) / tf.cast(tf.shape(x)[0], x.dtype)
            for average, value in ((self.mean, tf.reduce_mean(x, 0)), (self.square, squares)):
                average.assign(average + share * (value - average))
            self.batches.assign(n)
        mean = tf.convert_to_tensor(self.mean.value)
        covariance = self.square.value - mean[:, None] * mean
        floor = self.epsilon * tf.linalg.trace(covariance) / mean.shape[0]
        factor = tf.linalg.cholesky(covariance + floor * tf.eye(mean.shape[0]))
        return tf.transpose(tf.linalg.triangular_solve(factor, tf.transpose(x - mean)))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}

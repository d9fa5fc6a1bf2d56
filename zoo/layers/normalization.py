"""Normalization layers."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer with the fused kernel where there is one device, and one batch on many.

    Defaults are those of the DCGAN authors: momentum 0.9, ε 1e-5. On several replicas the
    statistics are those of the global batch, so that the replicas' copies do not drift apart.
    The fused kernel took a fifth off a whole DCGAN step in bfloat16.
    """

    def __init__(self, momentum=0.9, epsilon=1e-5, **kwargs):
        kwargs.setdefault("synchronized", tf.distribute.get_strategy().num_replicas_in_sync > 1)
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)

    def call(self, x, training=None, mask=None):
        if not training or self.synchronized or len(x.shape) != 4:
            return super().call(x, training=training, mask=mask)
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x,
            tf.cast(self.gamma, tf.float32),
            tf.cast(self.beta, tf.float32),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel reports the unbiased variance; Keras averages the biased one.
        n = tf.cast(tf.size(x) / x.shape[-1], tf.float32)
        variance *= (n - 1.0) / n
        for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            average.assign(average * self.momentum + value * (1.0 - self.momentum))
        return y


@keras.saving.register_keras_serializable("zoo")
class InstanceNormalization(keras.layers.GroupNormalization):
    """Each channel of each example normalised over its own pixels. Ulyanov et al. 2016.

    Keras' group normalisation with one channel a group, under the name the field knows. The
    statistics of a batch of one are its batch statistics, for which there is a fused kernel.
    """

    def __init__(self, epsilon=1e-3, **kwargs):
        super().__init__(**{**kwargs, "groups": -1}, epsilon=epsilon)

    def call(self, x):
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
    """L⁻¹ (x − μ) with L Lᵀ the covariance: all directions of examples vary alike. Huang et al. 2018,
    Decorrelated Batch Normalization, arXiv 1804.08450, by Cholesky's factor for their eigenvectors'.

    For what is no longer learned, such as embeddings by a frozen network: the statistics are those of all
    batches so far, later moving averages, in training too, and no gradient reaches them.

    Args:
        momentum: of the moving averages.
        epsilon: of the mean variance, added to each direction's: those that hardly vary are noise. Of the
            variance of captions' embeddings the scene's factors were 0.92, the rest phrasing; of that of
            the whitened ones they were 0.47 with 0.1, 0.67 with 0.5.

    Input and output shape: [B, E].
    """

    def __init__(self, momentum=0.999, epsilon=0.5, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape):
        e = input_shape[-1]
        own = {"trainable": False, "aggregation": "only_first_replica"}
        self.batches = self.add_weight(name="batches", shape=(), initializer="zeros", **own)
        self.mean = self.add_weight(name="mean", shape=(e,), initializer="zeros", **own)
        self.square = self.add_weight(name="square", shape=(e, e), initializer="identity", **own)

    def call(self, x, training=False):
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

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}

"""Layers whose kernel is computed from other variables."""

import keras
import tensorflow as tf


class Reparametrized(keras.layers.Wrapper):
    """A layer whose kernel is computed from its variables at each call, and never assigned."""

    def call(self, x, training=False):
        kernel = self.layer.kernel
        effective = tf.cast(self.reparametrise(kernel, training), kernel.dtype)
        with keras.StatelessScope(state_mapping=[(kernel, effective)]):
            return self.layer(x)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)


@keras.saving.register_keras_serializable("zoo")
class SpectralNormalization(Reparametrized):
    """W / σ(W), with σ the largest singular value by power iteration. Miyato et al. 2018, alg. 1.

    Keras' layer (and tensorflow-addons') overwrites the kernel as it runs, so that a generator's
    turn would change the discriminator. Here the kernel stays as the optimizer left it and the
    gradient passes through 1/σ, as in the paper's eq. 12.

    Args:
        layer: a layer with a `kernel` (Dense, Conv2D, …).
        power_iterations: how many a training step; none are made in inference.
    """

    def __init__(self, layer, power_iterations=1, **kwargs):
        super().__init__(layer, **kwargs)
        self.power_iterations = power_iterations

    def build(self, input_shape):
        super().build(input_shape)
        self.u = self.add_weight(
            name="u",
            shape=(1, self.layer.kernel.shape[-1]),
            initializer=keras.initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            dtype="float32",
            autocast=False,
            aggregation="only_first_replica",
        )

    def reparametrise(self, kernel, training):
        w = tf.reshape(tf.cast(kernel.value, tf.float32), [-1, kernel.shape[-1]])
        u = tf.convert_to_tensor(self.u.value)
        fixed = tf.stop_gradient(w)  # u and v are constants to the gradient
        v = tf.math.l2_normalize(tf.matmul(u, fixed, transpose_b=True))
        if training:
            for _ in range(self.power_iterations):
                v = tf.math.l2_normalize(tf.matmul(u, fixed, transpose_b=True))
                u = tf.math.l2_normalize(tf.matmul(v, fixed))
            self.u.assign(u)
        sigma = tf.matmul(tf.matmul(v, w), u, transpose_b=True)
        return tf.reshape(w / sigma, kernel.shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}


@keras.saving.register_keras_serializable("zoo")
class WeightNormalization(Reparametrized):
    """g · v / ‖v‖, direction and length of each unit's weights apart. Salimans & Kingma 2016, eq. 2.

    Args:
        layer: a layer with a `kernel`; g starts as the norm of that kernel (tensorflow-addons'
            `data_init=False`).
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.g = self.add_weight(
            name="g", shape=(self.layer.kernel.shape[-1],), initializer="ones", dtype="float32"
        )
        self.g.assign(self._norm(self.layer.kernel.value))

    @staticmethod
    def _norm(v):
        return tf.sqrt(tf.reduce_sum(tf.square(v), axis=range(len(v.shape) - 1)))

    def reparametrise(self, kernel, training):
        v = tf.cast(kernel.value, tf.float32)
        return self.g.value * v / self._norm(v)

"""Wrappers that compute the kernel of a layer from other variables."""

from typing import Any

import keras
import tensorflow as tf


class Reparametrized(keras.layers.Wrapper):
    """Runs a layer with a kernel that is computed at each call.

    The kernel variable itself is not assigned. Subclasses implement `reparametrize`.

    Args:
        layer: A `keras.layers.Layer` with a `kernel`, such as `Dense` or `Conv2D`.
        **kwargs: Keyword arguments of `keras.layers.Wrapper`.
    """

    def reparametrize(self, kernel: keras.Variable, training: bool) -> tf.Tensor:
        """Returns the kernel to run the layer with, in the shape of `kernel`."""
        raise NotImplementedError

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns the outputs of the layer with the computed kernel."""
        kernel = self.layer.kernel
        effective = tf.cast(self.reparametrize(kernel, training), kernel.dtype)
        with keras.StatelessScope(state_mapping=[(kernel, effective)]):
            return self.layer(x)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the output shape for an input shape."""
        return self.layer.compute_output_shape(input_shape)


@keras.saving.register_keras_serializable("zoo")
class SpectralNormalization(Reparametrized):
    """Divides the kernel of a layer by its largest singular value.

    The singular value is estimated by power iteration. The gradient passes through it, as in equation 12 of
    the paper.

    Differences: Keras' and tensorflow-addons' layers overwrite the kernel in each training call, also in
    the update of the generator. This layer does not change the kernel.

    Args:
        layer: A `keras.layers.Layer` with a `kernel`, such as `Dense` or `Conv2D`.
        power_iterations: Integer. Number of power iterations per call in training. Inference uses the
            stored estimate. Defaults to 1.
        **kwargs: Keyword arguments of `keras.layers.Wrapper`.

    Input shape:
        The input shape of `layer`.

    Output shape:
        The output shape of `layer`.

    Reference:
        Miyato et al., 2018, "Spectral Normalization for GANs", arXiv 1802.05957, algorithm 1.
    """

    def __init__(self, layer: keras.layers.Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = power_iterations

    def build(self, input_shape: tuple) -> None:
        """Creates the estimate of the singular vector."""
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

    def reparametrize(self, kernel: keras.Variable, training: bool) -> tf.Tensor:
        """Returns the kernel divided by its estimated largest singular value."""
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

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "power_iterations": self.power_iterations}


@keras.saving.register_keras_serializable("zoo")
class WeightNormalization(Reparametrized):
    """Decouples the length of each unit's weights from their direction.

    The kernel of unit i is `g[i] * v[i] / norm(v[i])`, with v the kernel variable of the layer. g starts as
    the norm of the initial kernel, so that the initial kernel does not change.

    Differences from tensorflow-addons: g and v do not depend on the first batch (`data_init=False`).

    Args:
        layer: A `keras.layers.Layer` with a `kernel`, such as `Dense` or `Conv2D`.
        **kwargs: Keyword arguments of `keras.layers.Wrapper`.

    Input shape:
        The input shape of `layer`.

    Output shape:
        The output shape of `layer`.

    Reference:
        Salimans and Kingma, 2016, "Weight Normalization", arXiv 1602.07868, equation 2.
    """

    def build(self, input_shape: tuple) -> None:
        """Creates the lengths g."""
        super().build(input_shape)
        self.g = self.add_weight(
            name="g", shape=(self.layer.kernel.shape[-1],), initializer="ones", dtype="float32"
        )
        self.g.assign(self._norm(self.layer.kernel.value))

    @staticmethod
    def _norm(v: tf.Tensor) -> tf.Tensor:
        return tf.sqrt(tf.reduce_sum(tf.square(v), axis=range(len(v.shape) - 1)))

    def reparametrize(self, kernel: keras.Variable, training: bool) -> tf.Tensor:
        """Returns g v / ‖v‖."""
        v = tf.cast(kernel.value, tf.float32)
        return self.g.value * v / self._norm(v)

"""Activations."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("zoo")
class Maxout(keras.layers.Layer):
    """Computes the maximum over the pieces of each unit.

    Channel `piece * units + unit` of the input belongs to that piece and unit.

    Args:
        units: Integer. Number of channels of the output. The number of input channels must be a multiple
            of `units`.
        **kwargs: Keyword arguments of `keras.layers.Layer`.

    Input shape:
        `(..., pieces * units)`

    Output shape:
        `(..., units)`

    Raises:
        ValueError: The number of input channels is not a multiple of `units`.

    Example:
        >>> Maxout(2)(tf.constant([[1.0, 2.0, 3.0, 0.0]])).numpy().tolist()
        [[3.0, 2.0]]

    Reference:
        Goodfellow et al., 2013, "Maxout Networks", arXiv 1302.4389, equation 1.
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: tuple) -> None:
        """Checks the number of channels."""
        if input_shape[-1] % self.units:
            raise ValueError(f"Maxout cannot share {input_shape[-1]} channels among {self.units} units.")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the maximum over the pieces of each unit."""
        pieces = x.shape[-1] // self.units
        shape = tf.concat([tf.shape(x)[:-1], [pieces, self.units]], 0)
        y = tf.reduce_max(tf.reshape(x, shape), axis=-2)
        return tf.ensure_shape(y, [*x.shape[:-1], self.units])

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the output shape for an input shape."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("zoo")
class PReLU(keras.layers.PReLU):
    """Computes `keras.layers.PReLU` with fewer operations.

    The outputs agree with those of Keras' layer up to rounding. The arguments are the same.
    """

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the activations of the inputs."""
        return inputs + (self.alpha - 1.0) * tf.minimum(inputs, 0.0)

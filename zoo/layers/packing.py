"""Packs of examples (PacGAN)."""

from typing import Any

import keras
import tensorflow as tf

from zoo.errors import ZooError


@keras.saving.register_keras_serializable("zoo")
class Pack(keras.layers.Layer):
    """Concatenates groups of `m` consecutive examples along the channel axis.

    A discriminator that sees several samples at once can detect mode collapse.

    Args:
        m: Integer. Number of examples per pack. The batch size must be a multiple of `m`.
        alone: Boolean. If `True`, packs each example with copies of itself. Defaults to `False`.
        **kwargs: Keyword arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, ..., channels)`

    Output shape:
        `(batch // m, ..., m * channels)`, or `(batch, ..., m * channels)` if `alone`.

    Raises:
        ZooError: The batch size is not a multiple of `m`.

    Example:
        >>> Pack(2)(tf.constant([[1], [2], [3], [4]])).numpy().tolist()
        [[1, 2], [3, 4]]

    Reference:
        Lin et al., 2018, "PacGAN", arXiv 1712.04086, section 2.
    """

    def __init__(self, m: int, alone: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.m, self.alone = m, alone

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the packs."""
        if self.alone:
            return tf.concat([x] * self.m, axis=-1)
        if x.shape[0] is not None and x.shape[0] % self.m:
            raise ZooError(
                f"batch_size is {x.shape[0]}, but must be a multiple of the pack size ({self.m}).",
                batch_size=60 * self.m,
            )
        inner = list(x.shape[1:])
        packs = tf.reshape(x, [-1, self.m, *inner])
        order = [0, *range(2, len(inner) + 1), 1, len(inner) + 1]
        return tf.reshape(tf.transpose(packs, order), [-1, *inner[:-1], self.m * inner[-1]])

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the output shape for an input shape."""
        b, *inner, c = input_shape
        return (b if self.alone else b and b // self.m, *inner, self.m * c)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "m": self.m, "alone": self.alone}


def packed(x: tf.Tensor, m: int) -> tf.Tensor:
    """Returns `Pack(m)(x)`, or `x` if `m` is 1.

    Args:
        x: Tensor or Keras tensor `(batch, ..., channels)`.
        m: Integer, at least 1. Number of examples per pack.

    Raises:
        ZooError: `m` is less than 1.
    """
    if m < 1:
        raise ZooError(f"network.pack is {m}, but must be at least 1.")
    return Pack(m)(x) if m > 1 else x


def each_its_own_pack(inputs: Any, m: int) -> Any:
    """Repeats each example `m` times, so that each pack holds copies of one example.

    A discriminator that packs `m` examples then scores each example on its own.

    Args:
        inputs: Tensor `(batch, ...)`, or a nested structure of them.
        m: Integer. Number of examples per pack.

    Returns:
        Tensors `(m * batch, ...)` in the structure of `inputs`.
    """
    return tf.nest.map_structure(lambda v: tf.repeat(v, m, 0), inputs)

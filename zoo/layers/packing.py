"""Packs of examples (PacGAN)."""

import keras
import tensorflow as tf

from zoo.errors import ZooError


@keras.saving.register_keras_serializable("zoo")
class Pack(keras.layers.Layer):
    """m examples in a row become one of m times the channels. Lin et al. 2018, PacGAN, §2.

    Args:
        m: how many; a batch must be a multiple of it.
        alone: whether, instead, each example is a pack of itself, as when examples are judged one by one.

    Input shape: [B, …, C]. Output shape: [B / m, …, m C]; of examples alone, [B, …, m C].
    """

    def __init__(self, m, alone=False, **kwargs):
        super().__init__(**kwargs)
        self.m, self.alone = m, alone

    def call(self, x):
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

    def compute_output_shape(self, input_shape):
        b, *inner, c = input_shape
        return (b if self.alone else b and b // self.m, *inner, self.m * c)

    def get_config(self):
        return {**super().get_config(), "m": self.m, "alone": self.alone}


def packed(x, m):
    """What a discriminator that packs m examples starts from; with m = 1, the examples."""
    if m < 1:
        raise ZooError(f"network.pack is at least 1, not {m}.")
    return Pack(m)(x) if m > 1 else x


def each_its_own_pack(inputs, m):
    """Examples [B, …] and what goes with them, each m times: packs of one, which are judged one by one."""
    return tf.nest.map_structure(lambda v: tf.repeat(v, m, 0), inputs)

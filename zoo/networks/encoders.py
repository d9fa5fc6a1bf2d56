"""Text encoders and their input layer."""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.networks import pretrained

alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+-=<>()[]{} "


@keras.saving.register_keras_serializable("zoo")
class Characters(keras.layers.Layer):
    """Encodes strings as rows of one-hot characters.

    Capitals are read as lowercase letters. Each UTF-8 byte outside the alphabet is a row of zeros.
    Characters beyond `length` are ignored.

    Args:
        length: Integer. Number of characters.

    Input shape:
        `(batch,)`, strings.

    Output shape:
        `(batch, length, 70)`

    Reference:
        Zhang et al., 2015, "Character-level Convolutional Networks for Text Classification", section 2.2.
    """

    def __init__(self, length, **kwargs):
        super().__init__(**kwargs)
        self.length = length

    def call(self, strings):
        """Returns the one-hot rows of strings."""
        place = {ord(character): i for i, character in enumerate(alphabet)}
        table = tf.constant([place.get(byte, -1) for byte in range(256)])
        codes = tf.io.decode_raw(tf.strings.lower(strings), tf.uint8, fixed_length=self.length)
        rows = tf.one_hot(tf.gather(table, tf.cast(codes, tf.int32)), len(alphabet))
        return tf.ensure_shape(rows, [None, self.length, len(alphabet)])

    def compute_output_spec(self, strings):
        """Returns the shape and dtype of the output."""
        return keras.KerasTensor((strings.shape[0], self.length, len(alphabet)), "float32")

    def get_config(self):
        """Returns the configuration of the layer."""
        return {**super().get_config(), "length": self.length}


def encoder(which):
    """Returns a frozen network from strings `[B]` to embeddings `[B, E]`.

    Args:
        which: A trained `textencoder` (its name or its run folder), a Keras model, or its file.keras.

    Raises:
        ZooError: The network cannot be read, or does not take strings.
    """
    network = pretrained.network(which, lambda model: getattr(model, "text", None))
    try:
        network(tf.constant(["words"]))
    except Exception as error:  # whatever the layers of a stranger's network raise
        raise ZooError(f"The encoder {which} does not take strings: {str(error)[:200]}") from error
    return network

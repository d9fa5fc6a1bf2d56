"""Text encoders and their input."""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.networks import pretrained

alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+-=<>()[]{} "


@keras.saving.register_keras_serializable("zoo")
class Characters(keras.layers.Layer):
    """Strings as rows of one-hot characters. Zhang et al. 2015, Character-level CNNs, §2.2.

    Capitals are read as small letters; what is not in the alphabet, other scripts among it, is a row of
    zeros for each of its UTF-8 bytes; what is beyond the length is not read.

    Args:
        length: how many characters are read.

    Input shape: string [B]. Output shape: [B, length, 70].
    """

    def __init__(self, length, **kwargs):
        super().__init__(**kwargs)
        self.length = length

    def call(self, strings):
        place = {ord(character): i for i, character in enumerate(alphabet)}
        table = tf.constant([place.get(byte, -1) for byte in range(256)])
        codes = tf.io.decode_raw(tf.strings.lower(strings), tf.uint8, fixed_length=self.length)
        rows = tf.one_hot(tf.gather(table, tf.cast(codes, tf.int32)), len(alphabet))
        return tf.ensure_shape(rows, [None, self.length, len(alphabet)])

    def compute_output_spec(self, strings):
        return keras.KerasTensor((strings.shape[0], self.length, len(alphabet)), "float32")

    def get_config(self):
        return {**super().get_config(), "length": self.length}


def encoder(which):
    """A frozen network from strings [B] to embeddings [B, E].

    Args:
        which: a trained `textencoder` (its name, or its run folder), a Keras model, or the file.keras
            of one.

    Raises:
        ZooError: it is none of these, or takes no strings.
    """
    network = pretrained.network(which, lambda model: getattr(model, "text", None))
    try:
        network(tf.constant(["words"]))
    except Exception as error:  # whatever the layers of a stranger's network raise
        raise ZooError(f"The encoder {which} does not take strings: {str(error)[:200]}") from error
    return network

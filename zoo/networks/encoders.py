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


@keras.saving.register_keras_serializable("zoo")
class OpenGRU(keras.layers.Layer):
    """Applies a gated recurrent unit whose first state has no gates, and returns all states.

    The first state is `tanh(W x₁ + b)`. The states after it are those of a GRU whose reset gate acts before
    the product with the recurrent weights.

    Args:
        units: Integer. Number of units.
        initializer: Initializer of all weights. Defaults to "glorot_uniform", with biases of 0.

    Input shape:
        `(batch, steps, channels)`, with a known number of steps.

    Output shape:
        `(batch, steps, units)`

    Reference:
        Reed et al., 2016, arXiv 1605.05395, authors' code (FixedGRU).
    """

    def __init__(self, units, initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        """Creates the weights of update gate, reset gate and candidate."""
        u = self.units

        def weight(name, *shape):
            again = type(self.initializer).from_config(self.initializer.get_config())  # with its own seed
            vector = len(shape) == 1 and isinstance(self.initializer, keras.initializers.GlorotUniform)
            return self.add_weight(name=name, shape=shape, initializer="zeros" if vector else again)

        self.kernel = weight("kernel", input_shape[-1], 3 * u)
        self.bias = weight("bias", 3 * u)
        self.gates = weight("gates", u, 2 * u)
        self.gates_bias = weight("gates_bias", 2 * u)
        self.candidate = weight("candidate", u, u)
        self.candidate_bias = weight("candidate_bias", u)

    def call(self, x):
        """Returns all states."""
        update, reset, new = tf.split(keras.ops.matmul(x, self.kernel) + self.bias, 3, axis=-1)
        h = tf.tanh(new[:, 0])
        states = [h]
        for t in range(1, x.shape[1]):
            gates = keras.ops.matmul(h, self.gates) + self.gates_bias
            z = tf.sigmoid(update[:, t] + gates[:, : self.units])
            r = tf.sigmoid(reset[:, t] + gates[:, self.units :])
            proposed = keras.ops.matmul(r * h, self.candidate) + self.candidate_bias
            h = z * tf.tanh(new[:, t] + proposed) + (1.0 - z) * h
            states.append(h)
        return tf.stack(states, 1)

    def compute_output_spec(self, x):
        """Returns the shape and dtype of the output."""
        return keras.KerasTensor((*x.shape[:2], self.units), self.compute_dtype)

    def get_config(self):
        """Returns the configuration of the layer."""
        initializer = keras.initializers.serialize(self.initializer)
        return {**super().get_config(), "units": self.units, "initializer": initializer}


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

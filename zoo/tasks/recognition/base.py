"""The training base class of classifiers and segmenters."""

import tensorflow as tf

from zoo.game.adversarial import Adversarial
from zoo.images import pixels


def cross_entropy(labels, logits):
    """Returns the mean cross-entropy of integer labels and logits."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def accuracy(labels, logits):
    """Returns the share of labels that have the largest logit."""
    found = tf.argmax(logits, -1, output_type=tf.int32)
    return tf.reduce_mean(tf.cast(tf.equal(found, labels), tf.float32))


class Recognizer(Adversarial):
    """A model with one side, whose network reads images.

    Args:
        side: String. Name of the side.
        network: A Keras model from images in [-1, 1] to a dict of outputs.
        x_shape: Tuple `(H, W, C)`.
    """

    task = "recognition"

    def __init__(self, side, network, x_shape, **kwargs):
        super().__init__({side: [network]}, **kwargs)
        self.averaged_side = side
        self.network = network
        self.x_shape = tuple(x_shape)

    def forward(self, batch):
        """Runs the network on the images of a batch, in training mode."""
        self.network(pixels.scale(batch["x"]), training=True)

    def images(self):
        """Returns the input of a signature that takes images: `{"image": tf.TensorSpec}`."""
        return {"image": tf.TensorSpec([None, *self.x_shape], tf.uint8, "image")}

    def describe(self):
        """Returns the shape of the images, and the name of the labels of the data."""
        return {"x_shape": list(self.x_shape), **self.label_facts()}

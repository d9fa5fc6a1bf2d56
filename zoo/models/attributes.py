"""A plain classifier of several factors at once: the judge of pictures made from descriptions."""

import keras
import tensorflow as tf

from zoo import pixels
from zoo.adversarial import Adversarial, step
from zoo.errors import ZooError
from zoo.layers import BatchNormalization, Dropout
from zoo.registry import register


def what_and_where(h, channels=8):
    """What is in a picture, wherever it is, and coarsely where: of a map, the largest response of each
    channel, and all of a few channels."""
    where = keras.layers.Flatten()(keras.layers.Conv2D(channels, 1)(h))
    return keras.layers.Concatenate()([keras.layers.GlobalMaxPooling2D()(h), where])


def classifier_network(x, width):
    """Convolutions and poolings of a picture."""
    h = x
    for i in range(4):
        for _ in range(2 if i else 1):
            h = keras.layers.Conv2D(width * 2**i, 3, padding="same", use_bias=False)(h)
            h = keras.layers.ReLU()(BatchNormalization()(h))
        h = keras.layers.MaxPooling2D()(h) if i < 3 else h
    return h


class Attributes(Adversarial):
    """A game with one side: the sum of the factors' cross-entropies."""

    averaged_side = "classifier"

    def __init__(self, network, factors, x_shape, **kwargs):
        super().__init__({"classifier": [network]}, **kwargs)
        self.network = network  # pixels to {factor: logits} and "feature"
        self.factors = factors
        self.x_shape = x_shape

    @step
    def train_step(self, batch):
        labels = tf.unstack(batch["factors"], axis=1)
        with self.turn("classifier") as c:
            outputs = self.network(pixels.scale(batch["x"]), training=True)
            c.loss = tf.add_n(
                [
                    tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, outputs[name]))
                    for name, y in zip(self.factors, labels)
                ]
            )
        for name, y in zip(self.factors, labels):
            right = tf.equal(tf.argmax(outputs[name], -1, output_type=tf.int32), y)
            self.report(name, tf.reduce_mean(tf.cast(right, tf.float32)))

    def pass_over(self, batch):
        self.network(pixels.scale(batch["x"]), training=True)

    def signatures(self):
        """`read`: pictures to the probabilities of each factor's labels, and a feature."""

        def read(image):
            outputs = self.network(pixels.scale(image))
            return {**{k: tf.nn.softmax(outputs[k]) for k in self.factors}, "feature": outputs["feature"]}

        images = {"image": tf.TensorSpec([None, *self.x_shape], tf.uint8, "image")}
        return {"read": (read, images)}

    def describe(self):
        return {"x_shape": list(self.x_shape), "factors": self.factors}


@register("attributes", reads="descriptions")
def build(x_shape, classes=None, width=16, features=256, dropout=0.3):
    """What is in the picture and where, a dense layer of features, and a softmax a factor.

    Args:
        x_shape: (H, W, C), sides at least 16.
        classes: {"factors": {name: how many labels}}.
        width: channels at full size; each pooling doubles them.
        features: units of the dense layer.
        dropout: rate around the dense layer.

    Raises:
        ZooError: pictures without labels.
    """
    factors = classes["factors"]
    if not factors:
        raise ZooError("Pictures without labels have no attributes to read: --dataset=shapes/captions.")
    x = keras.Input(x_shape, name="x")
    h = Dropout(dropout)(what_and_where(classifier_network(x, width)))
    h = keras.layers.Dense(features, use_bias=False)(h)
    feature = keras.layers.ReLU(dtype="float32")(BatchNormalization()(h))
    h = Dropout(dropout)(feature)
    logits = {name: keras.layers.Dense(n, dtype="float32")(h) for name, n in factors.items()}
    network = keras.Model(x, {**logits, "feature": feature}, name="classifier")
    return Attributes(network, factors, tuple(x_shape))

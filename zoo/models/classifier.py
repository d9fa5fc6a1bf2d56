"""A plain classifier, for the evaluation of conditional samples.

Its features also compare generated digits with real ones.
"""

import keras
import tensorflow as tf

from zoo.game.adversarial import step
from zoo.images import pixels
from zoo.layers.noise import Dropout
from zoo.layers.normalization import BatchNormalization
from zoo.networks.labels import labeled, labels_of
from zoo.networks.pyramid import discriminator_features
from zoo.registry import register
from zoo.tasks.recognition.base import Recognizer, accuracy, cross_entropy


class Classifier(Recognizer):
    """Trains a network by cross-entropy.

    Args:
        network: Network from images in [−1, 1] to `{"logits", "feature"}`.
        x_shape: Tuple `(H, W, C)`.
    """

    data_label = "label"

    def __init__(self, network, x_shape, **kwargs):
        super().__init__("classifier", network, x_shape, **kwargs)

    @step
    def train_step(self, batch):
        """Makes one update and reports the accuracy on the batch."""
        y = labels_of(batch)
        with self.turn("classifier") as c:
            logits = self.network(pixels.scale(batch["x"]), training=True)["logits"]
            c.loss = cross_entropy(y, logits)
        self.report("accuracy", accuracy(y, logits))

    def signatures(self):
        """Returns `classify`: images to probabilities and features."""

        def classify(image):
            outputs = self.network(pixels.scale(image))
            return {
                "probability": tf.nn.softmax(outputs["logits"]),
                "feature": outputs["feature"],
            }

        return {"classify": (classify, self.images())}


@register("classifier")
def build(x_shape, classes=None, width=32, features=128, dropout=0.5):
    """Builds strided convolutions, a dense layer of features, and a softmax.

    Args:
        x_shape: Tuple `(H, W, C)`.
        classes: Integer. Number of labels.
        width: Integer. Channels of the first layer. Each layer inwards has twice as many. Defaults to 32.
        features: Integer. Units of the dense layer. Defaults to 128.
        dropout: Float. Dropout rate before and after the dense layer. Defaults to 0.5.
    """
    outputs = labeled(classes).classes
    x = keras.Input(x_shape, name="x")
    h = keras.layers.Flatten()(discriminator_features(x, x_shape, width, 5))
    h = keras.layers.Dense(features, use_bias=False)(Dropout(dropout)(h))
    feature = keras.layers.ReLU(dtype="float32")(BatchNormalization()(h))
    logits = keras.layers.Dense(outputs, dtype="float32")(Dropout(dropout)(feature))
    network = keras.Model(x, {"logits": logits, "feature": feature}, name="classifier")
    return Classifier(network, x_shape)

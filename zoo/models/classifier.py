"""A plain classifier, trained apart: the judge of conditional samples, and the source of the
features in which generated digits are compared with real ones."""

import keras
import tensorflow as tf

from zoo.game.adversarial import step
from zoo.images import pixels
from zoo.layers.noise import Dropout
from zoo.layers.normalization import BatchNormalization
from zoo.networks.labels import labelled, labels_of
from zoo.networks.pyramid import discriminator_features
from zoo.registry import register
from zoo.tasks.recognition.base import Recognizer, accuracy, cross_entropy


class Classifier(Recognizer):
    """A game with one side: cross-entropy."""

    def __init__(self, network, x_shape, **kwargs):
        super().__init__("classifier", network, x_shape, **kwargs)

    @step
    def train_step(self, batch):
        y = labels_of(batch)
        with self.turn("classifier") as c:
            logits = self.network(pixels.scale(batch["x"]), training=True)["logits"]
            c.loss = cross_entropy(y, logits)
        self.report("accuracy", accuracy(y, logits))

    def signatures(self):
        def classify(image):
            outputs = self.network(pixels.scale(image))
            return {
                "probability": tf.nn.softmax(outputs["logits"]),
                "feature": outputs["feature"],
            }

        return {"classify": (classify, self.images())}


@register("classifier")
def build(x_shape, classes=None, width=32, features=128, dropout=0.5):
    """Strided convolutions, a dense layer of features, a softmax.

    Args:
        x_shape: (H, W, C).
        classes: how many labels.
        width: channels of the first layer; each layer inwards has twice as many.
        features: units of the dense layer.
        dropout: rate around the dense layer.
    """
    outputs = labelled(classes).classes
    x = keras.Input(x_shape, name="x")
    h = keras.layers.Flatten()(discriminator_features(x, x_shape, width, 5))
    h = keras.layers.Dense(features, use_bias=False)(Dropout(dropout)(h))
    feature = keras.layers.ReLU(dtype="float32")(BatchNormalization()(h))
    logits = keras.layers.Dense(outputs, dtype="float32")(Dropout(dropout)(feature))
    network = keras.Model(x, {"logits": logits, "feature": feature}, name="classifier")
    return Classifier(network, x_shape)

"""A plain classifier of several factors at once.

It evaluates images that were generated from descriptions.
"""

import keras
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game.adversarial import step
from zoo.images import pixels
from zoo.layers.noise import Dropout
from zoo.layers.normalization import BatchNormalization
from zoo.networks.blocks import convolution_batch_norm_relu, what_and_where
from zoo.parts.inputs import recoloured
from zoo.registry import register
from zoo.tasks.recognition.base import Recognizer, accuracy, cross_entropy


def classifier_network(x, width):
    """Applies convolutions and poolings to images.

    Args:
        x: Tensor `[B, H, W, C]`.
        width: Integer. Channels at full size. Each pooling doubles them.
    """
    h = x
    for i in range(4):
        for _ in range(2 if i else 1):
            h = convolution_batch_norm_relu(h, width * 2**i)
        h = keras.layers.MaxPooling2D()(h) if i < 3 else h
    return h


class Attributes(Recognizer):
    """Trains a network by the sum of the factors' cross-entropies.

    Args:
        network: Network from images in [−1, 1] to `{factor: logits}` and "feature".
        factors: Dict, `{name: number of labels}`.
        x_shape: Tuple `(H, W, C)`.
        kept_factors: Tuple of strings. Factors that `recoloured` copies of the images still show.
    """

    def __init__(self, network, factors, x_shape, kept_factors=(), **kwargs):
        super().__init__("classifier", network, x_shape, **kwargs)
        self.factors = factors
        self.kept_factors = kept_factors

    @step
    def train_step(self, batch):
        """Makes one update and reports the accuracy of each factor."""
        labels = dict(zip(self.factors, tf.unstack(batch["factors"], axis=1)))
        with self.turn("classifier") as c:
            originals, copies = self.answers(batch)
            c.loss = tf.add_n(
                [cross_entropy(labels[name], originals[name]) for name in self.factors]
                + [cross_entropy(labels[name], copies[name]) for name in self.kept_factors]
            )
        for name, y in labels.items():
            self.report(name, accuracy(y, originals[name]))

    def answers(self, batch):
        """Returns the outputs for a batch and for its recolored copies, in training."""
        x = pixels.scale(batch["x"])
        shown = tf.concat([x, recoloured(x)], 0) if self.kept_factors else x
        outputs = self.network(shown, training=True)
        n = tf.shape(x)[0]
        return [{name: h[part] for name, h in outputs.items()} for part in (slice(n), slice(n, None))]

    def forward(self, batch):
        """Runs the network on a batch and its copies."""
        self.answers(batch)

    def signatures(self):
        """Returns `read`: images to the probabilities of each factor's labels, and a feature."""

        def read(image):
            outputs = self.network(pixels.scale(image))
            return {**{k: tf.nn.softmax(outputs[k]) for k in self.factors}, "feature": outputs["feature"]}

        return {"read": (read, self.images())}

    def describe(self):
        """Returns the shape of the images and the factors."""
        return {**super().describe(), "factors": self.factors}


@register("attributes", reads="descriptions")
def build(x_shape, classes=None, width=16, features=256, dropout=0.3, recoloured=()):
    """Builds convolutions, a dense layer of features, and one softmax per factor.

    Args:
        x_shape: Tuple `(H, W, C)`. The sides are at least 16.
        classes: Dict with "factors": `{name: number of labels}`.
        width: Integer. Channels at full size. Each pooling doubles them. Defaults to 16.
        features: Integer. Units of the dense layer. Defaults to 256.
        dropout: Float. Dropout rate before and after the dense layer. Defaults to 0.3.
        recoloured: Tuple of strings. Factors that do not depend on color or place, such as `("kind",
            "size")`. Copies in other colors are trained on them too. This prevents a shortcut if the data
            holds out pairs: a network otherwise learns which pairs exist.

    Raises:
        ZooError: The images do not have labels, a factor is unknown, or the images to recolor are not
            square.
    """
    factors = classes["factors"]
    if not factors:
        raise ZooError("The data has no factors to learn.", dataset="shapes/captions")
    for name in recoloured:
        if name not in factors:
            raise unknown("factor", name, factors)
    if recoloured and x_shape[0] != x_shape[1]:
        raise ZooError(f"The images are {tuple(x_shape)}, but recoloured needs square images.")
    x = keras.Input(x_shape, name="x")
    h = Dropout(dropout)(what_and_where(classifier_network(x, width)))
    h = keras.layers.Dense(features, use_bias=False)(h)
    feature = keras.layers.ReLU(dtype="float32")(BatchNormalization()(h))
    h = Dropout(dropout)(feature)
    logits = {name: keras.layers.Dense(n, dtype="float32")(h) for name, n in factors.items()}
    network = keras.Model(x, {**logits, "feature": feature}, name="classifier")
    return Attributes(network, factors, x_shape, tuple(recoloured))

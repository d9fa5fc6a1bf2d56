"""A plain segmenter, for the evaluation of translations.

Its agreement with the labels of the input is the FCN score of Isola et al. 2017, section 4.
"""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game.adversarial import step
from zoo.images import pixels
from zoo.networks.blocks import convolution_batch_norm_relu, stages
from zoo.networks.labels import labeled
from zoo.registry import register
from zoo.tasks.recognition.base import Recognizer, accuracy, cross_entropy


class Segmenter(Recognizer):
    """Trains a network by the cross-entropy of each pixel.

    Args:
        network: Network from images in [−1, 1] to `{"logits", "feature"}`.
        x_shape: Tuple `(H, W, C)`.
    """

    def __init__(self, network, x_shape, **kwargs):
        super().__init__("segmenter", network, x_shape, **kwargs)

    @step
    def train_step(self, batch):
        """Makes one update and reports the accuracy over pixels."""
        if batch["y"].shape.rank != 4:
            raise ZooError("A segmenter needs one label per pixel.", dataset="shapes/segmentation")
        y = batch["y"][..., 0]
        with self.turn("segmenter") as s:
            logits = self.network(pixels.scale(batch["x"]), training=True)["logits"]
            s.loss = cross_entropy(y, logits)
        self.report("accuracy", accuracy(y, logits))

    def signatures(self):
        """Returns `segment`: images to the label of each pixel, and features."""

        def segment(image):
            outputs = self.network(pixels.scale(image))
            label = tf.argmax(outputs["logits"], -1, output_type=tf.int32)
            return {"label": label, "feature": outputs["feature"]}

        return {"segment": (segment, self.images())}


@register("segmenter")
def build(x_shape, classes=None, width=16):
    """Builds a small U-net with batch norm.

    Args:
        x_shape: Tuple `(H, W, C)`.
        classes: Integer. Number of labels of a pixel.
        width: Integer. Channels at full size. Each halving doubles them, up to eight times. Defaults to 16.

    Reference:
        Ronneberger et al., 2015, "U-Net".
    """
    outputs = labeled(classes).classes
    n = min(stages(x_shape)[0], 4)

    x = keras.Input(x_shape, name="x")
    h, skips = convolution_batch_norm_relu(x, width), []
    for i in range(1, n + 1):
        skips.append(h)
        h = convolution_batch_norm_relu(keras.layers.MaxPooling2D(2)(h), width * min(2**i, 8))
    pooled = keras.layers.GlobalAveragePooling2D()(h)
    feature = keras.layers.Activation("linear", dtype="float32")(pooled)
    for skip in reversed(skips):
        h = keras.layers.Concatenate()([keras.layers.UpSampling2D(2)(h), skip])
        h = convolution_batch_norm_relu(h, skip.shape[-1])
    logits = keras.layers.Conv2D(outputs, 1, dtype="float32")(h)
    network = keras.Model(x, {"logits": logits, "feature": feature}, name="segmenter")
    return Segmenter(network, x_shape)

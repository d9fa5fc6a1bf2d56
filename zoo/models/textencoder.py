"""The char-CNN-RNN text encoder: Reed et al. 2016, Learning Deep Representations of Fine-Grained Visual
Descriptions, arXiv 1605.05395."""

import keras
import tensorflow as tf

from zoo.datasets.captions import captions_of, one_each
from zoo.errors import ZooError
from zoo.game import losses
from zoo.game.adversarial import Adversarial, step
from zoo.images import pixels
from zoo.networks import pretrained
from zoo.networks.encoders import Characters
from zoo.registry import register


def char_cnn_rnn(length, filters, embedding):
    """The hybrid network of §4.2: three convolutions over characters, and a recurrent layer whose states
    are averaged over time.

    Args:
        length: how many characters are read.
        filters: of the three convolutions; the recurrent layer has as many units as the last.
        embedding: E.
    """
    text = keras.Input((), dtype="string", name="text")
    h = Characters(length, dtype="float32")(text)
    for channels, strides in zip(filters, (3, 3, 2)):
        h = keras.layers.Conv1D(channels, 4, activation="relu")(h)
        h = keras.layers.MaxPooling1D(3, strides)(h)
    h = keras.layers.SimpleRNN(filters[-1], "relu", return_sequences=True, unroll=True)(h)
    h = keras.layers.GlobalAveragePooling1D()(h)
    return keras.Model(text, keras.layers.Dense(embedding, dtype="float32")(h), name="text")


class TextEncoder(Adversarial):
    """A game with one side: the embeddings θ(v) of pictures and φ(t) of their captions agree, F(v, t) =
    θ(v)·φ(t), more than with any other's. Equations 3 to 5."""

    averaged_side = "encoder"
    values = {"encoder": ("scores",)}
    task = "recognition"

    def __init__(self, text, image, see, x_shape, **kwargs):
        super().__init__({"encoder": [text, image]}, **kwargs)
        self.text, self.image = text, image
        self.see = see  # the frozen part of θ
        self.seen = keras.Model(see.input, image(see.output), name="seen")  # θ
        self.memory = (see,)
        self.x_shape = x_shape

    @step
    def train_step(self, batch):
        captions = one_each(captions_of(batch))
        with self.turn("encoder") as e:
            v = self.image(self.see(pixels.scale(batch["x"]), training=False), training=True)
            t = self.text(captions, training=True)
            scores = tf.matmul(v, t, transpose_b=True)
            e.loss = self.extended("encoder", losses.joint_embedding(scores), scores=scores)
        mine = tf.equal(tf.argmax(scores, 1), tf.range(tf.shape(scores)[0], dtype=tf.int64))
        self.report("found", tf.reduce_mean(tf.cast(mine, tf.float32)))

    def signatures(self):
        """`embed`: texts, `embed_image`: pictures, to embeddings whose product says how well they fit."""

        def embed(text):
            return {"embedding": self.text(text)}

        def embed_image(image):
            return {"embedding": self.image(self.see(pixels.scale(image), training=False))}

        texts = {"text": tf.TensorSpec([None], tf.string, "text")}
        images = {"image": tf.TensorSpec([None, *self.x_shape], tf.uint8, "image")}
        return {"embed": (embed, texts), "embed_image": (embed_image, images)}

    def describe(self):
        return {"x_shape": list(self.x_shape)}


@register("textencoder", reads="descriptions")
def build(
    x_shape,
    classes=None,
    length=201,
    filters=(384, 512, 256),
    embedding=1024,
    image="attributes_recoloured",
):
    """The text network of the authors' code, and a linear map of a picture's features.

    The authors' features are those of an ImageNet network. Features that were trained along with the
    text's, on scenes, did not tell shapes within 1000 updates, and so nor did the text's.

    Args:
        x_shape: (H, W, C).
        classes: labels are not used: each picture is a class of its own, as with COCO.
        length: characters read, at least 66, for the convolutions shorten them.
        filters: channels of the three convolutions over characters.
        embedding: E, dimensions of both embeddings.
        image: what gives the features: a trained model that has some (attributes_recoloured), a Keras model
            of pictures in [−1, 1], or its file.keras.

    Raises:
        ZooError: too few characters, or no such features.
    """
    if length < 66:
        raise ZooError(f"network.length is 66 characters or more, not {length}.")
    see = pretrained.features(image, x_shape)
    v = keras.Input(see.output_shape[1:], name="v")
    linear = keras.Model(v, keras.layers.Dense(embedding, dtype="float32")(v), name="image")
    return TextEncoder(char_cnn_rnn(length, filters, embedding), linear, see, tuple(x_shape))

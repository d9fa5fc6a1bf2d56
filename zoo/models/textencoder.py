"""The char-CNN-RNN text encoder, trained on images and their captions.

Reference: Reed et al. 2016, Learning Deep Representations of Fine-Grained Visual Descriptions,
arXiv 1605.05395.
"""

import keras
import tensorflow as tf

from zoo.datasets.captions import captions_of, one_each
from zoo.errors import ZooError, unknown
from zoo.game import losses
from zoo.game.adversarial import Adversarial, step
from zoo.images import pixels
from zoo.networks import pretrained
from zoo.networks.blocks import within
from zoo.networks.encoders import Characters, OpenGRU
from zoo.registry import register


def char_cnn_rnn(length, filters, embedding, recurrent="rnn", limit=None):
    """Builds the hybrid network of section 4.2.

    It has three convolutions over characters, and a recurrent layer whose states are averaged over time.

    Args:
        length: Integer. Number of characters.
        filters: Three integers. Channels of the convolutions. The recurrent layer has as many units as the
            last convolution.
        embedding: Integer. Dimension of the embeddings.
        recurrent: String. "rnn", or "gru" for the network of GAN-CLS on birds: a GRU over the third
            convolution without pooling, 18 steps for 201 characters.
        limit: Float. The initial weights are uniform in ± `limit`. Defaults to None, Keras' own.
    """

    def start(*names):
        return {f"{name}_initializer": within(limit) for name in names} if limit else {}

    text = keras.Input((), dtype="string", name="text")
    h = Characters(length, dtype="float32")(text)
    for channels, strides in zip(filters, (3, 3, 2)):
        h = keras.layers.Conv1D(channels, 4, activation="relu", **start("kernel", "bias"))(h)
        if recurrent == "rnn" or strides == 3:
            h = keras.layers.MaxPooling1D(3, strides)(h)
    if recurrent == "rnn":
        initial = start("kernel", "recurrent", "bias")
        layer = keras.layers.SimpleRNN(filters[-1], "relu", return_sequences=True, unroll=True, **initial)
    else:
        layer = OpenGRU(filters[-1], *([within(limit)] if limit else []))
    h = keras.layers.GlobalAveragePooling1D()(layer(h))
    last = keras.layers.Dense(embedding, dtype="float32", **start("kernel", "bias"))
    return keras.Model(text, last(h), name="text")


class TextEncoder(Adversarial):
    """Trains embeddings θ(v) of images and φ(t) of captions to match each other.

    The compatibility F(v, t) = θ(v)·φ(t) of an image and its own caption becomes larger than that with any
    other.

    Args:
        text: Network φ, from strings to embeddings.
        image: Network from features to embeddings, the trainable part of θ, or the identity.
        see: Frozen network from images to features.
        x_shape: Tuple `(H, W, C)`.

    Reference:
        Reed et al., 2016, equations 3 to 5.
    """

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
        """Makes one update and reports the share of images that match their own caption best."""
        captions = one_each(captions_of(batch))
        with self.turn("encoder") as e:
            v = self.image(self.see(pixels.scale(batch["x"]), training=False), training=True)
            t = self.text(captions, training=True)
            scores = tf.matmul(v, t, transpose_b=True)
            e.loss = self.extended("encoder", losses.joint_embedding(scores), scores=scores)
        mine = tf.equal(tf.argmax(scores, 1), tf.range(tf.shape(scores)[0], dtype=tf.int64))
        self.report("found", tf.reduce_mean(tf.cast(mine, tf.float32)))

    def signatures(self):
        """Returns `embed`: texts, and `embed_image`: images, to embeddings.

        The product of two embeddings measures how well image and text match.
        """

        def embed(text):
            return {"embedding": self.text(text)}

        def embed_image(image):
            return {"embedding": self.image(self.see(pixels.scale(image), training=False))}

        texts = {"text": tf.TensorSpec([None], tf.string, "text")}
        images = {"image": tf.TensorSpec([None, *self.x_shape], tf.uint8, "image")}
        return {"embed": (embed, texts), "embed_image": (embed_image, images)}

    def describe(self):
        """Returns the shape of the images."""
        return {"x_shape": list(self.x_shape)}


@register("textencoder", reads="descriptions")
def build(
    x_shape,
    image,
    classes=None,
    length=201,
    filters=(384, 512, 256),
    embedding=1024,
    recurrent="rnn",
    limit: float | None = 0.08,
    linear=False,
):
    """Builds the text network of the authors' code.

    The authors' image features are those of an ImageNet network.

    Args:
        x_shape: Tuple `(H, W, C)`.
        image: The network of features: a trained model that has features (attributes_recoloured), a Keras
            model of images in [−1, 1], or its file.keras.
        classes: Not used. The recipe's `distinct` decides which images share a batch.
        length: Integer. Number of characters, at least 66. Defaults to 201.
        filters: Three integers. Channels of the convolutions over characters.
        embedding: Integer. Dimension of both embeddings. Defaults to 1024.
        recurrent: String. "rnn", or "gru" as for birds. Defaults to "rnn".
        limit: Float. The initial weights are uniform in ± `limit`. None for Keras' own. Defaults to 0.08.
        linear: Boolean. Whether a linear map follows the image features, which may then have any width.
            Defaults to `False`: the features are the embedding.

    Raises:
        ZooError: `length` is too small, another recurrent layer, or the features do not exist or do not
            have the width of the embedding.
    """
    if length < 66:
        raise ZooError(f"network.length is 66 characters or more, not {length}.")
    if recurrent not in ("rnn", "gru"):
        raise unknown("recurrent layer", recurrent, ("rnn", "gru"))
    see = pretrained.features(image, x_shape)
    v, width = keras.Input(see.output_shape[1:], name="v"), see.output_shape[-1]
    if not linear and width != embedding:
        raise ZooError(
            f"The image features have {width} coordinates, but network.embedding is {embedding}.",
            **{"network.linear": True},
        )
    initial = {f"{name}_initializer": within(limit) for name in ("kernel", "bias")} if limit else {}
    last = keras.layers.Dense(embedding, **initial, dtype="float32") if linear else keras.layers.Identity()
    image_network = keras.Model(v, last(v), name="image")
    text = char_cnn_rnn(length, filters, embedding, recurrent, limit)
    return TextEncoder(text, image_network, see, tuple(x_shape))

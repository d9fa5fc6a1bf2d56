"""Text as networks take it in, and the schemes whose generators are told in words what to make."""

import keras
import tensorflow as tf

from zoo import losses, pretrained, randomness
from zoo.errors import ZooError
from zoo.generative import Generative
from zoo.layers import Whitening
from zoo.priors import Text

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


class Matching:
    """What a generator pays for pictures that fit their texts less than others': λ times the loss of the
    text encoder's own training, for frozen θ and φ. Xu et al. 2018, AttnGAN, arXiv 1711.10485, equation 3.
    Of their DAMSM the part that is about whole texts, with Reed et al.'s joint embedding.

    Args:
        weight: λ.
        encoder: a trained `textencoder`, its name or its run folder.
        x_shape: (H, W, C) of the pictures.

    Attributes:
        memory: as of `Adversarial`.

    Raises:
        ZooError: an encoder without a θ, that of pictures.
    """

    def __init__(self, weight, encoder, x_shape):
        self.weight = weight
        if isinstance(encoder, keras.Model) or str(encoder).endswith(".keras"):
            raise ZooError(
                "network.match needs an encoder that sees pictures too, a trained textencoder. Without: "
                "--set network.match=0, and of the recipe's `stages` all but the last."
            )
        found = pretrained.network(encoder, lambda model: getattr(model, "seen", None))
        self.seen = pretrained.sized(found, encoder, x_shape)
        self.memory = (self.seen,)

    def __call__(self, x, embeddings):
        """The loss of pictures [B, H, W, C] in [−1, 1] that were told φ(t) [B, E]."""
        scores = tf.matmul(self.seen(x, training=False), embeddings, transpose_b=True)
        return self.weight * losses.joint_embedding(scores)


def one_each(captions):
    """One of each row's captions, drawn anew: string [B, N] to [B]."""
    which = randomness.integers(tf.shape(captions)[:1], captions.shape[1])
    return tf.gather(captions, which, axis=1, batch_dims=1)


def captions_of(batch):
    """The captions of a batch, string [B, N].

    Raises:
        ZooError: the data has none.
    """
    if "text" not in batch:
        raise ZooError(
            "These pictures have no captions. Train on --dataset=shapes/captions, or put NAME.txt with a "
            "caption a line, for the picture NAME, into a folder `text`."
        )
    return batch["text"]


def mismatched(t):
    """Another picture's text for each: a neighbour's in the batch, or, every other time, the nearest that
    is not its own. [B, E] to [B, E].

    The paper draws any. Those of scenes mostly differ in what is easily seen, the ground or the place, and
    D would never have to look at an object's colour or shape.
    """
    direction = tf.math.l2_normalize(t, 1)
    closeness = tf.linalg.set_diag(
        tf.matmul(direction, direction, transpose_b=True), tf.fill(tf.shape(t)[:1], -2.0)
    )
    nearest = tf.gather(t, tf.argmax(closeness, 1))
    every_other = tf.range(tf.shape(t)[0])[:, None] % 2 == 0
    return tf.where(every_other, nearest, tf.roll(t, 1, 0))


class TextToImage(Generative):
    """A game whose generator makes the picture that a text speaks of.

    Args:
        generator: a network from {"text": φ(t) [B, E], noise …} to pictures in [−1, 1].
        encoder: φ, a frozen network from strings [B] to [B, E].
        noise: {name: prior} of what else the generator is fed with.
        examples: texts that stand for those that nobody gives.
        sides: as for `Adversarial`.
        whitened: whether G and D are told φ(t) by a `Whitening`.
        memory: what else a checkpoint keeps, as of `Adversarial`.
    """

    judged_with = ("text",)

    def __init__(self, generator, encoder, noise, examples, sides, whitened=False, memory=(), **kwargs):
        priors = {**noise, "text": Text(tuple(examples))}
        super().__init__(generator, priors, sides, value_range=(-1.0, 1.0), noise=tuple(noise), **kwargs)
        self.encoder = encoder
        self.scaled = Whitening() if whitened else keras.layers.Identity()
        self.scaled.build((None, encoder.output_shape[-1]))
        self.memory = (encoder, self.scaled, *memory)

    def embed(self, text):
        """φ(t), whitened where this is asked for: string [B] to float32 [B, E]."""
        return self.scaled(self.phi(text))

    def phi(self, text):
        return tf.cast(self.encoder(text, training=False), tf.float32)

    def told(self, batch):
        """φ of one caption of each picture of a batch, as the networks are told it and as it is."""
        embeddings = self.phi(one_each(captions_of(batch)))
        return self.scaled(embeddings, training=True), embeddings

    def fresh(self, n):
        """Noise for n pictures, {name: [n, …]}."""
        return {name: self.priors[name].draw(n, randomness.seed()) for name in self.noise}

    def pass_over(self, batch):
        t = self.embed(one_each(captions_of(batch)))
        self.paint({"text": t, **self.fresh(tf.shape(t)[0])}, training=True)

    def encode(self, inputs):
        rest = {name: value for name, value in inputs.items() if name != "text"}
        return {**super().encode(rest), "text": self.embed(inputs["text"])}

    def generate(self, inputs, training=False):
        return self.paint(self.encode(inputs), training)

    def paint(self, told, training=False):
        """Pictures from embeddings and noise: float32 [B, H, W, C]."""
        return self.generator(told, training=training)

    def signatures(self):
        """Those of `Generative`; `embed`, texts to embeddings; and `paint`, embeddings and noise to
        pictures, for walks from one text to another."""

        def embed(text):
            return {"embedding": self.embed(text)}

        def paint(embedding, **noise):
            return {self.output_name: self.from_network(self.paint({**noise, "text": embedding}))}

        made = super().signatures()
        _, specs = made["generate"]
        embedding = {
            "embedding": tf.TensorSpec([None, self.encoder.output_shape[-1]], tf.float32, "embedding")
        }
        text = {"text": specs["text"]}
        noise = {name: specs[name] for name in self.noise}
        return {**made, "embed": (embed, text), "paint": (paint, {**embedding, **noise})}

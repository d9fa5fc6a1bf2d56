"""The CGAN that tags images, by word vectors that it generates from image features.

Reference: Mirza & Osindero 2014, Conditional Generative Adversarial Nets, arXiv 1411.1784, section 4.2.
"""

import re

import keras
import numpy as np
import tensorflow as tf

from zoo.datasets.captions import one_each
from zoo.datasets.vectors import read_word_vectors
from zoo.errors import ZooError
from zoo.game import losses, randomness
from zoo.game.adversarial import step
from zoo.game.priors import Normal, draw_rows
from zoo.layers.noise import Dropout
from zoo.networks import pretrained
from zoo.networks.blocks import maxout, unchanged
from zoo.registry import register
from zoo.tasks.tagging.base import Tagger

draws, kept = 100, 10  # samples and tags per image
negatives = 5  # random words per pair of the skip-gram
pieces = 3  # linear pieces per maxout unit


class SkipGram(keras.layers.Layer):
    """Learns word vectors by skip-gram with negative sampling.

    Args:
        counts: Dict, `{word: count}`. Negatives are drawn with probability ∝ count^¾.
        size: Integer. Coordinates of a vector.
        vectors: Array `[V, size]`. Initial word vectors. Defaults to random ones.

    Reference:
        Mikolov et al., 2013, "Distributed Representations of Words and Phrases", section 2.2.
    """

    def __init__(self, counts, size, vectors=None, **kwargs):
        super().__init__(name="words", **kwargs)
        self.words, self.size = list(counts), size
        self._start = "random_uniform" if vectors is None else keras.initializers.Constant(vectors)
        self._negative = 0.75 * tf.math.log(tf.constant([float(n) for n in counts.values()]))
        patterns = (rf"(?i)(.*[^a-z])?{re.escape(word)}([^a-z].*)?" for word in self.words)
        self._patterns = [pattern.replace(r"\ ", " ") for pattern in patterns]
        self.build(())

    def build(self, input_shape):
        """Creates the word and context vectors."""
        shape = (len(self.words), self.size)
        self.vectors = self.add_weight(name="vectors", shape=shape, initializer=self._start)
        self.contexts = self.add_weight(name="contexts", shape=shape, initializer="random_uniform")
        self.built = True

    def directions(self, which=None):
        """Returns word vectors with unit length, for comparison by cosine.

        Args:
            which: Integer tensor `[N]`. Indices of words. Defaults to all words.
        """
        vectors = tf.convert_to_tensor(self.vectors.value)
        vectors = vectors if which is None else tf.gather(vectors, which)
        return tf.math.l2_normalize(tf.cast(vectors, tf.float32), 1)

    def mentioned(self, texts):
        """Returns which words each text mentions: string `[B]` to bool `[B, V]`."""
        return tf.stack([tf.strings.regex_full_match(texts, p) for p in self._patterns], 1)

    def loss(self, words):
        """Returns the loss of one pair of words per image against random words.

        Args:
            words: Bool `[B, V]`. Words of each image, of which a pair is drawn. Rows with fewer than two
                words are skipped.
        """
        words = tf.boolean_mask(words, tf.reduce_sum(tf.cast(words, tf.int32), 1) > 1)
        rank = tf.where(words, randomness.uniform(tf.shape(words)), -1.0)
        word, context = tf.unstack(tf.math.top_k(rank, 2).indices, axis=1)
        shape = [1, negatives * tf.shape(word)[0]]
        drawn = tf.random.stateless_categorical(self._negative[None], shape[1], randomness.seed())
        # Times 1, for gradients that are dense, as optimizers and replicas know them.
        vectors, contexts = 1.0 * self.vectors.value, 1.0 * self.contexts.value
        word, context = tf.gather(vectors, word), tf.gather(contexts, context)  # [B', size]
        others = tf.gather(contexts, tf.reshape(drawn, [-1, negatives]))  # [B', 5, size]
        right = tf.nn.softplus(-tf.reduce_sum(word * context, 1))
        wrong = tf.reduce_sum(tf.nn.softplus(tf.einsum("bd,bnd->bn", word, others)), 1)
        return tf.reduce_sum(right + wrong) / tf.maximum(tf.cast(tf.shape(word)[0], tf.float32), 1.0)


class TagCGAN(Tagger):
    """Learns word vectors, and then a CGAN from image features to the vectors of tags.

    Stage 0 trains the skip-gram vectors. Stage 1 trains min_G max_D E log D(w|v) + E log(1 − D(G(z|v)|v)),
    where w is the vector of a tag and v the features of its image.

    Args:
        words: A `SkipGram`.
        see: Frozen network from images in [−1, 1] to v `[B, F]`.
        generator, discriminator: Networks.
        z_dim: Integer. Coordinates of z ~ N(0, I).
        x_shape: Tuple `(H, W, C)`.
        pairs: Integer. Number of pairs of an image and a tag that are drawn per image of a batch.
        nearest: Integer. Number of words near a sample that are counted.
    """

    stages = 2
    values = {"discriminator": ("critic", "real", "fake", "given")}

    def __init__(self, words, see, generator, discriminator, z_dim, x_shape, pairs, nearest, **kwargs):
        sides = {"words": [words], "discriminator": [discriminator], "generator": [generator]}
        super().__init__(sides, words.words, see, x_shape, **kwargs)
        self.words = words
        self.generator, self.discriminator = generator, discriminator
        self.z = Normal(z_dim)
        self.pairs, self.nearest = pairs, nearest
        self.place = keras.layers.StringLookup(vocabulary=words.words, num_oov_indices=1)

    def tagged(self, batch):
        """Returns all pairs of an image and one of its tags: rows and words, int64 `[P, 2]`."""
        words = tf.sort(self.place(batch["tags"]) - 1, 1)  # −1 for unknown words
        before = tf.pad(words[:, :-1], [[0, 0], [1, 0]], constant_values=-1)
        pairs = tf.where(words != before)  # a repeated tag counts once
        return tf.stack([pairs[:, 0], tf.gather_nd(words, pairs)], 1)

    def stages_of(self, side):
        """Returns stage 0 for the word vectors, and stage 1 for the other sides."""
        return [0 if side == "words" else 1]

    @step
    def train_step(self, batch):
        """Makes one step of the current stage."""
        (self.update_words, self.update_networks)[self.stage](batch)

    def update_words(self, batch):
        """Makes one update of the word vectors, over tags and descriptions."""
        pairs, shape = self.tagged(batch), [tf.shape(batch["tags"])[0], len(self.words.words)]
        words = tf.scatter_nd(pairs, tf.ones_like(pairs[:, 0]), tf.cast(shape, tf.int64)) > 0
        for _ in range(2 if "text" in batch else 0):  # two random captions of each image
            words |= self.words.mentioned(one_each(batch["text"]))
        with self.turn("words") as w:
            w.loss = self.words.loss(words)

    def update_networks(self, batch):
        """Makes one update of D and one of G, over random pairs of an image and a tag."""
        # All pairs of an image and one of its tags have the same probability.
        pairs = self.tagged(batch)
        some = tf.minimum(tf.shape(pairs)[:1], 1)  # 0 if no image of the batch has a tag
        pairs = tf.pad(pairs, [[0, 1 - some[0]], [0, 0]])
        counts = tf.cast(some[0], tf.float32)
        count = self.pairs * tf.shape(batch["x"])[0]
        chosen = tf.gather(pairs, randomness.integers([count], tf.shape(pairs)[0]))
        v = tf.gather(self.features(batch["x"]), chosen[:, 0])
        w = self.words.directions(chosen[:, 1])
        z, D = self.z.draw(count, randomness.seed()), self.discriminator
        with self.turn("generator") as g:
            fakes = self.generator({"z": z, "v": v}, training=True)
            with g.paused(), self.turn("discriminator") as d:
                d.loss = losses.minimax(D([w, v], training=True), D([fakes, v], training=True))
                values = {"critic": D, "real": w, "fake": fakes, "given": (v,)}
                d.loss = counts * self.extended("discriminator", d.loss, **values)
            g.loss = counts * losses.non_saturating(D([fakes, v], training=True))

    def tags(self, image, seed):
        """Returns the tags of images by the paper's procedure.

        Each of 100 samples has its nearest words, and the 10 most common of these are the tags.

        Args:
            image: Tensor uint8 `[B, H, W, C]`.
            seed: Tensor int64 `[B]`.

        Returns:
            Tuple of the indices of the words, int32 `[B, 10]`, most common first, and the share of samples
            near each word, float32 `[B, 10]`.
        """
        v = tf.repeat(self.features(image), draws, 0)
        z = draw_rows(self.z, seed, tag=0, count=draws)
        fakes = self.generator({"z": tf.reshape(z, [-1, self.z.dim]), "v": v})
        cosine = tf.matmul(tf.math.l2_normalize(fakes, 1), self.words.directions(), transpose_b=True)
        count = len(self.words.words)
        near = tf.math.top_k(cosine, min(self.nearest, count)).indices
        near = tf.reshape(near, [tf.shape(image)[0], -1])
        share = tf.math.bincount(near, minlength=count, maxlength=count, axis=-1, dtype=tf.float32) / draws
        closeness = tf.reduce_mean(tf.reshape(cosine, [-1, draws, count]), 1)  # decides between equals
        best = tf.math.top_k(share + 1e-3 * closeness, min(kept, count)).indices
        return best, tf.gather(share, best, axis=1, batch_dims=1)


@register("tagcgan", reads="descriptions")
def build(
    x_shape,
    features,
    classes=None,
    least=5,
    size=200,
    z_dim=100,
    generator_units=(500, 2000),
    discriminator_units=(500, 1200, 1000),
    dropout=0.5,
    pairs=1,
    nearest=20,
    vectors=None,
    *,
    corrupt=unchanged,
    joint=unchanged,
    product=None,
):
    """Builds the networks of section 4.2.

    A recipe's `stages` names the first adversarial step.

    Args:
        x_shape: Tuple `(H, W, C)`.
        features: The network of v: a trained model that has features (attributes_shapes, classifier_mnist),
            a Keras model of images in [−1, 1] (the paper has an ImageNet network), or its file.keras.
        classes: Dict with "tags": `{word: count}`.
        least: Integer. Minimum count of a word, without `vectors`. Defaults to 5.
        size: Integer. Coordinates of a word vector. Defaults to 200.
        z_dim: Integer. Coordinates of z ~ N(0, I). Defaults to 100.
        generator_units: Two integers. ReLU units over z and over v.
        discriminator_units: Three integers. ReLU units over w and over v, and maxout units over both.
        dropout: Float. Dropout rate of the hidden layers. Defaults to 0.5.
        pairs: Integer. Number of pairs of an image and a tag per image of a batch. Defaults to 1.
        nearest: Integer. Number of words near a sample that are counted. Defaults to 20, as in the paper,
            whose vocabulary has 247,465 words. Choose fewer for a small vocabulary.
        vectors: String. File of word vectors, which also has the vocabulary and the size. See
            `zoo.datasets.vectors`. The recipe's `stages=(0,)` leaves out their training. Defaults to None:
            the words are the tags of the data.
        corrupt, joint, product: Set by the parts `instance_noise`, `joint_layer` and `projection_head`.

    Raises:
        ZooError: The data has too few tags, `nearest` is less than 1, or the word vectors cannot be read or
            do not have a tag of the data.
    """
    if nearest < 1:
        raise ZooError(f"network.nearest is 1 word or more, not {nearest}.")
    tags, start = classes["tags"], None
    counts = {word: n for word, n in tags.items() if n >= least}
    if vectors is not None:
        known = read_word_vectors(vectors)
        if known.keys().isdisjoint(tags):
            raise ZooError(f"{vectors} does not have a tag of the data, such as {next(iter(tags), '')!r}.")
        counts, start = {word: tags.get(word, 0) for word in known}, np.stack(list(known.values()))
        size = start.shape[1]
        if len(counts) <= kept:
            raise ZooError(f"{vectors} has {len(counts)} words, but tagcgan needs more than {kept}.")
    if len(counts) <= kept:
        raise ZooError(
            f"{len(counts)} tags occur {least} times or more, but tagcgan needs more than {kept}. Put "
            "NAME.txt, with one tag per line, into a folder `tags`.",
            dataset="shapes/captions",
        )
    see = pretrained.features(features, x_shape)
    width = see.output_shape[-1]
    dense, joined = keras.layers.Dense, keras.layers.Concatenate

    z, v = keras.Input((z_dim,), name="z"), keras.Input((width,), name="v")
    over_z, over_v = generator_units
    h = Dropout(dropout)(joined()([dense(over_z, "relu")(z), dense(over_v, "relu")(v)]))
    h = joint(h)
    generator = keras.Model({"z": z, "v": v}, dense(size, dtype="float32")(h), name="generator")

    w, v = keras.Input((size,), name="w"), keras.Input((width,), name="v")
    over_w, over_v, over_both = discriminator_units
    parts = dense(over_w, "relu")(corrupt(w)), dense(over_v, "relu")(v)
    h = Dropout(dropout)(joined()(parts))
    logit = dense(1, dtype="float32")(Dropout(dropout)(maxout(h, over_both, pieces)))
    if product:
        logit = keras.layers.Add(dtype="float32")([logit, product(parts)])
    discriminator = keras.Model([w, v], logit, name="discriminator")
    words = SkipGram(counts, size, start, dtype="float32")
    return TagCGAN(words, see, generator, discriminator, z_dim, x_shape, pairs, nearest)

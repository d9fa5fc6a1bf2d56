"""Self-Conditioned GAN: Liu et al. 2020, Diverse Image Generation via Self-Conditioned GANs,
arXiv 2006.10728."""

import keras
import numpy as np
import tensorflow as tf
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from zoo.errors import ZooError, unknown
from zoo.game import randomness
from zoo.game.priors import Categorical, Normal
from zoo.layers.normalization import BatchNormalization
from zoo.layers.packing import packed
from zoo.models.cgan import CGAN
from zoo.networks.blocks import init, maxout, stages, within
from zoo.networks.labels import labelled
from zoo.registry import register
from zoo.tasks.generation.preview import Gallery


class Clusters(keras.layers.Layer):
    """k centres of features, and how many of the points they were found on are nearest to each.

    Call: features [B, width] to the nearest centre of each, int32 [B].
    """

    def __init__(self, k, width, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        own = {"trainable": False, "aggregation": "only_first_replica"}
        self.centres = keras.Variable("zeros", (k, width), "float32", name="centres", **own)
        self.sizes = keras.Variable("zeros", (k,), "float32", name="sizes", **own)

    def call(self, features):
        centres = self.centres.value
        distances = tf.reduce_sum(centres**2, 1) - 2.0 * tf.matmul(features, centres, transpose_b=True)
        return tf.argmin(distances, 1, tf.int32)

    def fit(self, features, old, seed):
        """Clusters anew.

        Args:
            features: float [N, width].
            old: the labels of these points in the clustering before, int [N]; None: the first.
            seed: decides every draw.

        Raises:
            ZooError: fewer points than clusters.
        """
        k, rng = self.sizes.shape[0], np.random.RandomState(seed)
        if len(features) < k:
            raise ZooError(
                f"The data has {len(features)} examples, but there are {k} clusters.", **{"network.k": ...}
            )
        if old is None:
            means = KMeans(k, init="k-means++", n_init=10, random_state=rng)
            centres, new = means.fit(features).cluster_centers_, means.labels_
        else:
            # The means of the new features under the old labels; an empty cluster restarts at a point.
            members = [np.flatnonzero(old == c) for c in range(k)]
            start = [features[m if len(m) else [rng.randint(len(features))]].mean(0) for m in members]
            means = KMeans(k, init=np.stack(start), n_init=1, random_state=rng)
            centres, new = means.fit(features).cluster_centers_, means.labels_
            # Labels keep their meaning: new clusters take the old names that share the most points.
            shared = np.zeros((k, k))
            np.add.at(shared, (old, new), 1)
            _, order = linear_sum_assignment(-shared)
            centres, new = centres[order], np.argsort(order)[new]
        self.centres.assign(centres)
        self.sizes.assign(np.bincount(new, minlength=k))


class SelfConditionedGAN(CGAN):
    """min_G max_D E log D(x|c) + E log(1 − D(G(z|c))), c = π(x) a cluster of D's features. Algorithm 1.

    Args:
        generator, discriminator, priors, game: as for `CGAN`; the discriminator holds a layer "features".
        points: how many examples are clustered.
        every: steps from one clustering to the next.
    """

    preview = Gallery

    def __init__(self, generator, discriminator, priors, game, points, every, **kwargs):
        super().__init__(generator, discriminator, priors, game, **kwargs)
        self.points, self.every = points, every
        self.features = discriminator.get_layer("features")
        self.frozen = keras.models.clone_model(self.features)  # D as it was at the last clustering
        self.frozen.trainable = False
        self.clusters = Clusters(priors["label"].classes, self.features.output_shape[-1])
        self.priors["label"] = Categorical(priors["label"].classes, self.clusters.sizes)
        self.memory = (self.frozen, self.clusters)

    def labels(self, batch):
        return self.cluster(self.real(batch))

    def cluster(self, x):
        """π(x): the clusters of examples in the generator's range, int32 [B]."""
        return self.clusters(tf.cast(self.frozen(x), tf.float32))

    def recluster(self, x):
        """Clusters the features that D has now of examples as the data has them."""

        def in_parts(function):
            parts = np.array_split(x, -(-len(x) // 1000))
            return np.concatenate([np.asarray(function(self.to_network(part))) for part in parts])

        old = in_parts(self.cluster) if np.any(self.clusters.sizes) else None
        self.frozen.set_weights(self.features.get_weights())
        features = in_parts(lambda part: tf.cast(self.frozen(part), tf.float32))
        self.clusters.fit(features, old, [self.seed % 2**32, int(self.iteration.numpy())])

    def callbacks(self, data):
        return [_Reclustering(self, data.columns(0, self.points)["x"])]

    def signatures(self):
        """Those of `CGAN`, and `cluster`: examples to the labels that they are known by."""

        def cluster(**inputs):
            return {"label": self.cluster(self.to_network(inputs[self.output_name]))}

        made = super().signatures()
        _, inputs = made["score"]
        x = {self.output_name: inputs[self.output_name]}
        return {**made, "cluster": (cluster, x)}


class _Reclustering(keras.callbacks.Callback):
    """Every so many steps, before the step; so a resumed run clusters when the unbroken one would."""

    def __init__(self, game, x):
        super().__init__()
        self.game, self.x = game, x

    def on_train_batch_begin(self, batch, logs=None):
        if int(self.game.iteration.numpy()) % self.game.every == 0:
            self.game.recluster(self.x)


class ClassConditionedGAN(CGAN):
    """The comparison in which c is the data's own label, and nothing is clustered."""

    def __init__(self, *networks, points, every, **kwargs):
        super().__init__(*networks, **kwargs)


class RandomlyConditionedGAN(ClassConditionedGAN):
    """The comparison in which c says nothing: drawn anew for every example. With k = 1, a plain GAN."""

    def labels(self, batch):
        return self.priors["label"].draw(tf.shape(batch["x"])[0], randomness.seed())


labellings = {
    "clusters": SelfConditionedGAN,
    "random": RandomlyConditionedGAN,
    "given": ClassConditionedGAN,
}


def _judge(x, features, classes, **kwargs):
    """D(x, y): as many logits of the features as there are labels, of which y's counts."""
    y = keras.Input((classes,), name="label")
    features = keras.Model(x, features, name="features")
    logits = keras.layers.Dense(classes, dtype="float32", **kwargs)(features(x))
    logit = keras.layers.Dot(axes=1, dtype="float32")([logits, y]) if classes > 1 else logits
    return keras.Model({"x": x, "label": y}, logit, name="discriminator")


def _torch(inputs):
    """Weights and biases from U(±1/√inputs): how PyTorch, in which the authors wrote, begins.

    The biases matter: without them all kinks of D's first layer meet in the origin, and D tells
    points apart so badly that 95.7 % of samples were of high quality on the ring.
    """
    return {"kernel_initializer": within(inputs**-0.5), "bias_initializer": within(inputs**-0.5)}


def _of_points(h, x_shape, classes, pack, width):
    """400 units four times with batch norm; 200 maxout units of five pieces three times."""

    def dense(h, units, **kwargs):
        return keras.layers.Dense(units, **_torch(h.shape[-1]), **kwargs)(h)

    for _ in range(4):
        h = keras.layers.ReLU()(BatchNormalization()(dense(h, 2 * width)))
    point = dense(h, x_shape[0], dtype="float32")

    x = keras.Input(x_shape, name="x")
    h = packed(x, pack)
    for _ in range(3):
        h = maxout(h, width, 5, **_torch(h.shape[-1]))
    return point, _judge(x, h, classes, **_torch(width))


def _of_pictures(h, x_shape, classes, pack, width):
    """Convolutions that halve the picture until its sides are 4 to 7 (D: once more), and back."""
    n, (rows, columns) = stages(x_shape)

    def convolution(layer, channels):
        kwargs = {"padding": "same", "use_bias": False, "kernel_initializer": init()}
        return layer(channels, 4, strides=2, **kwargs)

    channels = width * 2**n
    h = keras.layers.Dense(rows * columns * channels, kernel_initializer=init())(h)
    h = keras.layers.Reshape((rows, columns, channels))(h)
    for i in range(n):
        h = convolution(keras.layers.Conv2DTranspose, channels // 2 ** (i + 1))(h)
        h = keras.layers.ReLU()(BatchNormalization()(h))
    h = keras.layers.Conv2D(x_shape[-1], 3, padding="same", kernel_initializer=init())(h)
    picture = keras.layers.Activation("tanh", dtype="float32")(h)

    x = keras.Input(x_shape, name="x")
    h = packed(x, pack)
    for i in range(n + 1):
        h = convolution(keras.layers.Conv2D, width * 2**i)(h)
        h = keras.layers.LeakyReLU(0.2)(BatchNormalization()(h))
    h = keras.layers.Flatten()(h)
    return picture, _judge(x, h, classes, kernel_initializer=init())


@register("selfcond")
def build(
    x_shape,
    classes=None,
    k=50,
    labels="clusters",
    points=10_000,
    every=5000,
    z_dim=2,
    embedding=32,
    width=200,
    game="non_saturating",
    *,
    pack=1,
):
    """The networks of the authors' code: for points in the plane, or for pictures of stacked MNIST.

    Args:
        x_shape: (d,) of points, or (H, W, C), which halves down to sides of 4 to 7.
        classes: how many labels the data has; they are used where `labels` is "given".
        k: how many clusters.
        labels: "clusters" (the scheme), or what it is compared with: "random" labels (with k=1, a
            GAN), "given" (the data's).
        points: how many examples, the first, are clustered.
        every: steps from one clustering to the next.
        pack: Set by the part `packing`.
        z_dim: z ~ N(0, I) in so many coordinates.
        embedding: dimensions of the direction that G has for each label.
        width: of points, D's maxout units a layer (G has twice as many); of pictures, the channels
            next to them, and each layer inwards has twice as many.
        game: "non_saturating" (the authors'), "minimax", "least_squares", …

    Raises:
        ZooError: an unknown kind of labels, labels that the data lacks, packs with labels.
    """
    if min(points, every) < 1:
        raise ZooError(f"network.points={points} and network.every={every} are at least 1.")
    if labels not in labellings:
        raise unknown("kind of labels", labels, labellings)
    if pack > 1 and (labels, k) != ("random", 1):
        raise ZooError(
            "A pack does not have one label. The part packing needs network.labels=random and network.k=1."
        )
    pictures = len(x_shape) == 3
    label = labelled(classes) if labels == "given" else Categorical(k)

    z, y = keras.Input((z_dim,), name="z"), keras.Input((label.classes,), name="label")
    normal = keras.initializers.RandomNormal(stddev=1.0)
    direction = keras.layers.Dense(embedding, use_bias=False, kernel_initializer=normal)(y)
    h = keras.layers.Concatenate()([z, keras.layers.UnitNormalization()(direction)])
    networks = _of_pictures if pictures else _of_points
    x, discriminator = networks(h, x_shape, label.classes, pack, width)
    generator = keras.Model({"z": z, "label": y}, x, name="generator")

    return labellings[labels](
        generator,
        discriminator,
        {"z": Normal(z_dim), "label": label},
        game,
        points=points,
        every=every,
        pack=pack,
        value_range=(-1.0, 1.0) if pictures else None,
    )

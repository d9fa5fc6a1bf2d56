"""Self-Conditioned GAN, a CGAN whose labels are clusters of D's features.

Reference: Liu et al. 2020, Diverse Image Generation via Self-Conditioned GANs, arXiv 2006.10728.
"""

import keras
import numpy as np
import tensorflow as tf
from sklearn.cluster import KMeans

from zoo.errors import ZooError, unknown
from zoo.game import randomness
from zoo.game.priors import Categorical, Normal
from zoo.metrics import agreement
from zoo.models.cgan import CGAN
from zoo.networks import clustered
from zoo.networks.labels import labeled
from zoo.registry import register
from zoo.tasks.generation.preview import Gallery


class Clusters(keras.layers.Layer):
    """Assigns features to the nearest of k centers.

    Args:
        k: Integer. Number of clusters.
        width: Integer. Dimension of the features.

    Attributes:
        centers: Variable `[k, width]`. Centers of the clusters.
        sizes: Variable `[k]`. Number of points of each cluster in the last fit.

    Input shape:
        `(batch, width)`

    Output shape:
        `(batch,)`, int32.
    """

    def __init__(self, k, width, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        own = {"trainable": False, "aggregation": "only_first_replica"}
        self.centers = keras.Variable("zeros", (k, width), "float32", name="centers", **own)
        self.sizes = keras.Variable("zeros", (k,), "float32", name="sizes", **own)

    def call(self, features):
        """Returns the nearest center of each row."""
        centers = self.centers.value
        distances = tf.reduce_sum(centers**2, 1) - 2.0 * tf.matmul(features, centers, transpose_b=True)
        return tf.argmin(distances, 1, tf.int32)

    def fit(self, features, old, seed):
        """Clusters features by k-means.

        The labels keep their meaning: clusters are matched one to one to the old labels that share most
        of their points.

        Args:
            features: Float array `[N, width]`.
            old: Integer array `[N]`. Labels of the points in the last clustering. `None` in the first.
            seed: Seed of all random draws.

        Raises:
            ZooError: There are fewer points than clusters.
        """
        k, rng = self.sizes.shape[0], np.random.RandomState(seed)
        if len(features) < k:
            raise ZooError(
                f"The data has {len(features)} examples, but there are {k} clusters.", **{"network.k": ...}
            )
        if old is None:
            means = KMeans(k, init="k-means++", n_init=10, random_state=rng)
            centers, new = means.fit(features).cluster_centers_, means.labels_
        else:
            # The means of the new features under the old labels; an empty cluster restarts at a point.
            members = [np.flatnonzero(old == c) for c in range(k)]
            start = [features[m if len(m) else [rng.randint(len(features))]].mean(0) for m in members]
            means = KMeans(k, init=np.stack(start), n_init=1, random_state=rng)
            centers, new = means.fit(features).cluster_centers_, means.labels_
            order = agreement.matching(old, new, k, classes=k)
            centers, new = centers[order], np.argsort(order)[new]
        self.centers.assign(centers)
        self.sizes.assign(np.bincount(new, minlength=k))


class SelfConditionedGAN(CGAN):
    """Trains a CGAN with c = π(x), a cluster of D's features, as the label.

    The objective is min_G max_D E log D(x|c) + E log(1 − D(G(z|c))).

    Args:
        generator, discriminator, priors, game: See `CGAN`. The discriminator has a layer "features".
        points: Integer. Number of examples that are clustered.
        every: Integer. Number of steps between clusterings.

    Reference:
        Liu et al., 2020, algorithm 1.
    """

    preview = Gallery
    data_label = ""  # its labels are clusters

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
        """Returns the clusters of a batch."""
        return self.cluster(self.real(batch))

    def cluster(self, x):
        """Returns π(x), the clusters of examples in the generator's range, int32 `[B]`."""
        return self.clusters(tf.cast(self.frozen(x), tf.float32))

    def recluster(self, x):
        """Clusters the current features of D.

        Args:
            x: Array of examples in the range of the data.
        """

        def in_parts(function):
            parts = np.array_split(x, -(-len(x) // 1000))
            return np.concatenate([np.asarray(function(self.to_network(part))) for part in parts])

        old = in_parts(self.cluster) if np.any(self.clusters.sizes) else None
        self.frozen.set_weights(self.features.get_weights())
        features = in_parts(lambda part: tf.cast(self.frozen(part), tf.float32))
        self.clusters.fit(features, old, [self.seed % 2**32, int(self.iteration.numpy())])

    def callbacks(self, data):
        """Returns the callback that clusters every `every` steps."""
        return [_Reclustering(self, data.columns(0, self.points)["x"])]

    def signatures(self):
        """Returns the signatures of `CGAN`, and `cluster`: examples to their clusters."""

        def cluster(**inputs):
            return {"label": self.cluster(self.to_network(inputs[self.output_name]))}

        made = super().signatures()
        _, inputs = made["score"]
        x = {self.output_name: inputs[self.output_name]}
        return {**made, "cluster": (cluster, x)}


class _Reclustering(keras.callbacks.Callback):
    """Clusters before every `every`-th step.

    A resumed run then clusters at the same steps as an uninterrupted run.
    """

    def __init__(self, game, x):
        super().__init__()
        self.game, self.x = game, x

    def on_train_batch_begin(self, batch, logs=None):
        """Clusters, if the step is a multiple of `every`."""
        if int(self.game.iteration.numpy()) % self.game.every == 0:
            self.game.recluster(self.x)


class ClassConditionedGAN(CGAN):
    """Trains with the labels of the data, for comparison."""

    def __init__(self, *networks, points, every, **kwargs):
        super().__init__(*networks, **kwargs)


class RandomlyConditionedGAN(ClassConditionedGAN):
    """Trains with a random label per example, for comparison. With k = 1, it is a plain GAN."""

    data_label = ""

    def labels(self, batch):
        """Returns random labels."""
        return self.priors["label"].draw(tf.shape(batch["x"])[0], randomness.seed())


labelings = {
    "clusters": SelfConditionedGAN,
    "random": RandomlyConditionedGAN,
    "given": ClassConditionedGAN,
}


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
    networks=None,
    game="non_saturating",
    *,
    pack=1,
):
    """Builds the networks of the authors' code, for points or for images of stacked MNIST.

    Args:
        x_shape: Tuple `(d,)`, or `(H, W, C)` whose sides can be halved down to 4 to 7.
        classes: Integer. Number of labels of the data, which `labels="given"` uses.
        k: Integer. Number of clusters. Defaults to 50.
        labels: String. "clusters" (the method), or a comparison: "random" or "given" (the data's).
        points: Integer. Number of examples that are clustered, the first of the data. Defaults to 10000.
        every: Integer. Number of steps between clusterings. Defaults to 5000.
        z_dim: Integer. Coordinates of z ~ N(0, I). Defaults to 2.
        embedding: Integer. Dimension of G's embedding of a label. Defaults to 32.
        width: Integer. For points, D's maxout units per layer (G has twice as many). For images, channels
            next to the image; each layer inwards has twice as many. Defaults to 200.
        networks: String. For images "dcgan_shallow" (stacked MNIST; D cannot see contrast), "dcgan_deep"
            (CIFAR-10), "resnet" (ImageNet, Places365), or "dcgan", which is "dcgan_shallow" with DCGAN's
            initial weights. Defaults to "points" for points and to "dcgan_shallow" for images.
        game: String. "non_saturating" (the authors' code), "minimax", "least_squares", …
        pack: Set by the part `packing`.

    Raises:
        ZooError: An unknown kind of labels or networks, labels that the data does not have, or packs with
            labels.
    """
    if min(points, every) < 1:
        raise ZooError(f"network.points={points} and network.every={every} are at least 1.")
    if labels not in labelings:
        raise unknown("kind of labels", labels, labelings)
    if pack > 1 and (labels, k) != ("random", 1):
        raise ZooError(
            "A pack does not have one label. The part packing needs network.labels=random and network.k=1."
        )
    images = len(x_shape) == 3
    label = labeled(classes) if labels == "given" else Categorical(k)

    z, y = keras.Input((z_dim,), name="z"), keras.Input((label.classes,), name="label")
    normal = keras.initializers.RandomNormal(stddev=1.0)
    direction = keras.layers.Dense(embedding, use_bias=False, kernel_initializer=normal)(y)
    h = keras.layers.Concatenate()([z, keras.layers.UnitNormalization()(direction)])
    networks = networks or ("dcgan_shallow" if images else "points")
    if networks not in clustered.networks or (networks == "points") == images:
        known = [name for name in clustered.networks if (name == "points") != images]
        raise unknown("kind of networks", networks, known)
    x, discriminator = clustered.pair(h, x_shape, label.classes, pack, width, networks)
    generator = keras.Model({"z": z, "label": y}, x, name="generator")

    return labelings[labels](
        generator,
        discriminator,
        {"z": Normal(z_dim), "label": label},
        game,
        points=points,
        every=every,
        pack=pack,
        value_range=(-1.0, 1.0) if images else None,
    )

"""Clusters of the discriminator's features, and a linear probe."""

import keras
import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from zoo.inspect.subject import hidden_outputs, look, spread
from zoo.metrics import agreement

most = 10_000  # training images that are clustered and that a probe learns


def last_features(network):
    """Returns a network to the last activation of another network, `[B, width]`.

    Args:
        network: A Keras model.
    """
    return keras.Model(network.inputs, keras.layers.Flatten()(hidden_outputs(network)[-1]))


@look
def clusters(subject):
    """Measures whether clusters and linear maps of D's last features agree with the labels.

    The features of test images are clustered by k-means, with as many clusters as classes. The linear
    probe is a logistic regression on the features of at most 10,000 training images. Baselines are raw
    pixels and an untrained D. Features are standardized and reduced to at most 100 principal components.

    Args:
        subject: A `Subject`.

    Returns:
        Dict with, for each kind of feature, the normalized mutual information (arithmetic mean of the
        entropies), the purity of the clusters, and the test accuracy of the probe.

    Reference:
        Liu et al., 2020, "Diverse Image Generation via Self-Conditioned GANs", arXiv 2006.10728, for
        the measures of clusters. Alain and Bengio, 2017, arXiv 1610.01644, for linear probes.
    """
    (train_x, train_y), (test_x, test_y) = subject.labeled()
    train_x, train_y = train_x[:most], train_y[:most]
    k = len(np.unique(train_y))
    values = {
        name: [subject.seen_by(last_features(network), x) for x in (train_x, test_x)]
        for name, network in (("D", subject.discriminator), ("an untrained D", subject.untrained))
    }
    values["raw pixels"] = [np.float32(x.reshape(len(x), -1)) / 255 for x in (train_x, test_x)]
    found = {}
    for name, (train, test) in values.items():
        size = min(100, train.shape[1], len(train) - 1)
        reduced = make_pipeline(StandardScaler(), PCA(size, random_state=0)).fit(train)
        train, test = reduced.transform(train), reduced.transform(test)
        repeats = range(subject.seed, subject.seed + subject.repeats)
        groups = [KMeans(k, n_init=4, random_state=seed).fit_predict(test) for seed in repeats]
        information = [agreement.normalized_mutual_information(test_y, group) for group in groups]
        shares = [agreement.purity(test_y, group) for group in groups]
        probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(train, train_y)
        found[name] = {
            "NMI": float(np.mean(information)),
            "NMI spread": spread(information),
            "purity": float(np.mean(shares)),
            "purity spread": spread(shares),
            "linear probe": float(probe.score(test, test_y)),
        }
    return {
        "dataset": subject.context.recipe.dataset,
        "training images": len(train_x),
        "test images": len(test_x),
        "clusters": k,
        "most common class": float(np.bincount(test_y).max() / len(test_y)),
        **found,
    }

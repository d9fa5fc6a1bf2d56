"""Features of the discriminator, measured by a linear SVM."""

import random

import keras
import numpy as np
import tensorflow as tf
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import LinearSVC

from zoo.errors import ZooError
from zoo.inspect.subject import hidden_outputs, look, spread


def features_of(network):
    """Returns a network to all activations of another network, `[B, width]`.

    Maps are max-pooled to 4 × 4.

    Args:
        network: A Keras model.

    Reference:
        Radford et al., 2016, section 5.1.
    """
    parts = []
    for h in hidden_outputs(network):
        if len(h.shape) == 4:
            size = tuple(-(-side // 4) for side in h.shape[1:3])
            h = keras.layers.MaxPooling2D(size, padding="same")(h)
        parts.append(keras.layers.Flatten()(h))
    joined = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(network.inputs, joined)


@look
def features(subject):
    """Measures D's features by the accuracy of a linear L2-SVM.

    Baselines are raw pixels, an untrained D, and a supervised network of D's shape, each with the same
    labels.

    Args:
        subject: A `Subject`.
    """
    (train_x, train_y), (test_x, test_y) = subject.labeled()
    most = max(n or 0 for n in subject.labels)
    if most > len(train_x):
        raise ZooError(f"There are {len(train_x)} labels, fewer than {most}.", labels=len(train_x))
    prepared = {}
    networks = {"features of D": subject.discriminator, "features of an untrained D": subject.untrained}
    for name, network in networks.items():
        extract = features_of(network)
        prepared[name] = [subject.seen_by(extract, x) for x in (train_x, test_x)]
    prepared["raw pixels"] = [np.float32(x.reshape(len(x), -1)) / 255 for x in (train_x, test_x)]
    results = {}
    for n in subject.labels:
        rows = {name: [] for name in (*prepared, "supervised network of D's shape")}
        for repeat in range(subject.repeats if n else 1):  # there is one set of all
            chosen = np.random.default_rng([subject.seed, repeat]).permutation(len(train_x))[:n]
            for name, (train, test) in prepared.items():
                rows[name].append(_svm(train[chosen], train_y[chosen]).score(test, test_y))
            supervised = train_supervised(subject, train_x[chosen], train_y[chosen], repeat)
            found = subject.seen_by(supervised, test_x)
            rows["supervised network of D's shape"].append(float(np.mean(found.argmax(1) == test_y)))
        results[f"{n or 'all'} labels"] = {
            name: {"accuracy": float(np.mean(v)), "spread": spread(v), "subsets": len(v)}
            for name, v in rows.items()
        }
    return {
        "dataset": subject.context.recipe.dataset,
        "labels to choose from": len(train_x),
        "test images": len(test_x),
        **results,
    }


def _svm(x, y):
    """Fits a linear L2-SVM, with features scaled to at most 1.

    C is 1e-3, 1e-2, 1e-1 or 1, by three-fold cross-validation.
    """
    # By its primal, whose time does not grow with C where features outnumber examples.
    machine = make_pipeline(MaxAbsScaler(), LinearSVC(dual=False))
    return GridSearchCV(machine, {"linearsvc__C": [1e-3, 1e-2, 1e-1, 1]}, cv=3).fit(x, y)


def train_supervised(subject, x, y, seed, epochs=20):
    """Trains D's layers with a softmax, from initial weights, by labels.

    Args:
        subject: A `Subject`.
        x: Array of images, as in the data.
        y: Integer array of labels.
        seed: Integer. Random seed of weights and batches.
        epochs: Integer. Defaults to 20.

    Returns:
        The Keras model.
    """
    discriminator = subject.discriminator
    random.seed(seed)  # from which Keras draws the seeds of the initial weights
    fresh = keras.models.clone_model(discriminator)
    h = keras.layers.Flatten()(hidden_outputs(fresh)[-1])
    network = keras.Model(fresh.inputs, keras.layers.Dense(int(y.max()) + 1, "softmax")(h))
    network.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    examples = tf.data.Dataset.from_tensor_slices((subject.model.to_network(x), y))
    network.fit(examples.shuffle(len(x), seed=seed).batch(64), epochs=epochs, shuffle=False, verbose=0)
    return network

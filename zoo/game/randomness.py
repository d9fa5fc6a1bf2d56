"""Randomness as a pure function.

Every draw in training is stateless: its seed is folded from the run's seed, the step, the
replica and the order of the draws within the step. So there is no generator to save, two
replicas never draw the same noise, and a resumed run draws what the unbroken run would have.
"""

import threading

import tensorflow as tf

_current = threading.local()  # replicas are traced in threads of their own


def fold(*key):
    """Folds integers (Python numbers or int64 tensors) into one seed, an int64 tensor [2]."""
    seed = tf.constant([0x5EED, 0x0200], tf.int64)
    for part in key:
        seed = tf.random.experimental.stateless_fold_in(seed, tf.cast(part, tf.int64), alg="philox")
    return seed


class Draws:
    """The seeds of one step: the same key gives the same seeds, in the same order.

    As a context manager it becomes the source that layers and priors draw from:

        with Draws(run_seed, step, replica):
            z = prior.draw(64, seed())
    """

    def __init__(self, *key):
        self._key = fold(*key)
        self._count = 0

    def seed(self):
        self._count += 1
        return tf.random.experimental.stateless_fold_in(
            self._key, tf.constant(self._count, tf.int64), alg="philox"
        )

    def __enter__(self):
        self._outer = getattr(_current, "draws", None)
        _current.draws = self
        return self

    def __exit__(self, *exception):
        _current.draws = self._outer


def seed():
    """The next seed of the current source.

    Raises:
        RuntimeError: nothing is drawn from; the caller lacks a `with Draws(…)`.
    """
    draws = getattr(_current, "draws", None)
    if draws is None:
        raise RuntimeError(
            "Random numbers were asked for outside a source of them. Wrap the call: "
            "`with zoo.game.randomness.Draws(seed): …`."
        )
    return draws.seed()


def uniform(shape, low=0.0, high=1.0):
    """Float32 draws from U[low, high)."""
    return tf.random.stateless_uniform(shape, seed(), low, high, alg="philox")


def normal(shape):
    """Float32 draws from N(0, 1)."""
    return tf.random.stateless_normal(shape, seed(), alg="philox")


def integers(shape, high):
    """Int32 draws from {0, …, high − 1}."""
    return tf.random.stateless_uniform(shape, seed(), 0, high, dtype=tf.int32, alg="philox")

"""Stateless randomness.

The seed of each draw in training is computed from four numbers: the run's seed, the step, the replica and
the position of the draw within the step. Therefore:

* Checkpoints do not store a random generator.
* Replicas draw different values.
* A resumed run draws the values of an unbroken run.
"""

import threading
from collections.abc import Sequence

import tensorflow as tf

_current = threading.local()  # each replica is traced in its own thread


def fold(*key: int | tf.Tensor) -> tf.Tensor:
    """Folds integers into one seed.

    Args:
        *key: Integers or int64 scalar tensors.

    Returns:
        int64 tensor `[2]`.
    """
    seed = tf.constant([0x5EED, 0x0200], tf.int64)
    for part in key:
        seed = tf.random.experimental.stateless_fold_in(seed, tf.cast(part, tf.int64), alg="philox")
    return seed


class Draws:
    """A sequence of seeds that is determined by a key.

    As a context manager, it is the source of `seed`, `uniform`, `normal` and `integers` in this thread.

    Args:
        *key: Integers or int64 scalar tensors, such as the run's seed, the step and the replica.

    Example:
        >>> with Draws(0, 5, 0):
        ...     noise = normal([2, 3])
        >>> noise.shape
        TensorShape([2, 3])
    """

    def __init__(self, *key: int | tf.Tensor) -> None:
        self._key = fold(*key)
        self._count = 0

    def seed(self) -> tf.Tensor:
        """Returns the next seed, an int64 tensor `[2]`."""
        self._count += 1
        return tf.random.experimental.stateless_fold_in(
            self._key, tf.constant(self._count, tf.int64), alg="philox"
        )

    def __enter__(self) -> "Draws":
        """Becomes the source of this thread."""
        self._outer: Draws | None = getattr(_current, "draws", None)
        _current.draws = self
        return self

    def __exit__(self, *exception: object) -> None:
        """Restores the previous source of this thread."""
        _current.draws = self._outer


def seed() -> tf.Tensor:
    """Returns the next seed of the current source, an int64 tensor `[2]`.

    Raises:
        RuntimeError: The call is not inside `with Draws(...)`.
    """
    draws: Draws | None = getattr(_current, "draws", None)
    if draws is None:
        raise RuntimeError(
            "Random numbers were asked for outside a source of them. Wrap the call: "
            "`with zoo.game.randomness.Draws(seed): …`."
        )
    return draws.seed()


def uniform(shape: Sequence[int] | tf.Tensor, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
    """Draws float32 values from the uniform distribution on [low, high)."""
    return tf.random.stateless_uniform(shape, seed(), low, high, alg="philox")


def normal(shape: Sequence[int] | tf.Tensor) -> tf.Tensor:
    """Draws float32 values from the standard normal distribution."""
    return tf.random.stateless_normal(shape, seed(), alg="philox")


def integers(shape: Sequence[int] | tf.Tensor, high: int) -> tf.Tensor:
    """Draws int32 values from {0, …, high − 1} uniformly."""
    return tf.random.stateless_uniform(shape, seed(), 0, high, dtype=tf.int32, alg="philox")

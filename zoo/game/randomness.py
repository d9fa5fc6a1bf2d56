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

    def uniform(self, shape: Sequence[int] | tf.Tensor, low: float, high: float) -> tf.Tensor:
        """Returns uniform values of the next seed. See `zoo.game.randomness.uniform`."""
        return tf.random.stateless_uniform(shape, self.seed(), low, high, alg="philox")

    def __enter__(self) -> "Draws":
        """Becomes the source of this thread."""
        self._outer: Draws | None = getattr(_current, "draws", None)
        _current.draws = self
        return self

    def __exit__(self, *exception: object) -> None:
        """Restores the previous source of this thread."""
        _current.draws = self._outer


class RowDraws(Draws):
    """A source of random values in which each row depends on its own seed only.

    It serves `uniform`, for dropout while sampling.

    Args:
        seeds: int64 tensor `[B]`. Seeds of the rows.

    Example:
        >>> with RowDraws(tf.constant([3, 5], tf.int64)):
        ...     both = uniform([2, 4])
        >>> with RowDraws(tf.constant([5], tf.int64)):
        ...     second = uniform([1, 4])
        >>> bool(tf.reduce_all(both[1] == second[0]))
        True
    """

    def __init__(self, seeds: tf.Tensor) -> None:
        self._seeds = seeds
        self._count = 0

    def seed(self) -> tf.Tensor:
        """Rejects draws that do not have rows."""
        raise RuntimeError("A generator that samples row by row can only draw uniform values.")

    def uniform(self, shape: Sequence[int] | tf.Tensor, low: float, high: float) -> tf.Tensor:
        """Returns uniform values `[B, ...]`, row by row."""
        self._count += 1
        count, row = self._count, tf.convert_to_tensor(shape)[1:]

        def draw(seed: tf.Tensor) -> tf.Tensor:
            return tf.random.stateless_uniform(row, fold(seed, count), low, high, alg="philox")

        return tf.map_fn(draw, self._seeds, fn_output_signature=tf.float32)


def _source() -> Draws:
    """Returns the current source.

    Raises:
        RuntimeError: The call is not inside `with Draws(...)`.
    """
    draws: Draws | None = getattr(_current, "draws", None)
    if draws is None:
        raise RuntimeError(
            "Random numbers were asked for outside a source of them. Wrap the call: "
            "`with zoo.game.randomness.Draws(seed): …`."
        )
    return draws


def seed() -> tf.Tensor:
    """Returns the next seed of the current source, an int64 tensor `[2]`.

    Raises:
        RuntimeError: The call is not inside `with Draws(...)`.
    """
    return _source().seed()


def uniform(shape: Sequence[int] | tf.Tensor, low: float = 0.0, high: float = 1.0) -> tf.Tensor:
    """Draws float32 values from the uniform distribution on [low, high)."""
    return _source().uniform(shape, low, high)


def normal(shape: Sequence[int] | tf.Tensor) -> tf.Tensor:
    """Draws float32 values from the standard normal distribution."""
    return tf.random.stateless_normal(shape, seed(), alg="philox")


def integers(shape: Sequence[int] | tf.Tensor, high: int) -> tf.Tensor:
    """Draws int32 values from {0, …, high − 1} uniformly."""
    return tf.random.stateless_uniform(shape, seed(), 0, high, dtype=tf.int32, alg="philox")

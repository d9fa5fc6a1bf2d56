"""Priors: the distributions of a generator's inputs (noise and conditions).

A prior has a method `draw` for random values and a method `encode` that turns values into inputs of a
network. `shape` and `dtype` describe one value in a signature.
"""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from zoo.errors import ZooError


@dataclasses.dataclass(frozen=True)
class _Vector:
    """Vectors that a network receives unchanged.

    Attributes:
        dim: Integer. Number of coordinates.
    """

    dim: int
    dtype = "float32"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one value."""
        return (self.dim,)

    @property
    def width(self) -> int:
        """Number of inputs of a network."""
        return self.dim

    def encode(self, values: tf.Tensor) -> tf.Tensor:
        """Returns the values."""
        return values


@dataclasses.dataclass(frozen=True)
class Uniform(_Vector):
    """Uniform distribution on [low, high) in each coordinate.

    Args:
        dim: Integer. Number of coordinates.
        low: Float. Defaults to -1.
        high: Float. Defaults to 1.
    """

    low: float = -1.0
    high: float = 1.0

    def draw(self, n: int | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draws a float32 tensor `[n, dim]`."""
        return tf.random.stateless_uniform((n, self.dim), seed, self.low, self.high, alg="philox")


@dataclasses.dataclass(frozen=True)
class Normal(_Vector):
    """Standard normal distribution.

    Args:
        dim: Integer. Number of coordinates.
    """

    def draw(self, n: int | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draws a float32 tensor `[n, dim]`."""
        return tf.random.stateless_normal((n, self.dim), seed, alg="philox")


@dataclasses.dataclass(frozen=True)
class TruncatedNormal(_Vector):
    """Standard normal distribution, restricted to two standard deviations.

    Args:
        dim: Integer. Number of coordinates.
    """

    def draw(self, n: int | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draws a float32 tensor `[n, dim]`."""
        return tf.random.stateless_truncated_normal((n, self.dim), seed, alg="philox")


@dataclasses.dataclass(frozen=True)
class Categorical:
    """Distribution of integer labels, which a network receives as one-hot vectors.

    Args:
        classes: Integer. Number of labels.
        weights: Array or variable `[classes]`. Relative frequencies of the labels. `None` for equal
            frequencies. Defaults to `None`.
    """

    classes: int
    weights: npt.ArrayLike | tf.Variable | None = None
    dtype = "int32"
    shape = ()

    @property
    def width(self) -> int:
        """Number of inputs of a network."""
        return self.classes

    @property
    def listed(self) -> np.ndarray:
        """All labels, an int32 array `[classes]`."""
        return np.arange(self.classes, dtype=np.int32)

    def draw(self, n: int | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draws an int32 tensor `[n]`."""
        if self.weights is None:
            return tf.random.stateless_uniform((n,), seed, 0, self.classes, tf.int32, alg="philox")
        edges = tf.cumsum(tf.convert_to_tensor(self.weights, tf.float32))
        u = tf.random.stateless_uniform((n,), seed, 0.0, edges[-1], alg="philox")
        return tf.minimum(tf.searchsorted(edges, u, side="right"), self.classes - 1)

    def encode(self, values: tf.Tensor) -> tf.Tensor:
        """Returns one-hot vectors, a float32 tensor `[n, classes]`."""
        return tf.one_hot(values, self.classes)


@dataclasses.dataclass(frozen=True)
class Text:
    """Captions as UTF-8 strings, which the model itself encodes.

    Args:
        examples: Tuple of strings. Captions that are drawn if the caller does not pass any. Defaults to
            `()`.
    """

    examples: tuple[str, ...] = ()
    dtype = "string"
    shape = ()

    @property
    def listed(self) -> np.ndarray:
        """The example captions, an object array."""
        return np.array(self.examples, object)

    def draw(self, n: int | tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Draws a string tensor `[n]` of example captions.

        Raises:
            ZooError: The prior does not have example captions.
        """
        if not self.examples:
            raise ZooError("The captions are missing: pass text=[…].")
        indices = tf.random.stateless_uniform((n,), seed, 0, len(self.examples), tf.int32, alg="philox")
        return tf.gather(tf.constant(self.examples), indices)


Prior = Uniform | Normal | TruncatedNormal | Categorical | Text


def draw_rows(prior: Prior, seeds: tf.Tensor, tag: int, count: int | None = None) -> tf.Tensor:
    """Draws one or several values of a prior per seed.

    A row depends on its own seed and the tag only, not on the other rows.

    Args:
        prior: A prior.
        seeds: int64 tensor `[B]`.
        tag: Integer. Position of the prior among the priors of its model.
        count: Integer. Number of values per seed. `None` for one value without an axis of its own. Defaults
            to `None`.

    Returns:
        Tensor `[B, ...]` of the prior's shape and dtype, or `[B, count, ...]`.
    """

    def draw(seed: tf.Tensor) -> tf.Tensor:
        values = prior.draw(1 if count is None else count, tf.stack([seed, tag]))
        return values[0] if count is None else values

    shape = prior.shape if count is None else (count, *prior.shape)
    return tf.map_fn(draw, seeds, fn_output_signature=tf.TensorSpec(shape, prior.dtype))


def describe(priors: Mapping[str, Prior]) -> dict[str, dict[str, Any]]:
    """Returns priors as JSON values, for model cards.

    Args:
        priors: Dict, `{name: prior}`.

    Returns:
        Dict, `{name: {"kind": ..., field: value}}`.

    Example:
        >>> describe({"z": Normal(8)})
        {'z': {'kind': 'normal', 'dim': 8}}
    """
    return {
        name: {"kind": type(prior).__name__.lower(), **{k: _plain(v) for k, v in vars(prior).items()}}
        for name, prior in priors.items()
    }


def _plain(value: Any) -> Any:
    """Returns the value of a field as JSON stores it."""
    return value if value is None or np.isscalar(value) else np.asarray(value).tolist()


def restore(description: Mapping[str, Mapping[str, Any]]) -> dict[str, Prior]:
    """Returns the priors of a description, as the inverse of `describe`."""
    kinds = {kind.__name__.lower(): kind for kind in typing.get_args(Prior)}
    return {
        name: kinds[fields["kind"]](**{k: v for k, v in fields.items() if k != "kind"})
        for name, fields in description.items()
    }

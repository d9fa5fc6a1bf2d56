"""What goes into a generator besides its weights: noise and conditions.

A prior says how its values are drawn, how they are given from outside (`shape`, `dtype`)
and how a network is fed with them (`encode`). Sampling, serving and pictures are written
once, over priors.
"""

import dataclasses

import numpy as np
import tensorflow as tf

from zoo.errors import ZooError


@dataclasses.dataclass(frozen=True)
class _Vector:
    """Numbers that a network is fed with as they are: float32 [B, dim]."""

    dim: int
    dtype = "float32"

    @property
    def shape(self):
        return (self.dim,)

    @property
    def width(self):
        """How many numbers a network is fed with."""
        return self.dim

    def encode(self, values):
        return values


@dataclasses.dataclass(frozen=True)
class Uniform(_Vector):
    """U[low, high) in each of `dim` coordinates: float32 [B, dim]."""

    low: float = -1.0
    high: float = 1.0

    def draw(self, n, seed):
        return tf.random.stateless_uniform((n, self.dim), seed, self.low, self.high, alg="philox")


@dataclasses.dataclass(frozen=True)
class Normal(_Vector):
    """N(0, I) in `dim` coordinates: float32 [B, dim]."""

    def draw(self, n, seed):
        return tf.random.stateless_normal((n, self.dim), seed, alg="philox")


@dataclasses.dataclass(frozen=True)
class Categorical:
    """One of `classes` labels: int32 [B]; networks see one-hot [B, classes].

    Args:
        classes: how many labels.
        weights: how often each comes, up to a factor: numbers or a variable [classes]; None:
            equally often.
    """

    classes: int
    weights: object = None
    dtype = "int32"
    shape = ()

    @property
    def width(self):
        """How many numbers a network is fed with."""
        return self.classes

    @property
    def listed(self):
        """Values that show what it does: all of them."""
        return np.arange(self.classes, dtype=np.int32)

    def draw(self, n, seed):
        if self.weights is None:
            return tf.random.stateless_uniform((n,), seed, 0, self.classes, tf.int32, alg="philox")
        edges = tf.cumsum(tf.convert_to_tensor(self.weights, tf.float32))
        u = tf.random.stateless_uniform((n,), seed, 0.0, edges[-1], alg="philox")
        return tf.minimum(tf.searchsorted(edges, u, side="right"), self.classes - 1)

    def encode(self, values):
        return tf.one_hot(values, self.classes)


@dataclasses.dataclass(frozen=True)
class Text:
    """UTF-8 strings [B]; what networks see of them is the scheme's to say.

    Args:
        examples: texts that stand for those that nobody gives.
    """

    examples: tuple = ()
    dtype = "string"
    shape = ()

    @property
    def listed(self):
        """Values that show what it does."""
        return np.array(self.examples, object)

    def draw(self, n, seed):
        if not self.examples:
            raise ZooError("Say in words what is wanted: text=[…].")
        which = tf.random.stateless_uniform((n,), seed, 0, len(self.examples), tf.int32, alg="philox")
        return tf.gather(tf.constant(self.examples), which)


def draw_rows(prior, seeds, tag):
    """Draws one value of a prior per seed.

    A value depends on its own seed and the tag only, not on the other rows.

    Args:
        prior: A prior.
        seeds: int64 tensor `[B]`.
        tag: Integer. Position of the prior among the priors of its model.

    Returns:
        Tensor `[B, ...]` of the prior's shape and dtype.
    """
    return tf.map_fn(
        lambda seed: prior.draw(1, tf.stack([seed, tag]))[0],
        seeds,
        fn_output_signature=tf.TensorSpec(prior.shape, prior.dtype),
    )


def describe(priors):
    """Priors as plain data, for cards: {name: {"kind": …, …}}."""
    return {
        name: {"kind": type(prior).__name__.lower(), **{k: _plain(v) for k, v in vars(prior).items()}}
        for name, prior in priors.items()
    }


def _plain(value):
    """A field as JSON has it."""
    return value if value is None or np.isscalar(value) else np.asarray(value).tolist()


def restore(description):
    """The inverse of `describe`."""
    kinds = {kind.__name__.lower(): kind for kind in (Uniform, Normal, Categorical, Text)}
    return {
        name: kinds[fields["kind"]](**{k: v for k, v in fields.items() if k != "kind"})
        for name, fields in description.items()
    }

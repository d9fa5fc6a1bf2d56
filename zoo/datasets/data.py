"""datasets/data"""

import dataclasses

import numpy as np
import tensorflow as tf

from zoo.datasets import augmentation
from zoo.errors import ZooError

# Sets up to this many bytes are held decoded; larger ones are read and decoded as they are needed.
in_memory = 2**30


shuffle_buffer = 10_000


def shuffled(positions, count, seed):
    """Which of `count` examples comes at each position of an endless training: int64 [N]."""
    epoch, i = positions // count, positions % count
    key = tf.stack([tf.fill(tf.shape(epoch), tf.constant(seed, tf.int64)), epoch, epoch], 1)
    # With the default of four rounds neighbours stayed neighbours in the first epoch of seed 0.
    return tf.raw_ops.RandomIndexShuffle(index=i, seed=key, max_index=count - 1, rounds=8)


def gather_rows(tensors, i):
    return {name: tf.gather(values, i) for name, values in tensors.items()}


@dataclasses.dataclass(frozen=True)
class Data:
    """The examples of one split.

    Attributes:
        name: what was asked for.
        shape: of one example: (H, W, C) for pictures (uint8) or (d,) for points (float32).
        classes: how many labels, or None; of described pictures see `load_descriptions`.
        count: how many examples.
    """

    name: str
    shape: tuple
    classes: int | dict | None
    count: int
    _examples: tf.data.Dataset  # {"x", …} or {"a", "b", …}, in the set's own order
    augment: tuple = ()  # see zoo/datasets/augmentation.py

    @property
    def is_pictures(self):
        return len(self.shape) == 3

    def _held(self):
        """All examples as tensors, or None where they would not fit."""
        specs = self._examples.element_spec.values()
        if self.count * sum(s.shape.num_elements() * s.dtype.size for s in specs) > in_memory:
            return None
        if not hasattr(self, "_tensors"):
            batches = list(self._examples.batch(4096))
            tensors = tf.nest.map_structure(lambda *parts: tf.concat(parts, 0), *batches)
            object.__setattr__(self, "_tensors", tensors)
        return self._tensors

    def batches(self, batch_size, seed, first=0):
        """Endless batches {"x", "y"} (pairs: {"a", "b"}); every epoch sees every example once, in an
        order of its own, and with an augmentation of its own where there is one.

        Args:
            batch_size: examples a batch; a batch may reach into the next epoch.
            seed: decides the orders.
            first: the batch to begin with, as if those before it had been read.

        Raises:
            ZooError: a batch is larger than the set.
        """
        if batch_size > self.count:
            raise ZooError(
                f"{self.name} has {self.count} examples, fewer than a batch of {batch_size}. Add data or "
                "use smaller batches.",
                batch_size=self.count,
            )
        tensors = self._held()
        if tensors is None:
            batches = self._streamed(batch_size, seed, first)
        else:
            batches = self._gathered(tensors, batch_size, seed, first)
        return augmentation.apply(batches, self.augment, seed, first).prefetch(2)

    def _gathered(self, tensors, batch_size, seed, first):
        positions = tf.data.Dataset.range(first * batch_size, 2**62)

        def gather(positions):
            return gather_rows(tensors, shuffled(positions, self.count, seed))

        return positions.batch(batch_size, drop_remainder=True).map(gather)

    def _order(self, seed, epoch):
        """The seed of an epoch's order, where examples are streamed."""
        key = tf.stack([tf.constant(seed, tf.int64), epoch])
        return tf.random.stateless_uniform([], key, 0, 2**62, tf.int64, alg="philox")

    def _streamed(self, batch_size, seed, first):
        first_epoch, skip = divmod(first * batch_size, self.count)

        def epoch(number):
            order = self._order(seed, number)
            return self._examples.shuffle(shuffle_buffer, seed=order, reshuffle_each_iteration=False)

        examples = tf.data.Dataset.range(first_epoch, 2**62).flat_map(epoch).skip(skip)
        return examples.batch(batch_size, drop_remainder=True)

    def columns(self, start=0, stop=None):
        """Examples `start` to `stop` in the set's own order, not augmented: {name: NumPy array}."""
        stop = self.count if stop is None else min(stop, self.count)
        parts = list(self._examples.skip(start).take(stop - start).batch(4096).as_numpy_iterator())
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def pictures(self):
        """The examples' pictures one by one, whole: uint8 [H, W, C]."""
        return (example["x"] for example in self._examples.as_numpy_iterator())

    def arrays(self, start=0, stop=None):
        """The same as a pair: (x, y or None)."""
        columns = self.columns(start, stop)
        return columns["x"], columns.get("y")

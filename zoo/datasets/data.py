"""The examples of a split, and their order in training."""

import dataclasses

import numpy as np
import tensorflow as tf

from zoo.datasets import augmentation
from zoo.datasets.origin import Origin
from zoo.datasets.sources import untuned
from zoo.errors import ZooError

# Sets up to this many bytes are held decoded; larger ones are read and decoded as they are needed.
in_memory = 2**30


shuffle_buffer = 10_000


def shuffled(positions, count, seed):
    """Returns the example at each position of an infinite training, int64 `[N]`.

    Args:
        positions: Tensor int64 `[N]`.
        count: Integer. Number of examples.
        seed: Integer. Random seed of the orders.
    """
    epoch, i = positions // count, positions % count
    key = tf.stack([tf.fill(tf.shape(epoch), tf.constant(seed, tf.int64)), epoch, epoch], 1)
    # The default of 4 rounds leaves many adjacent examples adjacent.
    return tf.raw_ops.RandomIndexShuffle(index=i, seed=key, max_index=count - 1, rounds=8)


def gather_rows(tensors, i):
    """Returns rows of tensors, `{name: values[i]}`."""
    return {name: tf.gather(values, i) for name, values in tensors.items()}


@dataclasses.dataclass(frozen=True)
class Data:
    """The examples of one split.

    Attributes:
        name: String. Name of the dataset.
        shape: Tuple. Shape of one example: `(H, W, C)` of images (uint8), or `(d,)` of points (float32).
        classes: Integer. Number of labels, or None. Descriptions have a dict. See `load_descriptions`.
        count: Integer. Number of examples.
        augment: Tuple of strings. See `zoo/datasets/augmentation.py`.
        names: Tuple of strings. Names of the labels, or None.
        origin: An `Origin`.
    """

    name: str
    shape: tuple
    classes: int | dict | None
    count: int
    _examples: tf.data.Dataset  # {"x", …} or {"a", "b", …}, in the set's own order
    augment: tuple = ()  # see zoo/datasets/augmentation.py
    names: tuple | None = None
    origin: Origin = Origin()

    def describe(self):
        """Returns one line that says how the data was read.

        Example: `./pets: 24 images, 64x48 to 800x600 → 64x64 RGB, 2 classes: cat, dog; split train`.
        """
        if self.is_images:
            height, width, channels = self.shape
            before = " to ".join(dict.fromkeys(f"{w}x{h}" for w, h in self.origin.sizes or ()))
            kind = f"{before} → " if before else ""
            what = f"{self.count:,} images, {kind}{width}x{height} {'RGB' if channels == 3 else 'gray'}"
        else:
            what = f"{self.count:,} points with {self.shape[0]} coordinates"
        parts = [f"{what}{self._describe_classes()}", f"split {self.origin.split}", *self.origin.notes]
        return f"{self.name}: {'; '.join(parts)}"

    def _describe_classes(self):
        if not isinstance(self.classes, int):
            return ""
        shown = ", ".join(self.names[:10]) + ("…" if len(self.names) > 10 else "") if self.names else ""
        return f", {self.classes} classes{': ' if shown else ''}{shown}"

    @property
    def in_memory(self):
        """Largest size of the decoded examples, in bytes, that is held in memory."""
        return in_memory

    @property
    def is_images(self):
        """Whether the examples are images."""
        return len(self.shape) == 3

    def _held(self):
        """Returns all examples as tensors, or None if they do not fit into memory."""
        specs = self._examples.element_spec.values()
        if self.count * sum(s.shape.num_elements() * s.dtype.size for s in specs) > self.in_memory:
            return None
        if not hasattr(self, "_tensors"):
            batches = list(self._examples.batch(4096))
            tensors = tf.nest.map_structure(lambda *parts: tf.concat(parts, 0), *batches)
            object.__setattr__(self, "_tensors", tensors)
        return self._tensors

    def batches(self, batch_size, seed, first=0):
        """Returns infinite batches `{"x", "y"}` (pairs: `{"a", "b"}`).

        Every epoch contains every example once, in its own order and with its own augmentation. A batch may
        extend into the next epoch.

        Args:
            batch_size: Integer. Examples per batch.
            seed: Integer. Random seed of the orders.
            first: Integer. Number of the first batch, to resume a run. Defaults to 0.

        Raises:
            ZooError: The batch is larger than the dataset.
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
        batches = augmentation.apply(batches, self.augment, seed, first).prefetch(2)
        return batches.with_options(untuned())

    def _gathered(self, tensors, batch_size, seed, first):
        positions = tf.data.Dataset.range(first * batch_size, 2**62)

        def gather(positions):
            return gather_rows(tensors, shuffled(positions, self.count, seed))

        return positions.batch(batch_size, drop_remainder=True).map(gather)

    def _order(self, seed, epoch):
        """Returns the seed of an epoch's order for streamed examples."""
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
        """Returns examples in the order of the dataset, without augmentation.

        Args:
            start: Integer. First example. Defaults to 0.
            stop: Integer. End of the range. Defaults to all.

        Returns:
            Dict, `{name: NumPy array}`.
        """
        stop = self.count if stop is None else min(stop, self.count)
        tensors = self._held() if hasattr(self, "_tensors") or (start, stop) == (0, self.count) else None
        if tensors is not None:
            return {name: values[start:stop].numpy() for name, values in tensors.items()}
        parts = list(self._examples.skip(start).take(stop - start).batch(4096).as_numpy_iterator())
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def images(self):
        """Yields the whole images one by one, uint8 `[H, W, C]`."""
        return (example["x"] for example in self._examples.as_numpy_iterator())

    def arrays(self, start=0, stop=None):
        """Returns `columns` as a pair `(x, y)`. y is None without labels."""
        columns = self.columns(start, stop)
        return columns["x"], columns.get("y")

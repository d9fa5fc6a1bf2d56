"""From a dataset's name to batches whose order is a pure function of seed and step."""

import contextlib
import dataclasses
import importlib
import io
import os
import pathlib
import pkgutil

import numpy as np
import tensorflow as tf

import zoo.datasets
from zoo.errors import ZooError, unknown

# Sets up to this many bytes are held decoded; larger ones are read and decoded as they are needed.
in_memory = 2**30
shuffle_buffer = 10_000


@dataclasses.dataclass(frozen=True)
class Data:
    """The examples of one split.

    Attributes:
        name: what was asked for.
        shape: of one example: (H, W, C) for pictures (uint8) or (d,) for points (float32).
        classes: how many labels, or None.
        count: how many examples.
    """

    name: str
    shape: tuple
    classes: int | None
    count: int
    _examples: tf.data.Dataset  # {"x", "y"}, in the set's own order

    @property
    def pictures(self):
        return len(self.shape) == 3

    def _held(self):
        """All examples as tensors, or None where they would not fit."""
        x = self._examples.element_spec["x"]
        if self.count * x.shape.num_elements() * x.dtype.size > in_memory:
            return None
        if not hasattr(self, "_tensors"):
            batches = list(self._examples.batch(4096))
            tensors = tf.nest.map_structure(lambda *parts: tf.concat(parts, 0), *batches)
            object.__setattr__(self, "_tensors", tensors)
        return self._tensors

    def batches(self, batch_size, seed, first=0):
        """Endless batches {"x", "y"}; every epoch sees every example once, in an order of its own.

        Args:
            batch_size: examples a batch; a batch may reach into the next epoch.
            seed: decides the orders.
            first: the batch to begin with, as if those before it had been read.

        Raises:
            ZooError: a batch is larger than the set.
        """
        if batch_size > self.count:
            raise ZooError(
                f"{self.name} has {self.count} examples, fewer than a batch of {batch_size}. "
                f"Use --batch_size={self.count} or less, or more data."
            )
        tensors = self._held()
        positions = tf.data.Dataset.range(first * batch_size, 2**62)
        if tensors is None:
            return self._streamed(batch_size, seed, first)

        def gather(position):
            epoch, i = position // self.count, position % self.count
            key = tf.stack([tf.fill(tf.shape(epoch), tf.constant(seed, tf.int64)), epoch, epoch], 1)
            i = tf.raw_ops.RandomIndexShuffle(index=i, seed=key, max_index=self.count - 1)
            return {name: tf.gather(values, i) for name, values in tensors.items()}

        return positions.batch(batch_size, drop_remainder=True).map(gather).prefetch(2)

    def _streamed(self, batch_size, seed, first):
        first_epoch, skip = divmod(first * batch_size, self.count)

        def epoch(number):
            key = tf.stack([tf.constant(seed, tf.int64), number])
            order = tf.random.stateless_uniform([], key, 0, 2**62, tf.int64, alg="philox")
            return self._examples.shuffle(shuffle_buffer, seed=order, reshuffle_each_iteration=False)

        examples = tf.data.Dataset.range(first_epoch, 2**62).flat_map(epoch).skip(skip)
        return examples.batch(batch_size, drop_remainder=True).prefetch(2)

    def arrays(self, start=0, stop=None):
        """Examples `start` to `stop` in the set's own order, as NumPy: (x, y or None)."""
        stop = self.count if stop is None else min(stop, self.count)
        batches = self._examples.skip(start).take(stop - start).batch(4096).as_numpy_iterator()
        parts = list(batches)
        x = np.concatenate([part["x"] for part in parts])
        return x, (np.concatenate([p["y"] for p in parts]) if self.classes else None)


def load(dataset, split="train", image_size=None, channels=None, data_dir=None):
    """Finds a dataset, prepares it where it is not, and reads one split.

    Args:
        dataset: an embedded set ("digits", "gaussians/ring"), any image-classification set of
            TFDS ("mnist", "fashion_mnist"), or the path of a folder of pictures.
        split: in TFDS' language ("train", "test", "train[:90%]").
        image_size: side of the squares pictures are scaled and cropped to; None: as they are.
        channels: 1 or 3; None: as they are.
        data_dir: where TFDS keeps its sets; None: $TFDS_DATA_DIR or ~/tensorflow_datasets.

    Raises:
        ZooError: an unknown set or split, one that cannot be downloaded here, a set without
            pictures or points, a folder with broken files.
    """
    builder = _builder(str(dataset), image_size, channels, data_dir)
    _prepare(builder, dataset)
    if split.split("[")[0] not in builder.info.splits:
        raise unknown(f"split of {dataset}", split, builder.info.splits)
    keys = _keys(builder, dataset)
    classes = builder.info.features[keys[1]].num_classes if keys[1] else None

    import tensorflow_datasets as tfds

    try:
        count = builder.info.splits[split].num_examples
        stored = builder.as_dataset(
            split=split,
            decoders=tfds.decode.PartialDecoding({key: True for key in keys if key}),
            read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
        )
    except (ValueError, AssertionError) as error:
        raise ZooError(f"Split {split!r} of {dataset} cannot be read: {error}") from error
    is_picture = stored.element_spec[keys[0]].dtype == tf.uint8

    def example(stored):
        x = stored[keys[0]]
        if is_picture:
            x = _fit(x, image_size, channels)
        return {"x": x, **({"y": tf.cast(stored[keys[1]], tf.int32)} if keys[1] else {})}

    examples = stored.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    shape = tuple(examples.element_spec["x"].shape)
    if None in shape:
        raise ZooError(
            f"The pictures of {dataset} differ in size. Choose one for all: --set image_size=64."
        )
    return Data(str(dataset), shape, classes, count, examples)


def _embedded():
    """The names of our own builders: the folders beside this file."""
    return {m.name for m in pkgutil.iter_modules(zoo.datasets.__path__) if m.ispkg and m.name != "folder"}


def _builder(dataset, image_size, channels, data_dir):
    import tensorflow_datasets as tfds

    data_dir = data_dir and os.path.expanduser(data_dir)
    if os.sep in dataset and (dataset.startswith((".", "~", os.sep)) or os.path.isdir(dataset)):
        from zoo.datasets.folder.builder import Builder, pictures

        pictures(dataset)
        if not image_size:
            raise ZooError("A folder of pictures needs a size: --set image_size=64.")
        return Builder(folder=dataset, image_size=image_size, channels=channels, data_dir=data_dir)

    name, _, config = dataset.partition("/")
    if name in _embedded():
        kind = importlib.import_module(f"zoo.datasets.{name}.builder").Builder
        if config and config not in kind.builder_configs:
            raise unknown(f"config of {name}", config, kind.builder_configs)
        return kind(config=config or None, data_dir=data_dir)
    known = set(tfds.list_builders(with_community_datasets=False)) | _embedded()
    if name not in known:
        raise unknown("dataset", name, known)
    try:
        # Sets are prepared here or downloaded from their source; Google's bucket is never asked.
        tfds.core.utils.gcs_utils._is_gcs_disabled = True
        return tfds.builder(dataset, data_dir=data_dir)
    except (ValueError, KeyError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        raise ZooError(f"TFDS cannot open {dataset!r}: {first}") from error


def _prepare(builder, dataset):
    """Downloads and prepares what is not there yet."""
    import tensorflow_datasets as tfds

    if builder.data_path.exists():
        return
    folder = pathlib.Path(str(builder.data_path))
    ours = builder.name in {*_embedded(), "folder"}
    silence = contextlib.redirect_stdout(io.StringIO()) if ours else contextlib.nullcontext()
    try:
        tfds.disable_progress_bar()
        downloader = importlib.import_module("tensorflow_datasets.core.download.downloader")
        downloader.MAX_RETRIES = 2  # ten take minutes to say "no network"
        config = tfds.download.DownloadConfig(try_download_gcs=False)
        with silence:  # TFDS says "downloading" of what is made here
            builder.download_and_prepare(download_config=config)
    except ZooError:
        raise
    except PermissionError as error:
        raise ZooError(
            f"{error.filename} cannot be written. Choose a folder that can, with --data_dir."
        ) from error
    except Exception as error:  # TFDS raises whatever its network and archive libraries raise
        if ours:
            raise
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
        raise ZooError(
            f"{dataset} is not prepared in {folder} and cannot be downloaded ({reason}). On a "
            f"machine with a network run `tfds build {dataset}`, copy its folder to {folder} (or "
            "name another root with --data_dir), or train a recipe on an embedded set, such as "
            "--dataset=digits."
        ) from error


def _keys(builder, dataset):
    """Which features are x and y: (name, name or None)."""
    features = builder.info.features
    keys = builder.info.supervised_keys or ("image", "label")
    x = keys[0] if isinstance(keys[0], str) and keys[0] in features else "image"
    if x not in features:
        raise ZooError(
            f"{dataset} has no pictures with labels (it holds {', '.join(features)}). Choose an "
            "image-classification set."
        )
    y = keys[1] if isinstance(keys[1], str) else None
    return x, y if y in features and hasattr(features[y], "num_classes") else None


def _fit(image, size, channels):
    """A picture's centre square at the wanted size, grey-scale or RGB: uint8."""
    if channels and image.shape[-1] != channels:
        image = tf.image.rgb_to_grayscale(image) if channels == 1 else tf.repeat(image, 3, axis=-1)
    if size and tuple(image.shape[:2]) != (size, size):
        side = tf.minimum(tf.shape(image)[0], tf.shape(image)[1])
        image = tf.image.resize_with_crop_or_pad(image, side, side)
        image = tf.image.resize(image, (size, size), "bicubic", antialias=True)
        image = tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)
    return image

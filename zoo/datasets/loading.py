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
from zoo import pixels
from zoo.datasets import augmentation
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
    _examples: tf.data.Dataset  # {"x", …} or {"a", "b", …}, in the set's own order
    augment: tuple = ()  # see zoo/datasets/augmentation.py

    @property
    def pictures(self):
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
                f"{self.name} has {self.count} examples, fewer than a batch of {batch_size}. "
                f"Use --batch_size={self.count} or less, or more data."
            )
        tensors = self._held()
        if tensors is None:
            batches = self._streamed(batch_size, seed, first)
        else:
            batches = self._gathered(tensors, batch_size, seed, first)
        return augmentation.apply(batches, self.augment, seed, first).prefetch(2)

    def _gathered(self, tensors, batch_size, seed, first):
        positions = tf.data.Dataset.range(first * batch_size, 2**62)

        def gather(position):
            epoch, i = position // self.count, position % self.count
            key = tf.stack([tf.fill(tf.shape(epoch), tf.constant(seed, tf.int64)), epoch, epoch], 1)
            i = tf.raw_ops.RandomIndexShuffle(index=i, seed=key, max_index=self.count - 1)
            return {name: tf.gather(values, i) for name, values in tensors.items()}

        return positions.batch(batch_size, drop_remainder=True).map(gather)

    def _streamed(self, batch_size, seed, first):
        first_epoch, skip = divmod(first * batch_size, self.count)

        def epoch(number):
            key = tf.stack([tf.constant(seed, tf.int64), number])
            order = tf.random.stateless_uniform([], key, 0, 2**62, tf.int64, alg="philox")
            return self._examples.shuffle(shuffle_buffer, seed=order, reshuffle_each_iteration=False)

        examples = tf.data.Dataset.range(first_epoch, 2**62).flat_map(epoch).skip(skip)
        return examples.batch(batch_size, drop_remainder=True)

    def columns(self, start=0, stop=None):
        """Examples `start` to `stop` in the set's own order, not augmented: {name: NumPy array}."""
        stop = self.count if stop is None else min(stop, self.count)
        parts = list(self._examples.skip(start).take(stop - start).batch(4096).as_numpy_iterator())
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def arrays(self, start=0, stop=None):
        """The same as a pair: (x, y or None)."""
        columns = self.columns(start, stop)
        return columns["x"], columns.get("y")


@dataclasses.dataclass(frozen=True)
class Domains:
    """Two sets of pictures that nobody paired.

    Attributes:
        a, b: the `Data` of each.
    """

    a: Data
    b: Data
    pictures = True

    @property
    def classes(self):
        return self.a.classes

    @property
    def name(self):
        return self.a.name

    @property
    def shape(self):
        return self.a.shape

    @property
    def count(self):
        """Examples an epoch: all of the larger set."""
        return max(self.a.count, self.b.count)

    def batches(self, batch_size, seed, first=0):
        """Endless batches {"a", "b"}, each in an order of its own."""
        a, b = self.a.batches(batch_size, seed, first), self.b.batches(batch_size, seed + 2**31, first)
        return tf.data.Dataset.zip(a, b).map(lambda a, b: {"a": a["x"], "b": b["x"]}).prefetch(2)

    def labelled(self):
        """Both as one set, {"x", "y"}, whose label says which: 0 for a, 1 for b."""
        a, b = (
            data._examples.map(lambda example, y=y: {"x": example["x"], "y": tf.constant(y)})
            for y, data in enumerate((self.a, self.b))
        )
        whole = {"classes": 2, "count": self.a.count + self.b.count, "_examples": a.concatenate(b)}
        return dataclasses.replace(self.a, **whole)

    def columns(self, start=0, stop=None):
        """Examples of both, as many of each: {"a", "b"}.

        Where the i-th of both are one scene, as in the test splits of `shapes/unpaired`, also "y",
        its true segmentation, the same for both.
        """
        stop = min(self.a.count, self.b.count, self.count if stop is None else stop)
        a, b = self.a.columns(start, stop), self.b.columns(start, stop)
        same = "y" in a and "y" in b and np.array_equal(a["y"], b["y"])
        return {"a": a["x"], "b": b["x"], **({"y": a["y"]} if same else {})}


def load(dataset, split="train", image_size=None, channels=None, data_dir=None, augment=(), aspect=1):
    """Finds a dataset, prepares it where it is not, and reads one split.

    Args:
        dataset: an embedded set ("digits", "gaussians/ring"), any image-classification set of
            TFDS ("mnist", "fashion_mnist"), or the path of a folder of pictures, one sub-folder a
            class; sub-folders trainA, trainB, testA and testB are two classes and their splits.
        split: in TFDS' language ("train", "test", "train[:90%]").
        image_size: side of the squares pictures are scaled and cropped to; None: as they are.
        channels: 1 or 3; None: as they are.
        data_dir: where TFDS keeps its sets; None: $TFDS_DATA_DIR or ~/tensorflow_datasets.
        augment: what is done to pictures, anew each epoch; see zoo/datasets/augmentation.py.
        aspect: how many squares of `image_size` lie side by side in a picture.

    Raises:
        ZooError: an unknown set or split, one that cannot be downloaded here, a set without
            pictures or points, a folder with broken files.
    """
    if is_folder(str(dataset)) and (pathlib.Path(dataset).expanduser() / f"{split}A").is_dir():
        options = {"image_size": image_size, "channels": channels, "data_dir": data_dir}
        return load_domains(dataset, split, augment=augment, **options).labelled()
    builder = _builder(str(dataset), image_size, channels, data_dir, aspect)
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
            x = _fit(x, image_size, channels, aspect)
        return {"x": x, **({"y": tf.cast(stored[keys[1]], tf.int32)} if keys[1] else {})}

    examples = stored.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    shape = tuple(examples.element_spec["x"].shape)
    if None in shape:
        raise ZooError(
            f"The pictures of {dataset} differ in size. Choose one for all: --set image_size=64."
        )
    return Data(str(dataset), shape, classes, count, examples, tuple(augment))


def load_pairs(dataset, split="train", direction="ab", augment=(), **options):
    """Pairs of pictures that lie side by side in one: {"a": what is given, "b": what is wanted}.

    Args:
        dataset: an embedded set ("shapes/paired"), or the path of a folder of such pictures,
            itself or in sub-folders "train" and "test" (or "val").
        split: "train" or "test".
        direction: "ab" where what is given lies left, "ba" where it lies right.
        augment, options: as for `load`.

    Raises:
        ZooError: as `load`; or another direction.
    """
    if direction not in ("ab", "ba"):
        raise unknown("direction", direction, ("ab", "ba"))
    both = load(_part(dataset, split, required=False), _whole(dataset, split), aspect=2, **options)
    height, width, channels = both.shape
    if width != 2 * height:
        raise ZooError(
            f"{dataset} holds pictures of {width}×{height}, not pairs side by side. Give a folder of "
            "such pairs, --dataset=shapes/paired, or train cyclegan, which needs none."
        )

    def halves(example):
        left, right = example["x"][:, :height], example["x"][:, height:]
        a, b = (left, right) if direction == "ab" else (right, left)
        return {"a": a, "b": b, **{k: v for k, v in example.items() if k != "x"}}

    return dataclasses.replace(
        both,
        name=str(dataset),
        shape=(height, height, channels),
        _examples=both._examples.map(halves),
        augment=tuple(augment),
    )


def load_domains(dataset, split="train", **options):
    """Two sets of pictures that are not paired: splits or sub-folders trainA, trainB, testA, testB.

    Args:
        dataset: an embedded set ("shapes/unpaired"), one of TFDS that has such splits
            ("cycle_gan/horse2zebra"), or the path of a folder that has such sub-folders.
        split: "train" or "test".
        options: as for `load`.

    Raises:
        ZooError: as `load`.
    """
    a, b = (
        load(_part(dataset, split + end), _whole(dataset, split + end), **options) for end in ("A", "B")
    )
    if a.shape != b.shape:
        raise ZooError(
            f"The pictures of {dataset} differ in size. Choose one for all: --set image_size=64."
        )
    return dataclasses.replace(Domains(a, b), a=dataclasses.replace(a, name=str(dataset)))


def mixture(dataset):
    """The modes and σ of a set of `gaussians`: (means [K, d], σ).

    Raises:
        ZooError: another set.
    """
    if str(dataset).split("/")[0] != "gaussians":
        raise ZooError(f"The modes of {dataset} are not known. Choose gaussians/ring or gaussians/grid.")
    config = _builder(str(dataset), None, None, None, 1).builder_config
    return np.asarray(config.modes), config.sigma


def is_folder(dataset):
    """Whether a dataset's name is a path."""
    return os.sep in dataset and (dataset.startswith((".", "~", os.sep)) or os.path.isdir(dataset))


def _part(dataset, split, required=True):
    """Where a split of a dataset is: for a folder its sub-folder of that name."""
    if not is_folder(str(dataset)):
        return dataset
    folder = pathlib.Path(dataset).expanduser()
    for name in (split, split.replace("test", "val")):
        if (folder / name).is_dir():
            return str(folder / name)
    if required or (split != "train" and folder.is_dir()):
        raise ZooError(
            f"{folder} has no sub-folder {split}. Two domains lie in trainA, trainB, testA and testB; "
            "pairs in train and test."
        )
    return dataset


def _whole(dataset, split):
    """The split to ask TFDS for: a folder is all one split."""
    return "train" if is_folder(str(dataset)) else split


def _embedded():
    """The names of our own builders: the folders beside this file."""
    return {m.name for m in pkgutil.iter_modules(zoo.datasets.__path__) if m.ispkg and m.name != "folder"}


def _builder(dataset, image_size, channels, data_dir, aspect):
    import tensorflow_datasets as tfds

    data_dir = data_dir and os.path.expanduser(data_dir)
    if is_folder(dataset):
        from zoo.datasets.folder.builder import Builder, pictures

        pictures(dataset)
        if not image_size:
            raise ZooError("A folder of pictures needs a size: --set image_size=64.")
        return Builder(
            folder=dataset, image_size=image_size, channels=channels, aspect=aspect, data_dir=data_dir
        )

    name, _, config = dataset.partition("/")
    if name in _embedded():
        kind = importlib.import_module(f"zoo.datasets.{name}.builder").Builder
        if config and config not in kind.builder_configs:
            raise unknown(f"config of {name}", config, kind.builder_configs)
        if image_size and hasattr(kind, "at_size"):  # what is drawn is drawn at the size asked for
            config = kind.at_size(config, image_size)
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


def _fit(image, size, channels, aspect):
    """A picture's centre at the wanted height, `aspect` times as wide, grey-scale or RGB: uint8."""
    if channels and image.shape[-1] != channels:
        image = tf.image.rgb_to_grayscale(image) if channels == 1 else tf.repeat(image, 3, axis=-1)
    if size and tuple(image.shape[:2]) != (size, aspect * size):
        side = tf.minimum(tf.shape(image)[0], tf.shape(image)[1] // aspect)
        image = tf.image.resize_with_crop_or_pad(image, side, aspect * side)
        image = pixels.resized(image, (size, aspect * size))
    return image

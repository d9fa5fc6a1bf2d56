"""From a dataset's name to batches whose order is a pure function of seed and step."""

import collections
import contextlib
import dataclasses
import functools
import importlib
import io
import itertools
import os
import pathlib
import pkgutil

import numpy as np
import tensorflow as tf
from PIL import Image

import zoo.datasets
from zoo import pixels, randomness
from zoo.datasets import augmentation
from zoo.errors import MissingData, ZooError, is_denied, unknown

# Sets up to this many bytes are held decoded; larger ones are read and decoded as they are needed.
in_memory = 2**30
shuffle_buffer = 10_000


def _shuffled(positions, count, seed):
    """Which of `count` examples comes at each position of an endless training: int64 [N]."""
    epoch, i = positions // count, positions % count
    key = tf.stack([tf.fill(tf.shape(epoch), tf.constant(seed, tf.int64)), epoch, epoch], 1)
    # With the default of four rounds neighbours stayed neighbours in the first epoch of seed 0.
    return tf.raw_ops.RandomIndexShuffle(index=i, seed=key, max_index=count - 1, rounds=8)


def _rows(tensors, i):
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

        def gather(positions):
            return _rows(tensors, _shuffled(positions, self.count, seed))

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


@dataclasses.dataclass(frozen=True)
class Photographs(Data):
    """Pictures of any sizes, of which training sees crops of one size, others each epoch.

    Attributes:
        shape: (H, W, C) of a crop.
        count: how many crops fit side by side into all pictures; so many are an epoch, and a
            picture gives as many of them as fit into it.
        cells: how many fit into each picture [pictures].
    """

    cells: np.ndarray = None
    crop_buffer = 4096  # crops that are mixed where the pictures do not fit into memory

    def _filled(self, picture):
        """A picture that is at least as large as a crop, continued by its mirror image where it is not."""
        return pixels.mirrored_to(picture[None], 1, least=self.shape[0])[0]

    def _corner(self, sides, *key):
        """The first row and column of a crop at a place that `key` decides, in a picture of these sides."""
        u = tf.random.stateless_uniform([2], randomness.fold(*key), dtype=tf.float64, alg="philox")
        free = tf.cast(sides[:2] - self.shape[:2] + 1, tf.float64)
        return tf.unstack(tf.cast(u * free, tf.int64))

    def _crop(self, picture, *key):
        height, width, _ = self.shape
        picture = self._filled(picture)
        top, left = self._corner(tf.shape(picture, tf.int64), *key)
        return tf.ensure_shape(picture[top : top + height, left : left + width], self.shape)

    def _held(self):
        """All pictures in one row, or None where they would not fit."""
        if not hasattr(self, "_tensors"):
            parts, total = [], 0
            for picture in self.pictures():
                picture = self._filled(picture).numpy()
                parts.append(picture)
                total += picture.nbytes
                if total > in_memory:
                    parts = None
                    break
            tensors = parts and {
                "pixels": tf.constant(np.concatenate([p.ravel() for p in parts])),
                "sides": tf.constant([p.shape for p in parts], tf.int64),
                "starts": tf.constant(np.cumsum([0] + [p.size for p in parts[:-1]]), tf.int64),
                "last": tf.constant(np.cumsum(self.cells), tf.int64),
            }
            object.__setattr__(self, "_tensors", tensors)
        return self._tensors

    def _gathered(self, tensors, batch_size, seed, first):
        height, width, channels = self.shape

        def crop(position):
            i = _shuffled(position[None], self.count, seed)
            which = tf.searchsorted(tensors["last"], i, "right")[0]
            sides = tensors["sides"][which]
            top, left = self._corner(sides, seed, position)
            row = sides[1] * sides[2]
            start = tensors["starts"][which] + top * row
            # Only the crop's rows are read: whole pictures took a sixth of the time of training.
            rows = tf.reshape(tensors["pixels"][start : start + height * row], [height, sides[1], channels])
            return {"x": tf.ensure_shape(rows[:, left : left + width], self.shape)}

        positions = tf.data.Dataset.range(first * batch_size, 2**62)
        crops = positions.map(crop, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return crops.batch(batch_size, drop_remainder=True)

    def _streamed(self, batch_size, seed, first):
        first_epoch, skip = divmod(first * batch_size, self.count)
        cells = tf.data.Dataset.from_tensor_slices(self.cells)
        pictures = tf.data.Dataset.zip(tf.data.Dataset.range(2**62), self._examples, cells)

        def epoch(number):
            order = self._order(seed, number)

            def crops(i, example, cells):
                each = tf.data.Dataset.from_tensor_slices(tf.range(cells))
                return each.map(lambda j: {"x": self._crop(example["x"], seed, number, i, j)})

            mixed = pictures.shuffle(16, seed=order, reshuffle_each_iteration=False).flat_map(crops)
            return mixed.shuffle(self.crop_buffer, seed=order, reshuffle_each_iteration=False)

        crops = tf.data.Dataset.range(first_epoch, 2**62).flat_map(epoch).skip(skip)
        return crops.batch(batch_size, drop_remainder=True)

    def columns(self, start=0, stop=None):
        """The centres of pictures `start` to `stop`, of the size of a crop: {"x": uint8 [N, H, W, C]}."""
        height, width, _ = self.shape
        found = itertools.islice(self.pictures(), start, stop)
        large = (pixels.mirrored_to(picture[None], 1, least=height)[0] for picture in found)
        return {"x": np.stack([_centre(picture, height, width) for picture in large])}


def _centre(picture, height, width):
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]


@dataclasses.dataclass(frozen=True)
class Alike(Data):
    """Described pictures whose batches hold groups that are alike in some factors, so that what tells
    them apart is in the others.

    Attributes:
        alike: names of factors with + between them, "place+ground": those that a group shares. An entry
            an epoch, round and round; with "" nothing is shared. "place+ground:8" makes groups of 8, not
            of 32.
    """

    alike: tuple = ()

    def _shared(self):
        """What is 1 for each factor that an entry names, int64 [entries, F], and its groups' sizes.

        Raises:
            ZooError: one that the data does not have, or a size that is none.
        """
        known = list(self.classes["factors"])
        named, _, sizes = zip(*(entry.partition(":") for entry in self.alike))
        if not all(size.isdecimal() and int(size) for size in sizes if size):
            raise ZooError(f"A group of alike pictures has a size, as in place+ground:8, not {self.alike}.")
        entries = [entry.split("+") if entry else [] for entry in named]
        missing = [name for entry in entries for name in entry if name not in known]
        if missing or not known:
            raise ZooError(
                f"{self.name} has no factor {' or '.join(map(repr, missing))} that pictures could be alike "
                f"in; it has {', '.join(known) or 'none'}. Without groups: --set 'alike=[]'."
            )
        shared = [[int(name in entry) for name in known] for entry in entries]
        return tf.constant(shared, tf.int64), tf.constant([int(size or 32) for size in sizes], tf.int64)

    def _gathered(self, tensors, batch_size, seed, first):
        first_epoch, skip = divmod(first * batch_size, self.count)
        shared, sizes = self._shared()
        labels = tf.cast(tensors["factors"], tf.int64)
        digits = 1 + tf.reduce_max(labels, 0)
        places = tf.math.cumprod(digits, exclusive=True)  # each scene's factors as one number

        def epoch(number):
            def order(count):
                return _shuffled(number * count + tf.range(count, dtype=tf.int64), count, seed)

            i = order(self.count)
            entry = number % len(self.alike)
            key, size = tf.reduce_sum(labels * places * shared[entry], 1), sizes[entry]
            i = tf.gather(i, tf.argsort(tf.gather(key, i), stable=True))
            whole = self.count // size
            groups = tf.reshape(i[: whole * size], [whole, size])
            groups = tf.reshape(tf.gather(groups, order(whole)), [-1])
            return tf.data.Dataset.from_tensor_slices(tf.concat([groups, i[whole * size :]], 0))

        which = tf.data.Dataset.range(first_epoch, 2**62).flat_map(epoch).skip(skip)
        return which.batch(batch_size, drop_remainder=True).map(lambda i: _rows(tensors, i))

    def _streamed(self, batch_size, seed, first):
        raise ZooError(
            f"{self.name} does not fit in memory, so its pictures cannot be grouped: --set 'alike=[]'."
        )


@dataclasses.dataclass(frozen=True)
class Domains:
    """Two sets of pictures that nobody paired.

    Attributes:
        a, b: the `Data` of each.
    """

    a: Data
    b: Data
    is_pictures = True

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
        of_pixels = "y" in a and "y" in b and a["y"].ndim > 2  # not the classes of a folder's sub-folders
        same = of_pixels and np.array_equal(a["y"], b["y"])
        return {"a": a["x"], "b": b["x"], **({"y": a["y"]} if same else {})}


def load(dataset, split="train", image_size=None, channels=None, data_dir=None, augment=(), aspect=1):
    """Finds a dataset, prepares it where it is not, and reads one split.

    Args:
        dataset: an embedded set ("digits", "gaussians/ring"), any image-classification set of
            TFDS ("mnist", "fashion_mnist"), or the path of a folder of pictures, one sub-folder a
            class, itself or in sub-folders "train" and "test" (or "val"); sub-folders (or splits) trainA,
            trainB, testA and testB are two classes and their splits.
        split: in TFDS' language ("train", "test", "train[:90%]").
        image_size: side of the squares pictures are scaled and cropped to; None: as they are.
        channels: 1 or 3; None: as they are.
        data_dir: where TFDS keeps its sets; None: $TFDS_DATA_DIR or ~/tensorflow_datasets.
        augment: what is done to pictures, anew each epoch; see zoo/datasets/augmentation.py.
        aspect: how many squares of `image_size` lie side by side in a picture.

    Raises:
        ZooError: an unknown set or split, one that cannot be downloaded here, a set without
            pictures or points, a folder with broken files or of which two splits have other classes,
            points of which a size is asked.
    """
    options = {"image_size": image_size, "channels": channels, "data_dir": data_dir}
    if is_folder(str(dataset)) and (pathlib.Path(dataset).expanduser() / f"{split}A").is_dir():
        return load_domains(dataset, split, augment=augment, **options).labelled()
    place, split = _split_of_folder(dataset, split)
    builder = _builder(str(place), image_size, channels, data_dir, aspect)
    if is_folder(str(dataset)) and not image_size:
        raise ZooError("A folder of pictures needs a size: --set image_size=64.")
    _prepare(builder, dataset)
    if f"{split}A" in builder.info.splits:
        return load_domains(dataset, split, augment=augment, **options).labelled()
    keys = _keys(builder, dataset)
    classes = builder.info.features[keys[1]].num_classes if keys[1] else None

    import tensorflow_datasets as tfds

    decoders = tfds.decode.PartialDecoding({key: True for key in keys if key})
    count, stored = _stored(builder, dataset, split, decoders)
    is_picture = stored.element_spec[keys[0]].dtype == tf.uint8
    if (image_size or channels) and not is_picture:
        raise ZooError(f"{dataset} holds points, which have no image_size and no channels.")

    def example(stored):
        x = stored[keys[0]]
        if is_picture:
            x = pixels.fitted(x, image_size, channels, aspect)
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
    place = _part(dataset, split, required=False)
    if all((pathlib.Path(place).expanduser() / part).is_dir() for part in "AB"):
        raise ZooError(
            f"{place} has its pictures in A and in B. Put each pair into one picture, side by side, or "
            "train cyclegan on folders trainA and trainB."
        )
    both = load(place, _whole(dataset, split), aspect=2, **options)
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


def load_photographs(dataset, split="train", image_size=96, channels=None, data_dir=None, augment=()):
    """Pictures at their own sizes, for training on crops of them.

    Args:
        dataset: an embedded set ("photos"), one of TFDS ("div2k/bicubic_x4", whose sharp pictures are
            read), or the path of a folder of pictures, itself or in sub-folders "train" and "test".
        split: "train" or "test".
        image_size: side of the crops; smaller pictures are continued by their mirror image.
        channels, data_dir, augment: as for `load`.

    Raises:
        ZooError: as `load`.
    """
    if not image_size:
        raise ZooError("Crops need a size: --set image_size=96.")
    import tensorflow_datasets as tfds

    builder = _builder(_part(dataset, split, required=False), None, channels, data_dir, 1)
    _prepare(builder, dataset)
    key = "hr" if "hr" in builder.info.features else _keys(builder, dataset)[0]
    channels = channels or builder.info.features[key].shape[-1]
    decoders = {name: tfds.decode.SkipDecoding() for name in builder.info.features}
    split = _whole(dataset, split)
    if split not in builder.info.splits:  # where the test pictures are kept back
        split = split.replace("test", "validation")
    _, encoded = _stored(builder, dataset, split, decoders)
    encoded = encoded.map(lambda example: example[key])
    sides = [Image.open(io.BytesIO(picture)).size for picture in encoded.as_numpy_iterator()]
    cells = np.prod(np.maximum(np.asarray(sides) // image_size, 1), 1)

    def example(picture):
        return {"x": tf.io.decode_image(picture, channels, expand_animations=False)}

    examples = encoded.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    shape = (image_size, image_size, channels)
    return Photographs(str(dataset), shape, None, int(cells.sum()), examples, tuple(augment), cells)


def load_descriptions(
    dataset, split="train", image_size=None, channels=None, data_dir=None, augment=(), alike=(), phrases=10
):
    """Pictures with what is said of them: {"x"} and, of the following, what there is.

    * "text": captions, string [phrases]; of a picture that has fewer they come again.
    * "named": which factors each caption names, bool [phrases, F]; where the set does not know, all.
    * "tags": what users tagged it with, string [T], "" where there are fewer than T.
    * "factors": the label of each factor, int32 [F].

    The `classes` of such data are {"factors": {name: how many labels}, "tags": {word: how often}}, the
    commonest word first.

    Args:
        dataset: an embedded set ("shapes/captions"), one of TFDS with captions ("coco_captions") or labels,
            or the path of a folder of pictures (itself, or in sub-folders "train" and "test") and of text
            files; see `zoo.datasets.folder.builder.texts`.
        split: in TFDS' language.
        image_size, channels, data_dir, augment: as for `load`.
        alike: what the pictures of a group share; see `Alike`.
        phrases: captions a picture.

    Raises:
        ZooError: as `load`; or a set in which nothing is said of pictures.
    """
    import tensorflow_datasets as tfds

    place = _part(dataset, split, required=False)
    if is_folder(str(dataset)) and not image_size:
        raise ZooError("A folder of pictures needs a size: --set image_size=64.")
    builder = _builder(str(place), image_size, channels, data_dir, 1, described=True)
    _prepare(builder, dataset)
    features = builder.info.features
    factors = {k: f.num_classes for k, f in features.items() if isinstance(f, tfds.features.ClassLabel)}
    said = [name for name in ("captions", "tags") if name in features]
    if not factors and not said:
        raise ZooError(
            f"Nothing is said of the pictures of {dataset}: it has no captions, tags or labels. Put "
            "NAME.txt, a caption a line, for the picture NAME into a folder `text`, or use "
            "--dataset=shapes/captions."
        )
    kept = ("image", *said, *factors, *(("named",) if "named" in features else ()))
    decoders = tfds.decode.PartialDecoding(dict.fromkeys(kept, True))
    count, stored = _stored(builder, dataset, _whole(dataset, split), decoders)
    words, most = _tags(builder, dataset, _whole(dataset, split)) if "tags" in said else ({}, 0)

    def example(stored):
        made = {"x": pixels.fitted(stored["image"], image_size, channels)}
        if "captions" in said:
            given = stored["captions"]
            given = given["text"] if isinstance(given, dict) else given  # COCO's have numbers beside them
            given = tf.cond(tf.size(given) > 0, lambda: given, lambda: tf.constant([""]))
            which = tf.range(phrases) % tf.size(given)
            made["text"] = tf.gather(given, which)
            if factors:
                known = tf.ones([tf.size(given), len(factors)], tf.bool)
                made["named"] = tf.gather(stored.get("named", known), which)
        if "tags" in said:
            tags = tf.pad(stored["tags"], [[0, most - tf.size(stored["tags"])]], constant_values="")
            made["tags"] = tf.ensure_shape(tags, [most])
        if factors:
            made["factors"] = tf.stack([tf.cast(stored[name], tf.int32) for name in factors])
        return made

    examples = stored.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    shape = tuple(examples.element_spec["x"].shape)
    if None in shape:
        raise ZooError(
            f"The pictures of {dataset} differ in size. Choose one for all: --set image_size=64."
        )
    classes = {"factors": factors, "tags": words}
    kind = functools.partial(Alike, alike=tuple(alike)) if alike else Data
    return kind(str(dataset), shape, classes, count, examples, tuple(augment))


def _tags(builder, dataset, split):
    """All tags of a split, the commonest first, and the most that a picture has: ({word: how often}, T)."""
    import tensorflow_datasets as tfds

    _, stored = _stored(builder, dataset, split, tfds.decode.PartialDecoding({"tags": True}))
    lists = [tags.tolist() for tags in stored.map(lambda e: e["tags"]).as_numpy_iterator()]
    found = collections.Counter(tag.decode() for tags in lists for tag in tags)
    words = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
    return words, max(map(len, lists))


def _stored(builder, dataset, split, decoders):
    """How many examples a split has, and the examples as TFDS reads them, always in one order.

    Raises:
        ZooError: no such split, or one that cannot be read.
    """
    import tensorflow_datasets as tfds

    if split.split("[")[0] not in builder.info.splits:
        raise unknown(f"split of {dataset}", split, builder.info.splits)
    try:
        read = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
        return (
            builder.info.splits[split].num_examples,
            builder.as_dataset(split=split, decoders=decoders, read_config=read),
        )
    except (ValueError, AssertionError) as error:
        raise ZooError(f"Split {split!r} of {dataset} cannot be read: {error}") from error


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
        kind = ZooError if folder.is_dir() else MissingData
        raise kind(
            f"{folder} has no sub-folder {split}. Two domains lie in trainA, trainB, testA and testB; "
            "pairs in train and test."
        )
    return dataset


def _split_of_folder(dataset, split):
    """Where a split is, and its name there: of a folder whose sub-folders are train, test and val these.

    Raises:
        ZooError: no such sub-folder, or it has other classes than train.
    """
    if not is_folder(str(dataset)):
        return dataset, split
    from zoo.datasets.folder.builder import pictures

    folder = pathlib.Path(dataset).expanduser()
    parts = {path.name for path in folder.glob("[!.]*") if path.is_dir()}
    if "train" not in parts or not parts <= {"train", "test", "val"}:
        return dataset, split
    part, *slices = split.partition("[")
    place = _part(dataset, part)
    classes, others = ({name for _, name in pictures(at)} for at in (folder / "train", place))
    if classes != others:
        names = ", ".join(sorted(map(str, classes ^ others)))
        raise ZooError(f"{place} and {folder / 'train'} differ in their classes: {names}.")
    return place, "".join(("train", *slices))


def _whole(dataset, split):
    """The split to ask TFDS for: a folder is all one split."""
    return "train" if is_folder(str(dataset)) else split


def _embedded():
    """The names of our own builders: the folders beside this file."""
    return {m.name for m in pkgutil.iter_modules(zoo.datasets.__path__) if m.ispkg and m.name != "folder"}


def _builder(dataset, image_size, channels, data_dir, aspect, described=False):
    import tensorflow_datasets as tfds

    data_dir = data_dir and os.path.expanduser(data_dir)
    if is_folder(dataset):
        from zoo.datasets.folder.builder import Builder, pictures

        pictures(dataset)
        kind = {"image_size": image_size, "channels": channels, "aspect": aspect, "described": described}
        return Builder(folder=dataset, **kind, data_dir=data_dir)

    name, _, config = dataset.partition("/")
    if name in _embedded():
        kind = importlib.import_module(f"zoo.datasets.{name}.builder").Builder
        if config and config not in kind.builder_configs:
            raise unknown(f"config of {name}", config, kind.builder_configs)
        if image_size and hasattr(kind, "at_size"):  # what is drawn is drawn at the size asked for
            config = kind.at_size(config or next(iter(kind.builder_configs)), image_size)
        return kind(config=config or None, data_dir=data_dir)
    known = set(tfds.list_builders(with_community_datasets=False)) | _embedded()
    if name not in known:
        if pathlib.Path(dataset).is_dir():
            raise ZooError(f"{dataset} is a folder and no set's name: --dataset=./{dataset}.")
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
    except FileExistsError:  # another worker, or another training, prepared it meanwhile
        builder.info.read_from_directory(str(folder))
    except Exception as error:  # TFDS raises whatever its network and archive libraries raise
        if isinstance(error, OSError) and is_denied(error):
            raise ZooError(
                f"{error.filename} cannot be written. Choose a folder that can, with --data_dir."
            ) from error
        if ours:
            raise
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
        raise MissingData(
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

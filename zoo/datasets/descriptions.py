"""Images with captions, tags and factors."""

import collections
import dataclasses
import functools

import tensorflow as tf
import tensorflow_datasets as tfds

from zoo.datasets.data import Data, gather_rows, shuffled
from zoo.datasets.folder.layout import Reading, is_folder
from zoo.datasets.sources import located, open_builder, origin_of, prepare, stored_split
from zoo.errors import ZooError, unknown
from zoo.images import pixels


@dataclasses.dataclass(frozen=True)
class GroupedData(Data):
    """Images with descriptions, in batches whose groups share some factors.

    The images of a group then differ only in the other factors.

    Attributes:
        batch_groups: Tuple of strings. Factors that a group shares, joined by +, such as "place+ground".
            Epochs cycle through the entries. An empty entry shares no factors. "place+ground:8" makes
            groups of 8. The default size is 32.
    """

    batch_groups: tuple = ()

    def _shared(self):
        """Returns the factors that each entry shares, and the group sizes.

        Returns:
            Tuple of int64 `[entries, F]`, 1 for each shared factor, and int64 `[entries]`.

        Raises:
            ZooError: A factor that the data does not have, or an invalid size.
        """
        known = list(self.classes["factors"])
        named, _, sizes = zip(*(entry.partition(":") for entry in self.batch_groups))
        if not all(size.isdecimal() and int(size) for size in sizes if size):
            raise ZooError(
                f"batch_groups is {self.batch_groups}. A group size is an integer, as in place+ground:8."
            )
        entries = [entry.split("+") if entry else [] for entry in named]
        missing = [name for entry in entries for name in entry if name not in known]
        if missing or not known:
            raise ZooError(
                f"{self.name} has no factor {' or '.join(map(repr, missing))} to group images by. Known: "
                f"{', '.join(known) or 'none'}. Name one of these, or train without groups.",
                batch_groups=[],
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
                return shuffled(number * count + tf.range(count, dtype=tf.int64), count, seed)

            i = order(self.count)
            entry = number % len(self.batch_groups)
            key, size = tf.reduce_sum(labels * places * shared[entry], 1), sizes[entry]
            i = tf.gather(i, tf.argsort(tf.gather(key, i), stable=True))
            whole = self.count // size
            groups = tf.reshape(i[: whole * size], [whole, size])
            groups = tf.reshape(tf.gather(groups, order(whole)), [-1])
            return tf.data.Dataset.from_tensor_slices(tf.concat([groups, i[whole * size :]], 0))

        which = tf.data.Dataset.range(first_epoch, 2**62).flat_map(epoch).skip(skip)
        return which.batch(batch_size, drop_remainder=True).map(lambda i: gather_rows(tensors, i))

    def _streamed(self, batch_size, seed, first):
        raise ZooError(
            f"{self.name} does not fit in memory, so its images cannot be grouped.", batch_groups=[]
        )


@dataclasses.dataclass(frozen=True)
class DistinctData(Data):
    """Images with descriptions, in batches whose images differ in a factor.

    Each batch draws as many labels as it has images, without replacement, and one image of each label. All
    labels, and all images of a label, are equally likely. Batches do not depend on each other, so there are
    no epochs.

    Attributes:
        distinct: String. Name of the factor, such as "label".

    Reference:
        The authors' code of Reed et al., 2016, arXiv 1605.05395, which draws classes with `randperm`.
    """

    distinct: str = "label"

    @property
    def in_memory(self):
        """See `Data.in_memory`. These batches cannot be streamed, so that the limit is higher."""
        return 4 * super().in_memory

    def _gathered(self, tensors, batch_size, seed, first):
        labels = tensors["factors"][:, list(self.classes["factors"]).index(self.distinct)]
        by_label = tf.argsort(labels, stable=True)
        _, _, counts = tf.unique_with_counts(tf.gather(labels, by_label))
        starts, present = tf.cumsum(counts, exclusive=True), len(counts)
        if batch_size > present:
            raise ZooError(
                f"The images of {self.name} have {present} different values of {self.distinct}, fewer "
                f"than a batch of {batch_size}.",
                batch_size=present,
            )

        def draw(number):
            key = tf.stack([tf.constant(seed, tf.int64), number])
            order, place = tf.unstack(tf.random.stateless_uniform([2, present], key, alg="philox"))
            which = tf.argsort(order)[:batch_size]
            count = tf.gather(counts, which)
            nth = tf.cast(tf.gather(place, which) * tf.cast(count, tf.float32), tf.int32)
            i = tf.gather(starts, which) + tf.minimum(nth, count - 1)  # a product may be rounded up
            return gather_rows(tensors, tf.gather(by_label, i))

        return tf.data.Dataset.range(first, 2**62).map(draw)

    def _streamed(self, batch_size, seed, first):
        raise ZooError(
            f"{self.name} does not fit in memory, so batches cannot have distinct values of "
            f"{self.distinct}.",
            distinct="",
        )


def load_descriptions(
    dataset,
    split="train",
    image_size=None,
    channels=None,
    data_dir=None,
    augment=(),
    batch_groups=(),
    distinct="",
    phrases=10,
    reading=Reading(),  # noqa: B008 (it is frozen)
):
    """Loads images with their descriptions.

    The examples have "x" and those of the following entries that the dataset has:

    * "text": captions, string `[phrases]`. Fewer captions are repeated.
    * "named": whether each caption names each factor, bool `[phrases, F]`. Defaults to all.
    * "tags": the users' tags, string `[T]`, padded with "".
    * "factors": label of each factor, int32 `[F]`.

    The `classes` of the data are `{"factors": {name: number of labels}, "tags": {word: count}}`, with the
    most common word first.

    Args:
        dataset: String. An embedded dataset ("shapes/captions"), a dataset of TFDS with captions
            ("coco_captions") or labels, or the path of a folder of images (in the folder or in subfolders
            for its splits) and text files. See `zoo.datasets.folder.builder.texts`.
        split: String, in the syntax of TFDS. Defaults to "train".
        image_size, channels, data_dir, augment: See `load`.
        batch_groups: Tuple of strings. Factors that the images of a group share. See `GroupedData`.
        distinct: String. Factor in which the images of a batch differ. See `DistinctData`. With "label", a
            dataset without labels has ordinary batches: each image is its own class. Defaults to "", none.
        phrases: Integer. Captions per image. Defaults to 10.
        reading: A `Reading`. How a folder is read.

    Returns:
        A `Data`, a `GroupedData` if `batch_groups` is not empty, or a `DistinctData` if `distinct` is set.

    Raises:
        ZooError: See `load`; a dataset without descriptions; or an unknown factor.
    """
    place, part = located(dataset, split, reading)
    if is_folder(str(dataset)) and not image_size:
        raise ZooError("A folder of images needs a size.", image_size=64)
    options = {"described": True, "place": place, "reading": reading}
    builder = open_builder(str(dataset), image_size, channels, data_dir, 1, **options)
    prepare(builder, dataset)
    features = builder.info.features
    factors = {k: f.num_classes for k, f in features.items() if isinstance(f, tfds.features.ClassLabel)}
    said = [name for name in ("captions", "tags") if name in features]
    if not factors and not said:
        raise ZooError(
            f"The images of {dataset} have no captions, tags or labels. Put one file NAME.txt per image "
            "NAME, with one caption per line, into a folder `text`, or use a dataset that has captions.",
            dataset="shapes/captions",
        )
    kept = ("image", *said, *factors, *(("named",) if "named" in features else ()))
    decoders = tfds.decode.PartialDecoding(dict.fromkeys(kept, True))
    count, stored = stored_split(builder, dataset, part, decoders)
    words, most = _tags(builder, dataset, part) if "tags" in said else ({}, 0)

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
        raise ZooError(f"The images of {dataset} differ in size.", image_size=64)
    classes = {"factors": factors, "tags": words}
    kind = _kind_of_batches(factors, batch_groups, distinct)
    origin = origin_of(builder, place, split)
    return kind(str(dataset), shape, classes, count, examples, tuple(augment), origin=origin)


def _kind_of_batches(factors, batch_groups, distinct):
    """Returns the class of the data, with its attributes. See `load_descriptions`."""
    if distinct and distinct not in {"label", *factors}:
        raise unknown("factor", distinct, factors)
    if batch_groups:
        return functools.partial(GroupedData, batch_groups=tuple(batch_groups))
    return functools.partial(DistinctData, distinct=distinct) if distinct in factors else Data


def _tags(builder, dataset, split):
    """Returns the counts of all tags of a split, and the largest number of tags of an image.

    The most common tag is first.
    """
    _, stored = stored_split(builder, dataset, split, tfds.decode.PartialDecoding({"tags": True}))
    lists = [tags.tolist() for tags in stored.map(lambda e: e["tags"]).as_numpy_iterator()]
    found = collections.Counter(tag.decode() for tags in lists for tag in tags)
    words = dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
    return words, max(map(len, lists))

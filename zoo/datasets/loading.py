"""Datasets by name: splits, pairs and unpaired domains."""

import dataclasses
import pathlib

import tensorflow as tf
import tensorflow_datasets as tfds

from zoo.datasets.data import Data
from zoo.datasets.domains import Domains
from zoo.datasets.folder.builder import image_files
from zoo.datasets.folder.layout import Reading, domain_of, is_folder, place_of
from zoo.datasets.sources import (
    example_keys,
    located,
    open_builder,
    origin_of,
    prepare,
    stored_split,
)
from zoo.errors import MissingData, ZooError, unknown
from zoo.images import pixels

unchanged = Reading()


def load(
    dataset,
    split="train",
    image_size=None,
    channels=None,
    data_dir=None,
    augment=(),
    aspect=1,
    reading=unchanged,
    labeled=True,
):
    """Loads one split of a dataset, after preparing it if necessary.

    Args:
        dataset: String. An embedded dataset ("digits", "gaussians/ring"), an image-classification dataset
            of TFDS ("mnist"), or the path of a folder of images with one subfolder per class. The folder
            may have subfolders for its splits, such as "train" and "test". Subfolders or splits trainA,
            trainB, testA and testB are two classes and their splits.
        split: String, in the syntax of TFDS ("train", "test", "train[:90%]"). Defaults to "train".
        image_size: Integer. Side of the squares to which images are scaled and cropped. Defaults to the
            stored size.
        channels: Integer. 1 or 3. Defaults to the stored channels.
        data_dir: Path of the folder of prepared data. Defaults to $TFDS_DATA_DIR or ~/tensorflow_datasets
            for datasets of TFDS, and to the zoo's cache for all others.
        augment: Tuple of strings. See `zoo/datasets/augmentation.py`.
        aspect: Integer. Number of squares side by side in an image. Defaults to 1.
        reading: A `Reading`. How a folder is read.
        labeled: Boolean. Whether all splits of a folder must have the same classes. Defaults to `True`.

    Returns:
        A `Data`.

    Raises:
        ZooError: An unknown dataset or split, a failed download, a dataset without images or points, a
            folder with broken files or with other classes in another split, or points with an image size.
    """
    options = {"image_size": image_size, "channels": channels, "data_dir": data_dir, "reading": reading}
    if is_folder(str(dataset)) and domain_of(dataset, split, "A"):
        return load_domains(dataset, split, augment=augment, **options).labeled()
    place, part = located(dataset, split, reading)
    if place and labeled:
        _check_classes(dataset, place, reading)
    kind = {"place": place, "reading": reading}
    builder = open_builder(str(dataset), image_size, channels, data_dir, aspect, **kind)
    if place and not image_size:
        raise ZooError("A folder of images needs a size.", image_size=64)
    prepare(builder, dataset)
    if f"{part}A" in builder.info.splits:
        return load_domains(dataset, split, augment=augment, **options).labeled()
    keys = example_keys(builder, dataset)
    label = builder.info.features[keys[1]] if keys[1] else None

    decoders = tfds.decode.PartialDecoding({key: True for key in keys if key})
    count, stored = stored_split(builder, dataset, part, decoders)
    examples = _examples(dataset, stored, keys, image_size, channels, aspect)
    shape = tuple(examples.element_spec["x"].shape)
    if None in shape:
        raise ZooError(f"The images of {dataset} differ in size.", image_size=64)
    named = {"names": tuple(label.names) if label else None, "origin": origin_of(builder, place, split)}
    return Data(str(dataset), shape, label and label.num_classes, count, examples, tuple(augment), **named)


def _examples(dataset, stored, keys, image_size, channels, aspect):
    """Returns examples `{"x", "y"}` of stored examples."""
    is_image = stored.element_spec[keys[0]].dtype == tf.uint8
    if (image_size or channels) and not is_image:
        raise ZooError(f"{dataset} holds points, which have no image_size and no channels.")

    def example(stored):
        x = stored[keys[0]]
        if is_image:
            x = pixels.fitted(x, image_size, channels, aspect)
        return {"x": x, **({"y": tf.cast(stored[keys[1]], tf.int32)} if keys[1] else {})}

    if is_image:
        return stored.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return stored.map(example).with_options(single_threaded())  # threads cost more than they save


def _check_classes(dataset, place, reading):
    """Rejects a split of a folder whose classes differ from those of train."""
    if len(place.splits) > 1 and not place.part and "train" in place.splits:
        train = place_of(dataset, "train", reading).folder
        classes, others = ({name for _, name in image_files(at)} for at in (train, place.folder))
        if classes != others:
            names = ", ".join(sorted(map(str, classes ^ others)))
            raise ZooError(f"{place.folder} and {train} differ in their classes: {names}.")


def single_threaded():
    """Returns options of `tf.data` that read in one thread."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    return options


def load_pairs(dataset, split="train", direction="ab", augment=(), **options):
    """Loads pairs of images that are stored side by side, as `{"a": input, "b": target}`.

    Args:
        dataset: String. An embedded dataset ("shapes/paired"), or the path of a folder of such images. The
            folder may have the subfolders "train" and "test" (or "val").
        split: String. "train" or "test".
        direction: String. "ab" if the input is the left half, "ba" if it is the right half.
        augment: Tuple of strings. See `zoo/datasets/augmentation.py`.
        **options: See `load`.

    Returns:
        A `Data`.

    Raises:
        ZooError: See `load`; or another direction, or images that are not pairs.
    """
    if direction not in ("ab", "ba"):
        raise unknown("direction", direction, ("ab", "ba"))
    folder = pathlib.Path(dataset).expanduser() if is_folder(str(dataset)) else None
    if folder and all((folder / part).is_dir() or (folder / split / part).is_dir() for part in "AB"):
        raise ZooError(
            f"{folder} has its images in A and in B. Put each pair into one image, side by side, or train "
            "cyclegan on folders trainA and trainB."
        )
    both = load(dataset, split, aspect=2, labeled=False, **options)
    height, width, channels = both.shape
    if width != 2 * height:
        raise ZooError(
            f"The images of {dataset} are {width}×{height}, not pairs side by side. Train cyclegan, which "
            "does not need pairs, or train on a dataset of pairs.",
            dataset="shapes/paired",
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
    """Loads two unpaired sets of images.

    They are the splits or subfolders trainA, trainB, testA and testB.

    Args:
        dataset: String. An embedded dataset ("shapes/unpaired"), a dataset of TFDS with such splits
            ("cycle_gan/horse2zebra"), or the path of a folder with such subfolders.
        split: String. "train" or "test".
        **options: See `load`.

    Returns:
        A `Domains`.

    Raises:
        ZooError: See `load`.
    """
    a, b = (_load_domain(dataset, split, end, **options) for end in "AB")
    if a.shape != b.shape:
        raise ZooError(f"The images of {dataset} differ in size.", image_size=64)
    return dataclasses.replace(Domains(a, b), a=dataclasses.replace(a, name=str(dataset)))


def _load_domain(dataset, split, end, reading=unchanged, **options):
    """Loads one of two domains, "A" or "B". See `load_domains`."""
    if not is_folder(str(dataset)):
        return load(dataset, split + end, **options)
    folder = domain_of(dataset, split, end)
    if folder is None and split == "test" and reading.holdout:
        folder = domain_of(dataset, "train", end)
    if folder is None:
        kind = ZooError if pathlib.Path(dataset).expanduser().is_dir() else MissingData
        raise kind(
            f"{dataset} has no subfolder {split}{end}. Two domains are in trainA, trainB, testA and testB."
        )
    own = dataclasses.replace(
        reading, holdout=reading.holdout if not domain_of(dataset, "test", end) else 0
    )
    return load(str(folder), split if own.holdout else "train", reading=own, labeled=False, **options)

"""Datasets by name: splits, pairs and unpaired domains."""

import dataclasses
import pathlib

import tensorflow as tf
import tensorflow_datasets as tfds

from zoo.datasets.data import Data
from zoo.datasets.domains import Domains
from zoo.datasets.sources import (
    example_keys,
    folder_of_split,
    is_folder,
    open_builder,
    prepare,
    split_of_folder,
    stored_split,
    whole_split,
)
from zoo.errors import ZooError, unknown
from zoo.images import pixels


def load(dataset, split="train", image_size=None, channels=None, data_dir=None, augment=(), aspect=1):
    """Loads one split of a dataset, after preparing it if necessary.

    Args:
        dataset: String. An embedded dataset ("digits", "gaussians/ring"), an image-classification dataset
            of TFDS ("mnist"), or the path of a folder of images with one subfolder per class. The folder
            may have the subfolders "train" and "test" (or "val"). Subfolders or splits trainA, trainB,
            testA and testB are two classes and their splits.
        split: String, in the syntax of TFDS ("train", "test", "train[:90%]"). Defaults to "train".
        image_size: Integer. Side of the squares to which images are scaled and cropped. Defaults to the
            stored size.
        channels: Integer. 1 or 3. Defaults to the stored channels.
        data_dir: Path of the TFDS folder. Defaults to $TFDS_DATA_DIR or ~/tensorflow_datasets.
        augment: Tuple of strings. See `zoo/datasets/augmentation.py`.
        aspect: Integer. Number of squares side by side in an image. Defaults to 1.

    Returns:
        A `Data`.

    Raises:
        ZooError: An unknown dataset or split, a failed download, a dataset without images or points, a
            folder with broken files or with other classes in another split, or points with an image size.
    """
    options = {"image_size": image_size, "channels": channels, "data_dir": data_dir}
    if is_folder(str(dataset)) and (pathlib.Path(dataset).expanduser() / f"{split}A").is_dir():
        return load_domains(dataset, split, augment=augment, **options).labeled()
    place, split = split_of_folder(dataset, split)
    builder = open_builder(str(place), image_size, channels, data_dir, aspect)
    if is_folder(str(dataset)) and not image_size:
        raise ZooError("A folder of images needs a size.", image_size=64)
    prepare(builder, dataset)
    if f"{split}A" in builder.info.splits:
        return load_domains(dataset, split, augment=augment, **options).labeled()
    keys = example_keys(builder, dataset)
    classes = builder.info.features[keys[1]].num_classes if keys[1] else None

    decoders = tfds.decode.PartialDecoding({key: True for key in keys if key})
    count, stored = stored_split(builder, dataset, split, decoders)
    is_image = stored.element_spec[keys[0]].dtype == tf.uint8
    if (image_size or channels) and not is_image:
        raise ZooError(f"{dataset} holds points, which have no image_size and no channels.")

    def example(stored):
        x = stored[keys[0]]
        if is_image:
            x = pixels.fitted(x, image_size, channels, aspect)
        return {"x": x, **({"y": tf.cast(stored[keys[1]], tf.int32)} if keys[1] else {})}

    if is_image:
        examples = stored.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    else:  # threads cost more than they save
        examples = stored.map(example).with_options(single_threaded())
    shape = tuple(examples.element_spec["x"].shape)
    if None in shape:
        raise ZooError(f"The images of {dataset} differ in size.", image_size=64)
    return Data(str(dataset), shape, classes, count, examples, tuple(augment))


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
    place = folder_of_split(dataset, split, required=False)
    if all((pathlib.Path(place).expanduser() / part).is_dir() for part in "AB"):
        raise ZooError(
            f"{place} has its pictures in A and in B. Put each pair into one picture, side by side, or "
            "train cyclegan on folders trainA and trainB."
        )
    both = load(place, whole_split(dataset, split), aspect=2, **options)
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
    a, b = (
        load(folder_of_split(dataset, split + end), whole_split(dataset, split + end), **options)
        for end in ("A", "B")
    )
    if a.shape != b.shape:
        raise ZooError(f"The images of {dataset} differ in size.", image_size=64)
    return dataclasses.replace(Domains(a, b), a=dataclasses.replace(a, name=str(dataset)))

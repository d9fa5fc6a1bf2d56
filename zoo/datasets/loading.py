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
    place, split = split_of_folder(dataset, split)
    builder = open_builder(str(place), image_size, channels, data_dir, aspect)
    if is_folder(str(dataset)) and not image_size:
        raise ZooError("A folder of images needs a size.", image_size=64)
    prepare(builder, dataset)
    if f"{split}A" in builder.info.splits:
        return load_domains(dataset, split, augment=augment, **options).labelled()
    keys = example_keys(builder, dataset)
    classes = builder.info.features[keys[1]].num_classes if keys[1] else None

    decoders = tfds.decode.PartialDecoding({key: True for key in keys if key})
    count, stored = stored_split(builder, dataset, split, decoders)
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
        raise ZooError(f"The images of {dataset} differ in size.", image_size=64)
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
        load(folder_of_split(dataset, split + end), whole_split(dataset, split + end), **options)
        for end in ("A", "B")
    )
    if a.shape != b.shape:
        raise ZooError(f"The images of {dataset} differ in size.", image_size=64)
    return dataclasses.replace(Domains(a, b), a=dataclasses.replace(a, name=str(dataset)))

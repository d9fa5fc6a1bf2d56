"""Builders of TFDS, of this package and of folders, and their splits."""

import contextlib
import importlib
import io
import math
import os
import pathlib
import pkgutil

import filelock
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from zoo import paths
from zoo.datasets.folder.builder import Builder
from zoo.datasets.folder.layout import is_folder, place_of, subfolders
from zoo.datasets.origin import Origin
from zoo.errors import MissingData, ZooError, explain, unknown


def untuned():
    """Returns the options of tf.data without autotune, whose thread delays the exit of a process."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return options


def stored_split(builder, dataset, split, decoders):
    """Returns the number of examples of a split, and the examples in a fixed order.

    Args:
        builder: A TFDS builder.
        dataset: String. Name of the dataset, for messages.
        split: String, in the syntax of TFDS.
        decoders: Decoders of TFDS.

    Raises:
        ZooError: An unknown or unreadable split.
    """
    if split.split("[")[0] not in builder.info.splits:
        raise unknown(f"split of {dataset}", split, builder.info.splits)
    try:
        read = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False, options=untuned())
        return (
            builder.info.splits[split].num_examples,
            builder.as_dataset(split=split, decoders=decoders, read_config=read),
        )
    except (ValueError, AssertionError) as error:
        raise ZooError(f"Split {split!r} of {dataset} cannot be read: {error}") from error


def mixture(dataset):
    """Returns the means `[K, d]` and the standard deviation of a dataset of `gaussians`.

    Raises:
        ZooError: Another dataset.
    """
    if str(dataset).split("/")[0] != "gaussians":
        raise ZooError(f"The modes of {dataset} are not known. Choose gaussians/ring or gaussians/grid.")
    config = open_builder(str(dataset), None, None, None, 1).builder_config
    return np.asarray(config.modes), config.sigma


def located(dataset, split, reading):
    """Returns the place of a split of a folder, and the split to read from its builder.

    Args:
        dataset: String.
        split: String, in the syntax of TFDS.
        reading: A `Reading`.

    Returns:
        Pair of a `Place` and a split. The place is `None` for datasets of TFDS.

    Raises:
        ZooError: See `zoo.datasets.folder.layout.place_of`.
    """
    if not is_folder(str(dataset)):
        return None, split
    part, bracket, slices = split.partition("[")
    return place_of(dataset, part, reading), f"train{bracket}{slices}"  # a builder has one split


def embedded_sets():
    """Returns the names of the embedded datasets."""
    modules = pkgutil.iter_modules([str(pathlib.Path(__file__).parent)])
    return {m.name for m in modules if m.ispkg and m.name != "folder"}


def open_builder(
    dataset, image_size, channels, data_dir, aspect, described=False, place=None, reading=None
):
    """Opens the TFDS builder of a dataset.

    Args:
        dataset: String. An embedded dataset, a dataset of TFDS, or the path of a folder.
        image_size: Integer. Side of the images, or None. Drawn images and folders are stored in this size.
        channels: Integer. 1 or 3, or None.
        data_dir: Path of the folder of prepared data. Defaults to that of TFDS for its own datasets, and
            to `zoo.paths.cache()` for all others.
        aspect: Integer. Number of squares side by side in an image.
        described: Boolean. Whether the text files of a folder are read. Defaults to `False`.
        place: The `Place` of a folder.
        reading: The `Reading` of a folder.

    Raises:
        ZooError: An unknown dataset or config.
    """
    name, _, config = dataset.partition("/")
    data_dir = data_dir and os.path.expanduser(data_dir)
    if place or name in embedded_sets():
        data_dir = data_dir or str(paths.cache() / "datasets")
    if place:
        kind = {"image_size": image_size, "channels": channels, "aspect": aspect, "described": described}
        return Builder(place=place, reading=reading, **kind, data_dir=data_dir)
    if name in embedded_sets():
        kind = importlib.import_module(f"zoo.datasets.{name}.builder").Builder
        if config and config not in kind.builder_configs:
            raise unknown(f"config of {name}", config, kind.builder_configs)
        if image_size and hasattr(kind, "at_size"):  # what is drawn is drawn at the size asked for
            config = kind.at_size(config or next(iter(kind.builder_configs)), image_size)
        return kind(config=config or None, data_dir=data_dir)
    known = set(tfds.list_builders(with_community_datasets=False)) | embedded_sets()
    if name not in known:
        if pathlib.Path(dataset).is_dir():
            raise ZooError(f"{dataset} is a folder, not the name of a dataset.", dataset=f"./{dataset}")
        raise unknown("dataset", name, known)
    try:
        # Sets are prepared here or downloaded from their source; Google's bucket is never asked.
        tfds.core.utils.gcs_utils._is_gcs_disabled = True
        return tfds.builder(dataset, data_dir=data_dir)
    except (ValueError, KeyError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        raise ZooError(f"TFDS cannot open {dataset!r}: {first}") from error


def prepare(builder, dataset):
    """Downloads and prepares a dataset, if it is not stored yet.

    Raises:
        ZooError: The download failed, or the folder is not writable.
    """
    if builder.data_path.exists():
        return
    folder = pathlib.Path(str(builder.data_path))
    ours = builder.name in {*embedded_sets(), "folder"}
    silence = contextlib.redirect_stdout(io.StringIO()) if ours else contextlib.nullcontext()
    try:
        tfds.disable_progress_bar()
        downloader = importlib.import_module("tensorflow_datasets.core.download.downloader")
        downloader.MAX_RETRIES = 2  # ten take minutes to say "no network"
        config = tfds.download.DownloadConfig(try_download_gcs=False)
        with silence:  # TFDS says "downloading" of what is made here
            _prepare_once(builder, folder, config)
    except ZooError:
        raise
    except Exception as error:  # TFDS raises whatever its network and archive libraries raise
        if found := explain(error, data_dir=...):
            raise found from error
        if ours:
            raise
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
        raise MissingData(
            f"{dataset} is not prepared in {folder} and cannot be downloaded ({reason}). Run "
            f"`tfds build {dataset}` on a machine with network access and copy the result to {folder}, "
            "use another folder of prepared datasets, or train on an embedded dataset.",
            data_dir=...,
            dataset="digits",
        ) from error


def _prepare_once(builder, folder, config):
    """Prepares a dataset, unless another process prepares it at the same time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.parent / f".{folder.name}.lock"):
        if folder.exists():
            builder.info.read_from_directory(str(folder))
        else:
            builder.download_and_prepare(download_config=config)


def origin_of(builder, place, split):
    """Returns the `Origin` of a split.

    Args:
        builder: A TFDS builder.
        place: The `Place` of a folder, or `None`.
        split: String, in the syntax of TFDS, as the user gives it.
    """
    if place is None:
        return Origin(split, tuple(builder.info.splits))
    sizes = [(fact.width, fact.height) for fact in builder.facts if fact.width]
    extremes = (min(sizes, key=math.prod), max(sizes, key=math.prod)) if sizes else None
    notes = [*place.notes, builder.found.skipped([".txt"] if builder.has_texts else []).rstrip(".")]
    if builder.names and not builder.has_texts:
        folders = [path.name for path in subfolders(place.folder)]
        notes += [f"{name} has no images" for name in folders if name not in builder.names]
    broken = len(builder.files) - builder.info.splits["train"].num_examples
    if broken:
        notes.append(f"{broken} broken files are left out")
    return Origin(split, place.splits, extremes, tuple(filter(None, notes)), builder.digest)


def example_keys(builder, dataset):
    """Returns the names of the features x and y. y is None without labels.

    Raises:
        ZooError: The dataset does not have images with labels.
    """
    features = builder.info.features
    keys = builder.info.supervised_keys or ("image", "label")
    x = keys[0] if isinstance(keys[0], str) and keys[0] in features else "image"
    if x not in features:
        raise ZooError(
            f"{dataset} does not have labeled images (its features are {', '.join(features)}). Choose an "
            "image-classification set."
        )
    y = keys[1] if isinstance(keys[1], str) else None
    return x, y if y in features and hasattr(features[y], "num_classes") else None

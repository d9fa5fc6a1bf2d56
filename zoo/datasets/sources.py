"""Builders of TFDS, of this package and of folders, and their splits."""

import contextlib
import importlib
import io
import os
import pathlib
import pkgutil

import filelock
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from zoo.datasets.folder.builder import Builder, image_files
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


def is_folder(dataset):
    """Returns whether the name of a dataset is a path."""
    return os.sep in dataset and (dataset.startswith((".", "~", os.sep)) or os.path.isdir(dataset))


def folder_of_split(dataset, split, required=True):
    """Returns the subfolder of a split, or the dataset itself if it is not a folder.

    Args:
        dataset: String.
        split: String. Name of the subfolder. "val" replaces a missing "test".
        required: Boolean. Whether a missing subfolder of "train" is an error. Defaults to `True`.

    Raises:
        ZooError: The subfolder is missing.
    """
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


def split_of_folder(dataset, split):
    """Returns the place of a split, and the split to read there.

    Args:
        dataset: String.
        split: String, in the syntax of TFDS.

    Raises:
        ZooError: The subfolder is missing, or has other classes than train.
    """
    if not is_folder(str(dataset)):
        return dataset, split

    folder = pathlib.Path(dataset).expanduser()
    parts = {path.name for path in folder.glob("[!.]*") if path.is_dir()}
    if "train" not in parts or not parts <= {"train", "test", "val"}:
        return dataset, split
    part, *slices = split.partition("[")
    place = folder_of_split(dataset, part)
    classes, others = ({name for _, name in image_files(at)} for at in (folder / "train", place))
    if classes != others:
        names = ", ".join(sorted(map(str, classes ^ others)))
        raise ZooError(f"{place} and {folder / 'train'} differ in their classes: {names}.")
    return place, "".join(("train", *slices))


def whole_split(dataset, split):
    """Returns the split of a dataset in TFDS. Folders have the split "train" only."""
    return "train" if is_folder(str(dataset)) else split


def embedded_sets():
    """Returns the names of the embedded datasets."""
    modules = pkgutil.iter_modules([str(pathlib.Path(__file__).parent)])
    return {m.name for m in modules if m.ispkg and m.name != "folder"}


def open_builder(dataset, image_size, channels, data_dir, aspect, described=False):
    """Opens the TFDS builder of a dataset.

    Args:
        dataset: String. An embedded dataset, a dataset of TFDS, or the path of a folder.
        image_size: Integer. Side of the images, or None. Drawn images and folders are stored in this size.
        channels: Integer. 1 or 3, or None.
        data_dir: Path of the TFDS folder, or None.
        aspect: Integer. Number of squares side by side in an image.
        described: Boolean. Whether the text files of a folder are read. Defaults to `False`.

    Raises:
        ZooError: An unknown dataset or config.
    """
    data_dir = data_dir and os.path.expanduser(data_dir)
    if is_folder(dataset):
        image_files(dataset)
        kind = {"image_size": image_size, "channels": channels, "aspect": aspect, "described": described}
        return Builder(folder=dataset, **kind, data_dir=data_dir)

    name, _, config = dataset.partition("/")
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

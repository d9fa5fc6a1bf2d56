"""Layouts of folders of images: classes or splits, and a folder around them."""

import dataclasses
import os
import pathlib

from zoo.errors import MissingData, ZooError, unknown
from zoo.images.files import find_images

# Names of subfolders, in lower case, by split.
_names = {
    "train": ("train", "training", "train_set", "training_set", "trainset"),
    "test": ("test", "testing", "test_set", "testing_set", "testset"),
    "val": ("val", "valid", "validation", "dev"),
}
_splits = {name: split for split, names in _names.items() for name in names}


@dataclasses.dataclass(frozen=True)
class Reading:
    """How a folder of images is read.

    Attributes:
        layout: String. "classes" or "splits" says what the subfolders are. Defaults to "", by their names.
        holdout: Float. Share of the images of each class that is the split "test" of a folder without
            splits. Defaults to 0.
        skip_broken: Boolean. Whether broken files are left out. Defaults to `False`.
    """

    layout: str = ""
    holdout: float = 0.0
    skip_broken: bool = False


@dataclasses.dataclass(frozen=True)
class Place:
    """The place of a split of a folder.

    Attributes:
        folder: Path of the images of the split.
        part: String. "train" or "test" for a part of a folder with a `holdout`, otherwise "".
        splits: Tuple of strings. The splits of the dataset.
        notes: Tuple of sentences about the layout.
    """

    folder: pathlib.Path
    part: str = ""
    splits: tuple = ("train",)
    notes: tuple = ()


def is_folder(dataset):
    """Returns whether the name of a dataset is a path."""
    return os.sep in dataset and (dataset.startswith((".", "~", os.sep)) or os.path.isdir(dataset))


def place_of(dataset, split, reading=Reading()):  # noqa: B008 (it is frozen)
    """Returns the `Place` of a split of a folder.

    Args:
        dataset: Path of the folder.
        split: String. "train", "test" or "val". Without a subfolder of that name, "test" and "val" replace
            each other.
        reading: A `Reading`.

    Raises:
        ZooError: The folder or the split does not exist, or it is ambiguous whether the subfolders are
            classes or splits.
    """
    folder, notes = _unwrapped(pathlib.Path(dataset).expanduser())
    if not folder.is_dir():
        raise MissingData(f"There is no folder {folder}. Give the path of a folder of images.")
    parts, skipped = _parts(folder, reading.layout)
    notes += tuple(f"{path.name} is skipped" for path in skipped)
    wanted = _splits.get(split.lower(), split)
    if parts:
        if reading.holdout and {"test", "val"} & parts.keys():
            raise ZooError(f"{folder} has its own test images. Remove the holdout.", holdout=0)
        found = parts.get(wanted) or parts.get({"test": "val", "val": "test"}.get(wanted))
        if found:
            return Place(found, "", tuple(parts), notes)
        if not (reading.holdout and wanted == "test"):
            raise ZooError(f"{folder} has no subfolder for the split {split}, only {', '.join(parts)}.")
        return Place(parts["train"], "test", ("train", "test"), notes)
    if reading.holdout:
        if wanted not in ("train", "test"):
            raise unknown(f"split of {dataset}", split, ("train", "test"))
        return Place(folder, wanted, ("train", "test"), notes)
    if wanted != "train":
        raise ZooError(
            f"{folder} has no split {split}. Put its images into subfolders train and test, or hold out a "
            "share of them.",
            holdout=0.1,
        )
    return Place(folder, "", ("train",), notes)


def has_splits(dataset, reading=Reading()):  # noqa: B008 (it is frozen)
    """Returns whether a folder has subfolders for its splits, or for domains.

    Raises:
        ZooError: See `place_of`.
    """
    if any(domain_of(dataset, split, "A") for split in ("train", "test")):
        return True
    folder, _ = _unwrapped(pathlib.Path(dataset).expanduser())
    return folder.is_dir() and bool(_parts(folder, reading.layout)[0])


def domain_of(dataset, split, end):
    """Returns the subfolder of a domain, such as trainA.

    Args:
        dataset: Path of the folder.
        split: String. "train" or "test".
        end: String. "A" or "B".

    Returns:
        Path of the folder, or `None` if it does not exist.
    """
    folder, _ = _unwrapped(pathlib.Path(dataset).expanduser())
    if not folder.is_dir():
        return None
    splits = [split] if split == "train" else ["test", "val"]
    known = {f"{name}{end.lower()}" for split in splits for name in _names.get(split, (split,))}
    return next((path for path in subfolders(folder) if path.name.lower() in known), None)


def _unwrapped(folder):
    """Returns the innermost folder with more than one entry, and notes about the folders around it."""
    notes = ()
    while folder.is_dir():
        entries = [path for path in folder.iterdir() if path.name[0] != "." and path.name != "__MACOSX"]
        inner = entries[0] if len(entries) == 1 and entries[0].is_dir() else None
        named = inner is not None and inner.name.lower() in _splits
        if inner is None or named or not subfolders(inner) or any(p.is_file() for p in inner.iterdir()):
            break
        folder, notes = inner, (f"the images are in the subfolder {inner.name}",)
    return folder, notes


def subfolders(folder):
    """Returns the visible subfolders of a folder, sorted."""
    return sorted(p for p in folder.iterdir() if p.name[0] != "." and p.name != "__MACOSX" and p.is_dir())


def _parts(folder, layout):
    """Returns `{split: subfolder}` of a folder, and the subfolders beside them.

    Both are empty for a folder of classes.

    Raises:
        ZooError: It is ambiguous whether the subfolders are classes or splits.
    """
    if layout not in ("", "classes", "splits"):
        raise unknown("layout", layout, ("classes", "splits"))
    parts, others = {}, []
    for path in [] if layout == "classes" else subfolders(folder):
        split = _splits.get(path.name.lower())
        if split is None:
            others.append(path)
        elif split in parts:
            raise ZooError(f"{parts[split]} and {path} are both the split {split}. Rename one of them.")
        else:
            parts[split] = path
    if layout == "splits" and not parts:
        raise ZooError(f"{folder} has no subfolders train and test.", layout="classes")
    if parts and not layout:
        images = [path for path in others if find_images(path).images]
        if images:
            named, rest = (", ".join(p.name for p in paths) for paths in (parts.values(), images[:5]))
            raise ZooError(
                f"{folder} has the subfolders {named} beside {rest}. Its layout is either classes, or "
                f"splits without {rest}.",
                layout=...,
            )
    return parts, others if parts else []

"""Folders of recipes and trained models, and atomic replacement of files and folders."""

import contextlib
import os
import pathlib
import shutil
from collections.abc import Iterator

package = pathlib.Path(__file__).resolve().parent


def _beside_or_inside(folder: str) -> pathlib.Path:
    """Returns a folder next to the package in a clone, or inside the installed package."""
    inside = package / folder
    return inside if inside.is_dir() else package.parent / folder


recipes = _beside_or_inside("recipes")
saved_models = _beside_or_inside("saved_models")


@contextlib.contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields a temporary path whose file replaces `path` once it is complete.

    A reader sees the old file or the new one, also after a killed process or a full disk.

    Args:
        path: Path of the file. A link keeps its target. A device is written directly.
    """
    path = pathlib.Path(path).resolve()  # what a link points to, not the link
    if path.exists() and not path.is_file():
        yield path  # a device, such as /dev/null
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields an empty folder that becomes `path` once its content is complete.

    A reader never sees an incomplete folder, also after a killed process or a full disk.

    Args:
        path: Path of the new folder.
    """
    path = pathlib.Path(path)
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a killed process
    partial.mkdir(parents=True)
    try:
        yield partial
        os.replace(partial, path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise

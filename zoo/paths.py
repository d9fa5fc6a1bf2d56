"""Folders of recipes and trained models, and atomic and durable replacement of files and folders."""

import contextlib
import errno
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


def sync(*files: str | os.PathLike[str]) -> None:
    """Waits until files and folders are on the disk, where a power cut does not reach them.

    Args:
        *files: Paths. A folder's entries are synced, but not the content of its files.
    """
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system without folders to sync
                raise
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def whole(path: str | os.PathLike[str], durable: bool = True) -> Iterator[pathlib.Path]:
    """Yields a temporary path whose file replaces `path` once it is complete.

    A reader sees the old file or the new one, also after a killed process or a full disk.

    Args:
        path: Path of the file. A link keeps its target. A device is written directly.
        durable: Boolean. If `True`, this also holds after a power cut. Defaults to `True`.
    """
    path = pathlib.Path(path).resolve()  # what a link points to, not the link
    if path.exists() and not path.is_file():
        yield path  # a device, such as /dev/null
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial{path.suffix}")
    try:
        yield partial
        if durable:
            sync(partial)
        os.replace(partial, path)
        if durable:
            sync(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields an empty folder that becomes `path` once its content is complete.

    A reader never sees an incomplete folder, also after a killed process, a full disk or a power cut.

    Args:
        path: Path of the new folder.
    """
    path = pathlib.Path(path)
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a killed process
    partial.mkdir(parents=True)
    try:
        yield partial
        for folder, _, names in os.walk(partial):
            sync(*(os.path.join(folder, name) for name in names), folder)
        os.replace(partial, path)
        sync(path.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise

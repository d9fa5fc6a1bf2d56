"""Folders of recipes and trained models, and atomic and durable replacement of files and folders."""

import contextlib
import errno
import json
import os
import pathlib
import shutil
import socket
import time
from collections.abc import Iterator

import filelock

from zoo.errors import ZooError

package = pathlib.Path(__file__).resolve().parent


def _beside_or_inside(folder: str) -> pathlib.Path:
    """Returns a folder next to the package in a clone, or inside the installed package."""
    inside = package / folder
    return inside if inside.is_dir() else package.parent / folder


def cache() -> pathlib.Path:
    """Returns the folder of prepared data and downloads, `$XDG_CACHE_HOME/zoo` or `~/.cache/zoo`."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "zoo"


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


_unfinished: set[pathlib.Path] = set()
_searched: set[pathlib.Path] = set()
_day = 24 * 60 * 60


def _partial(path: pathlib.Path) -> pathlib.Path:
    """Returns the temporary path of a file or folder, which differs between processes and machines."""
    return path.with_name(f".{path.name}.zoo-{socket.gethostname()}-{os.getpid()}.partial{path.suffix}")


def remove_leftovers(folder: str | os.PathLike[str], seconds: float = _day) -> None:
    """Removes the temporary files of killed processes.

    Args:
        folder: Path of the folder.
        seconds: Float. Minimum age. Use 0 only if nobody else writes in the folder. Defaults to a day.
    """
    for path in pathlib.Path(folder).glob(".*.zoo-*-*.partial*"):
        with contextlib.suppress(OSError):  # another process removes it, too
            if path not in _unfinished and time.time() - path.stat().st_mtime >= seconds:
                _remove(path)


def remove_unfinished() -> None:
    """Removes the temporary files of this process, which is about to end."""
    for path in list(_unfinished):
        _remove(path)


def _remove(path: pathlib.Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _replacing(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yields the temporary path of a file or folder, and removes it after an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.parent not in _searched:  # once, as a folder may have many files
        _searched.add(path.parent)
        remove_leftovers(path.parent)
    partial = _partial(path)
    _unfinished.add(partial)
    try:
        yield partial
    except BaseException as error:
        if isinstance(error, OSError) and error.errno and not error.filename:  # of a write or a sync
            error.filename = str(path)
        _remove(partial)
        raise
    finally:
        _unfinished.discard(partial)


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
    with _replacing(path) as partial:
        yield partial
        if durable:
            sync(partial)
        os.replace(partial, path)
        if durable:
            sync(path.parent)


@contextlib.contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields an empty folder that becomes `path` once its content is complete.

    A reader never sees an incomplete folder, also after a killed process, a full disk or a power cut.

    Args:
        path: Path of the new folder.
    """
    path = pathlib.Path(path)
    with _replacing(path) as partial:
        _remove(partial)  # of a killed process with the same number
        partial.mkdir()
        yield partial
        for folder, _, names in os.walk(partial):
            sync(*(os.path.join(folder, name) for name in names), folder)
        os.replace(partial, path)
        sync(path.parent)


_listed: dict[pathlib.Path, tuple[tuple[int, int], set[str]]] = {}


def result(folder: str | os.PathLike[str], name: str | os.PathLike[str]) -> pathlib.Path:
    """Returns the path of a result, and lists it in `.zoo_files` of the folder of results.

    A file of the user is never replaced, because only listed files are.

    Args:
        folder: Path of the folder. The folder is made if it does not exist.
        name: Path of the file relative to the folder.

    Raises:
        ZooError: The file exists and is not listed.
    """
    folder, name = pathlib.Path(folder), pathlib.PurePath(name).as_posix()
    path, listing = folder / name, folder / ".zoo_files"
    if name in _names(listing):
        return path
    if os.path.lexists(path):
        raise ZooError(f"{path} exists, and zoo did not write it. Use another folder.", out=...)
    folder.mkdir(parents=True, exist_ok=True)
    with open(listing, "a", encoding="utf-8") as file:
        file.write(json.dumps(name) + "\n")
    return path


def _names(listing: pathlib.Path) -> set[str]:
    """Returns the names in a list of results. The list is read again if it has changed."""
    try:
        status = listing.stat()
    except OSError:
        return set()
    state = (status.st_mtime_ns, status.st_size)
    if _listed.get(listing, ((0, 0), set()))[0] != state:
        names = set()
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):  # the last line of a killed process
                names.add(json.loads(line))
        _listed[listing] = state, names
    return _listed[listing][1]


@contextlib.contextmanager
def locked(
    folder: str | os.PathLike[str], seconds: float, message: str, **settings: object
) -> Iterator[None]:
    """Reserves a folder for this process, until the end of a `with` block.

    Args:
        folder: Path. The folder is made if it does not exist.
        seconds: Float. Time to wait for another process. The system releases the lock of a killed one.
        message: String. The error if another process keeps the folder.
        **settings: Settings that repair the error.

    Raises:
        ZooError: Another process keeps the folder.
    """
    folder = pathlib.Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as error:  # of a system folder, such as /proc
        raise ZooError(f"The folder {folder} cannot be made.", out=...) from error
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=seconds)
    except filelock.Timeout as error:
        raise ZooError(message, **settings) from error
    try:
        yield
    finally:
        lock.release()

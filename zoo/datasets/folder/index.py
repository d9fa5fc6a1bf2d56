"""Hashes, sizes and modes of image files, which are read once per content."""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import typing

from zoo import paths
from zoo.images.shown import is_gray, opened

FORMAT = 1


class Facts(typing.NamedTuple):
    """What is known of an image file without opening it.

    Attributes:
        sha256: String. Hash of the bytes of the file.
        width, height: Integers. Size of the image, upright or not. 0 for a file that is not an image.
        gray: Boolean. Whether the image is stored in shades of gray.
    """

    sha256: str
    width: int
    height: int
    gray: bool


def facts_of(folder, files):
    """Returns the facts of image files.

    Files whose name, size and time of modification are those of an earlier call are not opened.

    Args:
        folder: Path of the folder that contains the files.
        files: List of paths.

    Returns:
        List of `Facts`.
    """
    key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]
    stored = paths.cache() / "folders" / f"{key}.json"
    known = _read(stored)
    found, entries, changed = [], {}, False
    for path in files:
        name, status = str(path.relative_to(folder)), path.stat()
        state = [status.st_size, status.st_mtime_ns]
        entry = known.get(name)
        if not entry or entry[:2] != state:
            entry, changed = [*state, *_look(path)], True
        entries[name] = entry
        found.append(Facts(*entry[2:]))
    if changed or len(entries) < len(known):
        with contextlib.suppress(OSError), paths.whole(stored, durable=False) as file:
            file.write_text(json.dumps({"format": FORMAT, "files": entries}), encoding="utf-8")
    return found


def _read(stored):
    """Returns the entries of an index, `{name: [size, time, *facts]}`."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        index = json.loads(stored.read_text(encoding="utf-8"))
        if index["format"] == FORMAT and all(len(entry) == 6 for entry in index["files"].values()):
            return index["files"]
    return {}


def _look(path):
    """Returns the facts of a file, after reading it."""
    with contextlib.suppress(OSError):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        with (
            contextlib.suppress(OSError, ValueError, SyntaxError, EOFError),
            opened(io.BytesIO(content)) as image,
        ):
            return Facts(digest, *image.size, is_gray(image))
        return Facts(digest, 0, 0, False)
    return Facts("", 0, 0, False)  # the reader names the file


def keep_digest(digest, names, facts, data_dir):
    """Stores the hashes of files with the prepared data, so that differences can be named later.

    Args:
        digest: String. See `digest_of`.
        names, facts: See `digest_of`.
        data_dir: Path of the folder of prepared data. Defaults to that of the zoo's cache.
    """
    stored = _digests(data_dir) / f"{digest}.json"
    if not stored.exists():
        hashes = {name: fact.sha256 for name, fact in zip(names, facts)}
        with contextlib.suppress(OSError), paths.whole(stored, durable=False) as file:
            file.write_text(json.dumps(hashes), encoding="utf-8")


def files_of_digest(digest, data_dir=None):
    """Returns the files of a digest, `{name: hash}`, or `None` if they are not known.

    Args:
        digest: String.
        data_dir: Path of the folder of prepared data. Defaults to that of the zoo's cache.
    """
    with contextlib.suppress(OSError, ValueError):
        return json.loads((_digests(data_dir) / f"{digest}.json").read_text(encoding="utf-8"))
    return None


def _digests(data_dir):
    return pathlib.Path(data_dir or paths.cache() / "datasets").expanduser() / "folder" / "digests"


def digest_of(names, facts, *others):
    """Returns a hash of the names and contents of files.

    Args:
        names: List of strings. Names relative to their folder.
        facts: List of `Facts`.
        *others: Further values that belong to the data.
    """
    rows = sorted((name, fact.sha256) for name, fact in zip(names, facts))
    return hashlib.sha256(json.dumps([rows, others], default=os.fspath).encode()).hexdigest()

"""Prepared datasets in the zoo's cache, with their sizes."""

import ast
import contextlib
import dataclasses
import json
import pathlib
import shutil

from zoo import paths


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A prepared dataset.

    Attributes:
        folder: Path of the version.
        name: String. Name of the dataset, or path of the folder of images.
        size: Integer. Bytes on the disk.
        stale: String. Why the data is not used any more, or "".
    """

    folder: pathlib.Path
    name: str
    size: int
    stale: str

    def remove(self):
        """Removes the data, and the folders around it that are then empty."""
        shutil.rmtree(self.folder)
        for folder in list(self.folder.parents)[:2]:
            with contextlib.suppress(OSError):
                folder.rmdir()


def list_prepared(data_dir=None):
    """Returns the prepared datasets of the zoo, sorted by name.

    Args:
        data_dir: Path of the folder of prepared data. Defaults to that of the cache.

    Returns:
        List of `Prepared`.
    """
    root = pathlib.Path(data_dir or paths.cache() / "datasets").expanduser()
    current = _current_versions()
    found = []
    for file in root.glob("*/**/dataset_info.json"):
        kind = file.relative_to(root).parts[0]
        if kind in current:
            found.append((file, kind, _description(file)))
    newest = {}
    for file, kind, source in found:
        if kind == "folder":
            newest[source] = max(newest.get(source, 0), file.stat().st_mtime_ns)
    made = []
    for file, kind, source in found:
        folder = file.parent
        stale = ""
        if folder.name != current[kind]:
            stale = f"version {folder.name} is replaced by {current[kind]}"
        elif kind == "folder" and not pathlib.Path(source).is_dir():
            stale = "the folder of images does not exist"
        elif kind == "folder" and file.stat().st_mtime_ns < newest[source]:
            stale = "a newer one exists"
        name = source if kind == "folder" else "/".join(folder.relative_to(root).parts[:-1])
        made.append(Prepared(folder, name, _size(folder), stale))
    return sorted(made, key=lambda prepared: (prepared.name, str(prepared.folder)))


def _description(file):
    """Returns the path of the folder of images from which data was prepared."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return json.loads(file.read_text(encoding="utf-8")).get("configDescription") or ""
    return ""


def _size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _current_versions():
    """Returns `{dataset: version}` of the zoo's own builders, read from their code without TensorFlow."""
    versions = {}
    for file in (paths.package / "datasets").glob("*/builder.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "VERSION":
                versions[file.parent.name] = ast.literal_eval(node.value.args[0])
    return versions

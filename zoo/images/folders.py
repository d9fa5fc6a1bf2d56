"""Processing of all images in a folder."""

import os
import pathlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from zoo import paths
from zoo.errors import BrokenImage, ZooError
from zoo.images import pixels
from zoo.images.files import check_writable, list_images, read_image, save_image


def files_of(source: str | os.PathLike[str] | None) -> list[pathlib.Path]:
    """Returns the path of an image file in a list, or the paths of the images in a folder.

    Args:
        source: Path of an image file, or of a folder.

    Raises:
        ZooError: `source` is missing or does not exist, or the folder does not contain an image.
    """
    if not source:
        raise ZooError("The input is missing: an image or a folder of images.", input="photo.jpg")
    source = pathlib.Path(source).expanduser()
    if not source.exists():
        raise ZooError(f"{source} does not exist. The input is an image or a folder of images.")
    return list_images(source) if source.is_dir() else [source]


def process_files(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    process: Callable[[np.ndarray], np.ndarray],
    channels: int,
    longest: int | None = None,
    factors: tuple[int, int] = (1, 1),
) -> list[pathlib.Path]:
    """Applies a function to an image file, or to each image in a folder.

    A broken image in a folder does not stop the others.

    Args:
        source: Path of an image file, or of a folder. Images in sub-folders are included, except those in
            `out`.
        out: Path of the result. For a folder, the results are PNG files with the same relative names.
        process: Function from a uint8 array `[H, W, C]` to another.
        channels: Integer, 1, 3 or 4. Number of channels of the arrays that `process` receives. The fourth
            is opacity.
        longest: Integer. Images whose longer side exceeds it are reduced to it first. `None` keeps all
            sizes. Defaults to `None`.
        factors: Pair of integers. Width and height of a result, as multiples of those of its image.
            Defaults to `(1, 1)`.

    Returns:
        List of the paths written.

    Raises:
        ZooError: An input is missing, `out` does not fit `source`, a result would overwrite an input, or
            the format of a result cannot hold it.
        BrokenImage: Some inputs cannot be read. The results of all others are written.
    """
    files = files_of(source)
    source, out = pathlib.Path(source).expanduser(), pathlib.Path(out).expanduser()
    as_folder = source.is_dir() or out.is_dir() or not out.suffix
    _check_out(source, out, as_folder)
    if source.resolve() in out.resolve().parents:  # earlier results are not inputs
        files = [path for path in files if out.resolve() not in path.resolve().parents]
    root = source if source.is_dir() else source.parent
    originals = {path.resolve() for path in files}
    written: list[pathlib.Path] = []
    broken: list[str] = []
    for path in files:
        target = _target(path, root, out, written) if as_folder else out
        if target.resolve() in originals:
            raise ZooError(f"{target} would be overwritten.", output=...)
        try:
            image = read_image(path, alpha=channels == 4)
        except BrokenImage as error:
            broken.append(str(error))
            continue
        if longest and max(image.size) > longest:
            image.thumbnail((longest, longest))
        check_writable(target, factors[0] * image.width, factors[1] * image.height)
        if as_folder:
            paths.result(out, target.relative_to(out))
        save_image(target, process(_as_array(image, channels)))
        written.append(target)
    if broken:
        raise BrokenImage(f"{' '.join(broken)} The results of {len(written)} images are written.")
    return written


def _check_out(source: pathlib.Path, out: pathlib.Path, as_folder: bool) -> None:
    """Rejects a path of the results that does not fit the inputs."""
    if out.resolve() == source.resolve():
        raise ZooError(f"{out} would be overwritten.", output=...)
    if not as_folder:
        check_writable(out, 1, 1)
    if out.exists() and as_folder and not out.is_dir():
        raise ZooError(f"{out} is a file, but several images need a folder.", output=...)


def _target(
    path: pathlib.Path, root: pathlib.Path, out: pathlib.Path, written: list[pathlib.Path]
) -> pathlib.Path:
    """Returns the path of the result of an image."""
    target = (out / path.relative_to(root)).with_suffix(".png")
    if target in written:  # of an image whose name differs only in the suffix
        return target.with_name(f"{path.name}.png")
    return target


def _as_array(image: Image.Image, channels: int) -> np.ndarray:
    """Returns an image as a uint8 array `[H, W, channels]`."""
    if channels == 4:
        return np.asarray(image.convert("RGBA"))
    return pixels.as_batch(np.asarray(image), channels)[0]

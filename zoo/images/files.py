"""Image files: finding, reading and writing them."""

import collections
import contextlib
import dataclasses
import functools
import os
import pathlib
import struct
import zlib
from collections.abc import Container, Iterator, Sequence

import numpy as np
from PIL import Image, ImageOps

from zoo import paths
from zoo.errors import BrokenImage, MissingData, ZooError
from zoo.images.shown import opened, shown


@dataclasses.dataclass
class Found:
    """The files below a folder.

    Attributes:
        images: List of the paths of image files, sorted.
        others: Dict, `{suffix: number}`, of files that are not read. The suffix of special files and of
            names that are not UTF-8 is a word in parentheses.
    """

    images: list[pathlib.Path]
    others: collections.Counter

    def skipped(self, without: Container[str] = ()) -> str:
        """Returns a sentence about the files that are not read, or an empty string.

        Args:
            without: Suffixes of files that are read in another way.
        """
        counts = {suffix: count for suffix, count in self.others.items() if suffix not in without}
        if not counts:
            return ""
        kinds = ", ".join(f"{suffix} ({count})" for suffix, count in sorted(counts.items()))
        return f"{sum(counts.values())} files are skipped: {kinds}."

    def required(self, folder: str | os.PathLike[str]) -> list[pathlib.Path]:
        """Returns the images.

        Raises:
            ZooError: There are none.
        """
        if not self.images:
            suffixes = ", ".join(sorted(readable_suffixes()))
            raise ZooError(
                f"There are no images in {folder}. {self.skipped()} Add {suffixes} files: in one "
                "sub-folder per class, or in the folder itself without classes."
            )
        return self.images


def files_below(folder: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields the paths of all files in a folder and its sub-folders.

    Follows links to folders, but visits no folder twice. Skips hidden files and folders, whose names start
    with a dot, and `__MACOSX`.
    """
    visited = set()
    for at, folders, names in os.walk(folder, followlinks=True):
        status = os.stat(at)
        if (status.st_dev, status.st_ino) in visited:
            folders[:] = []
            continue
        visited.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if name[0] != "." and name != "__MACOSX")
        yield from (pathlib.Path(at) / name for name in names if name[0] != ".")


def find_images(folder: str | os.PathLike[str]) -> Found:
    """Finds the image files in a folder and its sub-folders.

    A file is an image by its suffix or, without a suffix, by its content.

    Raises:
        ZooError: The folder does not exist.
    """
    folder = pathlib.Path(folder).expanduser()
    if not folder.is_dir():
        raise MissingData(f"There is no folder {folder}. Give the path of a folder of images.")
    found = Found([], collections.Counter())
    known = readable_suffixes()
    for path in files_below(folder):
        reason = _reason_to_skip(path, known)
        if reason:
            found.others[reason] += 1
        else:
            found.images.append(path)
    found.images.sort()
    return found


def _reason_to_skip(path: pathlib.Path, known: Container[str]) -> str:
    """Returns the suffix of a file that is not an image, or an empty string for an image."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "(a name that is not UTF-8)"
    if not path.is_file():
        return "(a broken link)" if path.is_symlink() else "(no ordinary file)"
    suffix = path.suffix.lower()
    if suffix:
        return "" if suffix in known else suffix
    try:
        with opened(path):
            return ""
    except (OSError, ValueError):
        return "(no suffix)"


def list_images(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """Returns the sorted paths of the image files in a folder and its sub-folders. See `find_images`.

    Raises:
        ZooError: The folder does not exist, or does not contain an image.
    """
    folder = pathlib.Path(folder).expanduser()
    return find_images(folder).required(folder)


_suffixes = (
    ".png .apng .jpg .jpeg .jpe .jfif .gif .bmp .dib .webp .tif .tiff .ppm .pgm .pbm .pnm .tga .jp2 .j2k "
    ".avif .qoi"
)


@functools.cache
def readable_suffixes() -> frozenset[str]:
    """Returns the suffixes of image files that this version of Pillow reads."""
    readers = {suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    return frozenset(_suffixes.split()) & readers


@functools.cache
def writable_suffixes() -> frozenset[str]:
    """Returns the suffixes of image files that this version of Pillow writes."""
    writers = {suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.SAVE}
    return readable_suffixes() & writers


# Largest side of an image in some formats.
_largest_sides = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), 65_500),
    ".webp": 16_383,
    ".gif": 65_535,
}


def check_writable(path: str | os.PathLike[str], width: int, height: int) -> None:
    """Rejects images that the format of a file cannot hold.

    Raises:
        ZooError: The suffix is not that of an image file, or the image is too large for the format.
    """
    suffix = pathlib.Path(path).suffix.lower()
    if suffix not in writable_suffixes():
        known = ", ".join(sorted(writable_suffixes()))
        raise ZooError(f"{path} does not have the suffix of an image file. Use {known}.")
    largest = _largest_sides.get(suffix)
    if largest and max(width, height) > largest:
        raise ZooError(
            f"{path} cannot have {width}×{height} pixels: a {suffix} file has at most {largest} per side. "
            "Write a .png file."
        )


def read_image(
    source: str | os.PathLike[str] | Image.Image,
    size: int | None = None,
    aspect: int = 1,
    alpha: bool = False,
) -> Image.Image:
    """Reads an image file as 8-bit grayscale or RGB, as an image viewer shows it.

    Applies the EXIF orientation and the ICC profile, and lays transparent images on white.

    Args:
        source: Path of the file, or a Pillow image.
        size: Integer. Side of the square to which the center of the image is cropped and resized. `None`
            keeps the size of the file. Defaults to `None`.
        aspect: Integer. Number of squares next to each other in the image. Each square is cropped and
            resized separately. Only used with `size`. Defaults to 1.
        alpha: Boolean. Whether an image with transparency is returned as RGBA, in the size of the file.
            Defaults to `False`.

    Returns:
        A Pillow image of mode "L" or "RGB", with `size` rows and `aspect * size` columns if `size` is set.

    Raises:
        ZooError: The file is not an image, is cut short, or is too large for the memory.
    """
    name = "The image" if isinstance(source, Image.Image) else source
    try:
        with contextlib.nullcontext(source) if isinstance(source, Image.Image) else opened(source) as file:
            image = shown(file, alpha)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise BrokenImage(f"{name} cannot be read as an image ({error}).") from error
    if not size or image.mode == "RGBA":
        return image
    part = image.width // aspect
    sheet = Image.new(image.mode, (aspect * size, size))
    for i in range(aspect):
        piece = image.crop((i * part, 0, (i + 1) * part, image.height))
        sheet.paste(ImageOps.fit(piece, (size, size), Image.Resampling.LANCZOS), (i * size, 0))
    return sheet


def to_pillow(image: np.ndarray) -> Image.Image:
    """Returns a uint8 array `[H, W, C]`, with 1 or 3 channels, as a Pillow image."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


large = 64_000_000  # number of pixels from which a PNG file is written row by row


def save_image(path: str | os.PathLike[str], image: np.ndarray) -> None:
    """Writes an image file in the format of its suffix.

    Args:
        path: Path of the file.
        image: uint8 array `[H, W, C]`, with 1 or 3 channels.
    """
    by_rows = pathlib.Path(path).suffix.lower() == ".png" and image.shape[0] * image.shape[1] >= large
    with paths.whole(path, durable=False) as file:
        if by_rows:
            _png_by_rows(file, image)
        else:
            to_pillow(image).save(file)


def _png_by_rows(path: pathlib.Path, image: np.ndarray, rows: int = 64) -> None:
    """Writes a PNG file without a copy of the image in memory.

    Args:
        path: Path of the file.
        image: uint8 array `[H, W, C]`, with 1 or 3 channels.
        rows: Integer. Number of rows that are compressed at once. Defaults to 64.

    Reference:
        W3C, 2003, "Portable Network Graphics", filter type 2 (differences from the row above).
    """
    height, width, channels = image.shape
    packer = zlib.compressobj()
    above = np.zeros((1, width * channels), np.uint8)

    with open(path, "wb") as file:

        def chunk(kind: bytes, data: bytes) -> None:
            file.write(struct.pack(">I", len(data)) + kind + data)
            file.write(struct.pack(">I", zlib.crc32(kind + data)))

        file.write(b"\x89PNG\r\n\x1a\n")
        color = {1: 0, 3: 2}[channels]
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0))
        for start in range(0, height, rows):
            part = image[start : start + rows].reshape(-1, width * channels)
            difference = part - np.concatenate([above, part[:-1]])
            filtered = np.concatenate([np.full((len(part), 1), 2, np.uint8), difference], axis=1)
            chunk(b"IDAT", packer.compress(filtered.tobytes()))
            above = part[-1:]
        chunk(b"IDAT", packer.flush())
        chunk(b"IEND", b"")


def save_animation(
    path: str | os.PathLike[str], frames: Sequence[np.ndarray], milliseconds: int = 120
) -> None:
    """Writes a GIF file that loops, or no file if there are no frames.

    Args:
        path: Path of the file.
        frames: Sequence of uint8 arrays `[H, W, C]` of one size, with 1 or 3 channels.
        milliseconds: Integer. Duration of a frame. Defaults to 120.
    """
    if not len(frames):
        return
    first, *rest = [to_pillow(frame) for frame in frames]
    with paths.whole(path, durable=False) as file:
        first.save(file, save_all=True, append_images=rest, duration=milliseconds, loop=0)

"""Image files: finding, reading and writing them."""

import os
import pathlib
import struct
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageOps

from zoo import paths
from zoo.errors import MissingData, ZooError


def files_below(folder: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields the paths of all files in a folder and its sub-folders.

    Follows links to folders. Skips hidden files and folders, whose names start with a dot, and `__MACOSX`.
    """
    for at, folders, names in os.walk(folder, followlinks=True):
        real = pathlib.Path(at).resolve()
        above = {real, *real.parents}  # a link to one of these folders would never end
        shown = (name for name in folders if name[0] != "." and name != "__MACOSX")
        folders[:] = [name for name in shown if (real / name).resolve() not in above]
        yield from (pathlib.Path(at) / name for name in names if name[0] != ".")


def list_images(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """Returns the sorted paths of the image files in a folder and its sub-folders.

    Skips hidden files and folders, whose names start with a dot.

    Raises:
        ZooError: The folder does not exist, or does not contain an image.
    """
    folder = pathlib.Path(folder).expanduser()
    if not folder.is_dir():
        raise MissingData(f"There is no folder {folder}. Give the path of a folder of images.")
    found = sorted(p for p in files_below(folder) if p.suffix.lower() in image_suffixes and p.is_file())
    if not found:
        raise ZooError(
            f"There are no images in {folder}. Add {', '.join(sorted(image_suffixes))} files: in one "
            "sub-folder per class, or in the folder itself without classes."
        )
    return found


image_suffixes = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def read_image(
    path: str | os.PathLike[str], size: int | None = None, aspect: int = 1, alpha: bool = False
) -> Image.Image:
    """Reads an image file as 8-bit grayscale or RGB.

    Applies the EXIF orientation and lays transparent images on white.

    Args:
        path: Path of the file.
        size: Integer. Side of the square to which the center of the image is cropped and resized. `None`
            keeps the size of the file. Defaults to `None`.
        aspect: Integer. Number of squares next to each other in the image. Each square is cropped and
            resized separately. Only used with `size`. Defaults to 1.
        alpha: Boolean. Whether an image with transparency is returned as RGBA, in the size of the file.
            Defaults to `False`.

    Returns:
        A Pillow image of mode "L" or "RGB", with `size` rows and `aspect * size` columns if `size` is set.

    Raises:
        ZooError: The file is not an image, or is cut short.
    """
    try:
        with Image.open(path) as file:
            image = ImageOps.exif_transpose(file)
            if "A" in image.getbands() or "transparency" in image.info:
                image = image.convert("RGBA")
                if alpha:
                    return image
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image).convert("RGB")
            # 16-bit and bilevel gray images become 8-bit gray images. All others become RGB.
            if image.mode.startswith("I") or image.mode == "F":
                values = np.asarray(image, np.float64)
                if image.mode == "F" or values.min() < 0 or values.max() > 65535:
                    raise ValueError("its range of values is unknown; convert it to 16 bits")
                image = Image.fromarray(np.uint8(np.round(values / 257)))
            image = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
            if not size:
                return image
            part = image.width // aspect
            sheet = Image.new(image.mode, (aspect * size, size))
            for i in range(aspect):
                piece = image.crop((i * part, 0, (i + 1) * part, image.height))
                sheet.paste(ImageOps.fit(piece, (size, size), Image.Resampling.LANCZOS), (i * size, 0))
            return sheet
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ZooError(
            f"{path} cannot be read as an image ({error}). Delete or replace it and run again."
        ) from error


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

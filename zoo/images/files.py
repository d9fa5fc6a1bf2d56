"""Image files: finding, reading and writing them."""

import os
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

from zoo import paths
from zoo.errors import MissingData, ZooError


def files_below(folder):
    """All files below a folder, those of folders that are linked into it too, but nothing hidden."""
    for at, folders, names in os.walk(folder, followlinks=True):
        real = pathlib.Path(at).resolve()
        above = {real, *real.parents}  # a link to one of these would never end
        shown = (name for name in folders if name[0] != "." and name != "__MACOSX")
        folders[:] = [name for name in shown if (real / name).resolve() not in above]
        yield from (pathlib.Path(at) / name for name in names if name[0] != ".")


def list_images(folder):
    """The picture files in a folder and its sub-folders, sorted. What is hidden (.name) is none of them.

    Raises:
        ZooError: there is no such folder, or no picture in it.
    """
    folder = pathlib.Path(folder).expanduser()
    if not folder.is_dir():
        raise MissingData(f"There is no folder {folder}. Give the path of a folder of images.")
    found = sorted(p for p in files_below(folder) if p.suffix.lower() in image_suffixes and p.is_file())
    if not found:
        raise ZooError(
            f"No pictures in {folder}. It must hold {', '.join(sorted(image_suffixes))} files, to train "
            "on: one sub-folder a class, or all in the folder itself where there are no classes."
        )
    return found


image_suffixes = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def read_image(path, size=None, aspect=1):
    """One picture as people see it: upright, without transparency.

    Args:
        path: the file.
        size: side of the square it is scaled (its shorter side) and cropped (its centre) to.
        aspect: how many such squares lie side by side in it, each scaled and cropped for itself.

    Returns:
        A Pillow image of mode "L" or "RGB".

    Raises:
        ZooError: the file is not a picture, or is cut short.
    """
    try:
        with Image.open(path) as image:
            image = ImageOps.exif_transpose(image)
            if "A" in image.getbands() or "transparency" in image.info:
                image = image.convert("RGBA")
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image).convert("RGB")
            # Sixteen-bit and bilevel greys come down to eight bits; the rest to RGB.
            if image.mode.startswith("I") or image.mode == "F":
                values = np.asarray(image, np.float64)
                if image.mode == "F" or values.min() < 0 or values.max() > 65535:
                    raise ValueError("of its numbers nobody knows which is white; convert it to 16 bits")
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
            f"{path} cannot be read as a picture ({error}). Delete or replace it and run again."
        ) from error


def to_pillow(image):
    """uint8 [H, W, C] as a Pillow image."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


large = 64_000_000  # pixels from which on a PNG is written by rows


def save_image(path, image):
    """Writes uint8 [H, W, C], C 1 or 3, in the format that the path's ending names."""
    by_rows = pathlib.Path(path).suffix.lower() == ".png" and image.shape[0] * image.shape[1] >= large
    with paths.whole(path) as file:
        _png_by_rows(file, image) if by_rows else to_pillow(image).save(file)


def _png_by_rows(path, image, rows=64):
    """A PNG without a copy of the picture: Pillow's takes four bytes a pixel, 0.8 GB of what a
    12-megapixel picture is enlarged to. W3C, Portable Network Graphics (2003), each row less the one
    above it (filter 2)."""
    height, width, channels = image.shape
    packer = zlib.compressobj()
    above = np.zeros((1, width * channels), np.uint8)

    with open(path, "wb") as file:

        def chunk(kind, data):
            file.write(struct.pack(">I", len(data)) + kind + data)
            file.write(struct.pack(">I", zlib.crc32(kind + data)))

        file.write(b"\x89PNG\r\n\x1a\n")
        colour = {1: 0, 3: 2}[channels]
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
        for start in range(0, height, rows):
            part = image[start : start + rows].reshape(-1, width * channels)
            less = part - np.concatenate([above, part[:-1]])
            filtered = np.concatenate([np.full((len(part), 1), 2, np.uint8), less], axis=1)
            chunk(b"IDAT", packer.compress(filtered.tobytes()))
            above = part[-1:]
        chunk(b"IDAT", packer.flush())
        chunk(b"IEND", b"")


def save_animation(path, frames, milliseconds=120):
    """Writes pictures of one size, uint8 [N][H, W, C], as a GIF that loops."""
    if not len(frames):
        return
    first, *rest = [to_pillow(frame) for frame in frames]
    options = {"save_all": True, "append_images": rest, "duration": milliseconds, "loop": 0}
    with paths.whole(path) as file:
        first.save(file, **options)

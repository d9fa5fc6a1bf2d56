"""Images as an image viewer shows them."""

import contextlib
import functools
import io
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import IO

import numpy as np
from PIL import Image, ImageCms, ImageOps

_lock = threading.Lock()
_bytes_per_pixel = 16  # of a decoded image and its copies
_most_pixels = 2**30


@contextlib.contextmanager
def opened(file: str | os.PathLike[str] | IO[bytes]) -> Iterator[Image.Image]:
    """Opens an image file whose pixels fit into memory.

    Raises:
        OSError: The file is not an image.
        ValueError: The image has too many pixels.
    """
    with _lock:  # Pillow's own limit is a global variable, which does not know the memory
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            image = Image.open(file)
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    with image:
        if image.width * image.height > most_pixels():
            raise ValueError(f"its {image.width}×{image.height} pixels do not fit into the free memory")
        yield image


def most_pixels() -> int:
    """Returns the largest number of pixels of an image that fits into the free memory."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open("/proc/meminfo", encoding="utf-8") as lines:
            free = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
        return min(1024 * free // _bytes_per_pixel, _most_pixels)
    return 2**28


def shown(image: Image.Image, alpha: bool = False) -> Image.Image:
    """Converts an image of any mode to 8 bits, as an image viewer shows it.

    Applies the EXIF orientation and the ICC profile, and lays transparent images on white. Only the first
    frame of an animation is used.

    Args:
        image: A Pillow image.
        alpha: Boolean. Whether an image with transparency is returned as RGBA. Defaults to `False`.

    Returns:
        A Pillow image of mode "L" if the image is stored in shades of gray, otherwise "RGB" or "RGBA".

    Raises:
        ValueError: The range of the values is unknown, as for floats and 32-bit integers.
    """
    kind, profile = image.format, image.info.get("icc_profile")
    gray = is_gray(image)
    image = _eight_bits(ImageOps.exif_transpose(image) or image, kind)
    opacity = None
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        opacity = image.getchannel("A")
        image = image.convert("RGB")
    image = _to_srgb(image, profile, gray)
    if opacity is not None:
        image.putalpha(opacity)
        if alpha:
            return image
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.getchannel(0).convert("L") if gray else image.convert("RGB")


def is_gray(image: Image.Image) -> bool:
    """Returns whether an image is stored in shades of gray."""
    return image.mode in ("1", "L", "LA", "La") or image.mode[0] in "IF"


def _eight_bits(image: Image.Image, kind: str | None) -> Image.Image:
    """Returns an image with 8 bits per channel.

    Args:
        image: A Pillow image.
        kind: String. Format of its file. Some formats define the range of integers.
    """
    transparent = image.info.get("transparency")
    if image.mode.startswith("I;16") or (image.mode == "I" and kind in ("PNG", "PPM")):
        values = np.asarray(image).astype(np.int64)
        eight = Image.fromarray(np.uint8(np.round(values / 257)))
        if transparent is not None:
            eight.putalpha(Image.fromarray(np.uint8(255 * (values != transparent))))
        return eight
    if image.mode[0] in "IF":
        raise ValueError("its range of values is unknown; convert it to 8 or 16 bits")
    if isinstance(transparent, tuple) and max(transparent) > 255:  # of 16 bits, of which Pillow keeps 8
        image.info["transparency"] = tuple(value >> 8 for value in transparent)
    return image


def _to_srgb(image: Image.Image, profile: bytes | None, gray: bool) -> Image.Image:
    """Returns an image in the colors of sRGB, of mode "L" or "RGB"."""
    if image.mode == "LAB" and not profile:
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(lab, srgb, "LAB", "RGB").apply(image)
    space = image.mode if image.mode in ("CMYK", "LAB") else "RGB"
    if not profile:
        return image.convert("RGB")
    try:
        for mode in ("L", space) if gray else (space,):
            transform = _transform(profile, mode)
            if transform is not None:
                return transform(image.convert(mode)).convert("RGB")
        raise ImageCms.PyCMSError(f"it is not for images of mode {image.mode}")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError) as error:
        warnings.warn(f"A color profile is ignored ({error}).", stacklevel=4)
        return image.convert("RGB")


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> Callable[[Image.Image], Image.Image] | None:
    """Returns the conversion of a profile to sRGB.

    Args:
        profile: Bytes of an ICC profile.
        mode: String. Mode of the images.

    Returns:
        The conversion as a function, or `None` if the profile is for images of another mode. The profile
        of sRGB changes no pixel.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = source.profile.xcolor_space.strip()
    if {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK", "Lab": "LAB"}.get(space) != mode:
        return None
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    if mode in ("L", "RGB"):
        steps = np.arange(0, 256, 15, dtype=np.uint8)
        grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
        colors = Image.fromarray(steps[None] if mode == "L" else grid)
        after, before = (np.asarray(c, np.int32) for c in (transform.apply(colors), colors.convert("RGB")))
        if np.abs(after - before).max() <= 2:  # sRGB, up to rounding
            return lambda image: image
    return transform.apply

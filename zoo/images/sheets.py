"""Sheets of several images, and sequences of frames."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def tile(images: np.ndarray, columns: int, gap: int = 1, least: int = 28) -> np.ndarray:
    """Arranges images in rows on a white sheet.

    Args:
        images: uint8 array `[N, H, W, C]`, row by row.
        columns: Integer. Number of images per row.
        gap: Integer. Number of white pixels between images, before enlargement. Defaults to 1.
        least: Integer. If the shorter side of the images is below it, the sheet is enlarged by the smallest
            whole factor that reaches it, without interpolation. Defaults to 28.

    Returns:
        uint8 array `[H', W', C]`.
    """
    n, height, width, channels = images.shape
    rows = -(-n // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), 255, "uint8")
    for i, image in enumerate(images):
        y, x = i // columns * (height + gap), i % columns * (width + gap)
        sheet[y : y + height, x : x + width] = image
    factor = -(-least // min(height, width))
    return sheet.repeat(factor, 0).repeat(factor, 1)


def thinned(items: Sequence[T], most: int) -> Sequence[T]:
    """Returns at most `most` evenly spaced items, with the first and the last.

    Args:
        items: Sequence.
        most: Integer. Maximum number of items.
    """
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).round().astype(int)]


def there_and_back(frames: Sequence[T]) -> list[T]:
    """Appends the inner frames in reverse order, for an animation that loops without a jump.

    Example:
        >>> there_and_back([1, 2, 3])
        [1, 2, 3, 2]
    """
    return [*frames, *frames[-2:0:-1]]

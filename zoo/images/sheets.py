"""Sheets of several images."""

import numpy as np


def tile(images, columns, gap=1, least=28):
    """Lays pictures out in rows.

    Args:
        images: uint8 [N, H, W, C], row by row.
        columns: pictures a row.
        gap: white pixels between them, before enlargement.
        least: pictures with a shorter side below this are enlarged, pixel by pixel.

    Returns:
        uint8 [H', W', C].
    """
    n, height, width, channels = images.shape
    rows = -(-n // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, channels), 255, "uint8")
    for i, image in enumerate(images):
        y, x = i // columns * (height + gap), i % columns * (width + gap)
        sheet[y : y + height, x : x + width] = image
    factor = -(-least // min(height, width))
    return sheet.repeat(factor, 0).repeat(factor, 1)


def thinned(items, most):
    """At most so many, evenly spaced, the last always among them."""
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).round().astype(int)]


def there_and_back(frames):
    """Frames that go on to the last and return, for an animation that loops without a jump."""
    return [*frames, *frames[-2:0:-1]]

"""Image files to pixels inside a TensorFlow graph."""

import tensorflow as tf


@tf.function(autograph=False)  # one function of the graph for all signatures
def decode(file: tf.Tensor, sides: tuple[int, int] | None = None, channels: int = 3) -> tf.Tensor:
    """Decodes an image file as `zoo.images.files.read_image` does.

    Applies the EXIF orientation of JPEG files. Lays transparent PNG files on white. Reduces 16 bits to 8.
    Resizes the center crop with a Lanczos filter.

    Differences: The orientation of other formats and the alpha channel of GIF, WebP and BMP files are
    ignored. `zoo.client` reads files with `read_image` before it sends them.

    Args:
        file: Scalar string tensor. Content of a PNG, JPEG, GIF, BMP or WebP file.
        sides: Tuple `(rows, columns)` of the result. `None` keeps the size of the file. Defaults to `None`.
        channels: Integer, 1 or 3. Defaults to 3.

    Returns:
        uint8 tensor `[rows, columns, channels]`.
    """
    is_png = tf.strings.substr(file, 0, 4) == b"\x89PNG"
    is_jpeg = tf.strings.substr(file, 0, 2) == b"\xff\xd8"

    def other() -> tf.Tensor:
        image = tf.io.decode_image(file, 3, expand_animations=False)
        return tf.cast(tf.ensure_shape(image, (None, None, 3)), tf.int32)

    image = tf.cond(is_png, lambda: _png(file), lambda: tf.cond(is_jpeg, lambda: _jpeg(file), other))
    if sides:
        image = _fit(image, *sides)
    if channels == 1:  # ITU-R 601-2 luma in the fixed-point numbers of Pillow
        image = (tf.reduce_sum(image * [19595, 38470, 7471], -1, keepdims=True) + 0x8000) // 0x10000
    return tf.cast(image, tf.uint8)


def _png(file: tf.Tensor) -> tf.Tensor:
    """Returns an int32 RGB image of a PNG file, on white."""
    pixels = tf.cast(tf.io.decode_png(file, 4, tf.uint16), tf.int32)
    header = tf.strings.substr(file, 0, 26) + 26 * b"\0"  # long enough even if the file is cut short
    color = tf.strings.substr(header, 25, 1)  # the color type
    # Pillow keeps 16 bits of gray files, which `read_image` rounds, and the high bytes of all others.
    pixels = tf.where(color == b"\x00", (pixels + 128) // 257, pixels // 256)
    before_pixels = tf.strings.split(file, "IDAT", maxsplit=1)[0]
    keyed = tf.size(tf.strings.split(before_pixels, "tRNS")) > 1
    alpha = tf.where((color == b"\x04") | (color == b"\x06") | keyed, pixels[..., 3:], 255)
    return (pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255


def _jpeg(file: tf.Tensor) -> tf.Tensor:
    """Returns an upright int32 RGB image of a JPEG file."""
    image = tf.cast(tf.io.decode_jpeg(file, 3, dct_method="INTEGER_ACCURATE"), tf.int32)
    orientation = _orientation(file)

    def among(*values: int) -> tf.Tensor:
        return tf.reduce_any(orientation == values)

    image = tf.cond(among(5, 6, 7, 8), lambda: tf.transpose(image, (1, 0, 2)), lambda: image)
    image = tf.cond(among(2, 3, 6, 7), lambda: tf.reverse(image, [1]), lambda: image)
    return tf.cond(among(3, 4, 7, 8), lambda: tf.reverse(image, [0]), lambda: image)


def _orientation(file: tf.Tensor) -> tf.Tensor:
    """Returns the EXIF orientation of a JPEG file, 1 if it has none."""
    content = tf.cast(tf.io.decode_raw(tf.strings.substr(file, 0, 0x10000), tf.uint8), tf.int32)
    content = tf.concat([content, tf.zeros([16], tf.int32)], 0)
    signature = [0xFF, 0xE1, None, None, *b"Exif\0\0"]
    starts = tf.reduce_all(
        [content[i : i - 16] == byte for i, byte in enumerate(signature) if byte is not None], 0
    )
    tiff = tf.reduce_min(tf.where(starts)) + len(signature)

    def number(at: tf.Tensor, size: int) -> tf.Tensor:
        at = tf.clip_by_value(tiff + tf.cast(at, tf.int64), 0, tf.size(content, tf.int64) - size)
        parts = tf.gather(content, at[..., None] + tf.range(size, dtype=tf.int64))
        little = content[tiff] == ord("I")
        return tf.reduce_sum(tf.where(little, parts, parts[..., ::-1]) * [256**i for i in range(size)], -1)

    def parse() -> tf.Tensor:
        directory = number(tf.constant(4), 4)
        entries = directory + 2 + 12 * tf.range(number(directory, 2))
        values = tf.boolean_mask(number(entries + 8, 2), number(entries, 2) == 0x0112)
        return tf.concat([values, [1]], 0)[0]

    return tf.cond(tf.reduce_any(starts), parse, lambda: 1)


def _fit(image: tf.Tensor, rows: int, columns: int) -> tf.Tensor:
    """Crops and resizes an int32 image, as `PIL.ImageOps.fit` with a Lanczos filter."""
    sides = tf.cast(tf.shape(image)[:2], tf.float32)
    height = tf.minimum(sides[0], sides[1] * rows / columns)
    width = tf.minimum(sides[1], sides[0] * columns / rows)
    top, left = (sides[0] - height) / 2, (sides[1] - width) / 2
    image = _resample(image, (tf.shape(image)[0], columns), (1.0, columns / width), (0.0, left))
    return _resample(image, (rows, columns), (rows / height, 1.0), (top, 0.0))


def _resample(image: tf.Tensor, size: tuple, scale: tuple, start: tuple) -> tf.Tensor:
    """Resizes the part of an int32 image that begins at `start`, and rounds."""
    factors = tf.stack(scale)
    image = tf.raw_ops.ScaleAndTranslate(
        images=tf.cast(image, tf.float32)[None],
        size=tf.stack(size),
        scale=factors,
        translation=-factors * tf.stack(start),
        kernel_type="lanczos3",
        antialias=True,
    )[0]
    return tf.cast(tf.clip_by_value(tf.floor(image + 0.5), 0.0, 255.0), tf.int32)

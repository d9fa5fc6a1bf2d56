"""Pictures that people have, read, and pictures for people, of NumPy arrays: grids, animations, curves."""

import pathlib
import struct
import textwrap
import zlib

import numpy as np

from zoo import paths
from zoo.errors import ZooError


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


suffixes = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def read(path, size=None, aspect=1):
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
    from PIL import Image, ImageOps

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


def pillow(image):
    """uint8 [H, W, C] as a Pillow image."""
    from PIL import Image

    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


large = 64_000_000  # pixels from which on a PNG is written by rows


def save(path, image):
    """Writes uint8 [H, W, C], C 1 or 3, in the format that the path's ending names."""
    by_rows = pathlib.Path(path).suffix.lower() == ".png" and image.shape[0] * image.shape[1] >= large
    with paths.whole(path) as file:
        _png_by_rows(file, image) if by_rows else pillow(image).save(file)


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


def animate(path, frames, milliseconds=120):
    """Writes pictures of one size, uint8 [N][H, W, C], as a GIF that loops."""
    if not len(frames):
        return
    first, *rest = [pillow(frame) for frame in frames]
    options = {"save_all": True, "append_images": rest, "duration": milliseconds, "loop": 0}
    with paths.whole(path) as file:
        first.save(file, **options)


def thinned(items, most):
    """At most so many, evenly spaced, the last always among them."""
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).round().astype(int)]


def there_and_back(frames):
    """Frames that go on to the last and return, for an animation that loops without a jump."""
    return [*frames, *frames[-2:0:-1]]


def _figure(**options):
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    return Figure(layout="constrained", **options)


def render(figure):
    """A matplotlib figure as uint8 [H, W, 3]."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def curves(history):
    """The losses over training.

    Args:
        history: {"step": [N], name: [N], …}; names that end in "_loss" share the upper axes.

    Returns:
        uint8 [H, W, 3].
    """
    names = [n for n in history if n != "step"]
    groups = [[n for n in names if n.endswith("_loss")], [n for n in names if not n.endswith("_loss")]]
    groups = [group for group in groups if group]
    figure = _figure(figsize=(8, 3.2 * len(groups)), dpi=100)
    for axes, group in zip(figure.subplots(len(groups), squeeze=False)[:, 0], groups):
        for name in sorted(group, reverse=True):  # generator blue, discriminator orange
            color = {"generator_loss": "tab:blue", "discriminator_loss": "tab:orange"}.get(name)
            axes.plot(history["step"], history[name], label=name, linewidth=1, color=color)
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend()
    return render(figure)


def scatter(real, fake, limits=None):
    """Real and generated points of the plane, [N, 2] each, as uint8 [H, W, 3]. `real` may be None."""
    figure = _figure(figsize=(5, 5), dpi=100)
    axes = figure.subplots()
    if real is not None:
        axes.scatter(*real.T, s=3, c="0.7", label="data")
    axes.scatter(*fake.T, s=3, c="tab:green", label="generator")
    extent = fake if real is None else real
    low, high = limits or (extent.min() * 1.2, extent.max() * 1.2)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.legend(loc="upper right")
    return render(figure)


def scatters(real, fakes):
    """Points of several generators side by side, real ones behind.

    Args:
        real: points of the plane [N, 2].
        fakes: {title: points [M, 2]}.

    Returns:
        uint8 [H, W, 3].
    """
    figure = _figure(figsize=(3 * len(fakes), 3.3), dpi=100)
    low, high = real.min() * 1.2, real.max() * 1.2
    for axes, (title, fake) in zip(figure.subplots(1, len(fakes), squeeze=False)[0], fakes.items()):
        axes.scatter(*real.T, s=3, c="0.75")
        axes.scatter(*fake.T, s=2, c="tab:green")
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal", xticks=[], yticks=[], title=title)
    return render(figure)


def table(images, columns):
    """Pictures with words beside them, as in table 2 of Mirza & Osindero 2014.

    Args:
        images: uint8 [N, H, W, C].
        columns: {title: N texts}.

    Returns:
        uint8 [H', W', 3].
    """
    n = len(images)
    figure = _figure(figsize=(1.2 + 3.4 * len(columns), 0.3 + 1.0 * n), dpi=100)
    grid = figure.subplots(n, 1 + len(columns), squeeze=False, width_ratios=[1] + [3] * len(columns))
    for row, image, *texts in zip(grid, images, *columns.values()):
        row[0].imshow(image, cmap="gray")
        for axes, text in zip(row[1:], texts):
            # Matplotlib's own wrapping knows the figure's edge, not the next column.
            axes.text(0, 0.5, textwrap.fill(text, 45), va="center", fontsize=9)
        for axes in row:
            axes.set_axis_off()
    for axes, title in zip(grid[0, 1:], columns):
        axes.set_title(title, loc="left", fontsize=10)
    return render(figure)


def panels(rows):
    """Pictures with words above them.

    Args:
        rows: [[(words, uint8 [H, W, C]), …], …], equally many a row.

    Returns:
        uint8 [H', W', 3].
    """
    widths = [max(row[i][1].shape[1] for row in rows) for i in range(len(rows[0]))]
    heights = [max(image.shape[0] for _, image in row) for row in rows]
    size = (sum(widths) / 75 + 0.2 * len(widths), sum(heights) / 75 + 0.5 * len(heights))
    figure = _figure(figsize=size, dpi=100)
    grid = figure.subplots(
        len(rows), len(widths), width_ratios=widths, height_ratios=heights, squeeze=False
    )
    for axes, (words, image) in zip(grid.flat, (panel for row in rows for panel in row)):
        axes.imshow(pillow(image), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(words, fontsize=8)
        axes.axis("off")
    return render(figure)


def densities(real, fake, x, verdicts, z=None, mapped=None):
    """Figure 1 of Goodfellow et al. 2014: p_data dotted black, p_g green, D(x) dashed blue.

    Args:
        real, fake: points of the line, [N] each.
        x: where D was asked, increasing [M].
        verdicts: D(x), [M].
        z, mapped: some noise and where G takes it, drawn as arrows from below; or None.

    Returns:
        uint8 [H, W, 3].
    """
    figure = _figure(figsize=(6, 4.5), dpi=100)
    upper, lower = figure.subplots(2, 1, height_ratios=[4, 1], sharex=True)
    bins = np.linspace(x[0], x[-1], 120)
    centres = (bins[1:] + bins[:-1]) / 2
    for values, style, label in (
        (real, "k:", "data density p(x)"),
        (fake, "g-", "generator density p_g(x)"),
    ):
        height, _ = np.histogram(values, bins, density=True)
        kernel = np.exp(-0.5 * np.linspace(-2, 2, 7) ** 2)
        upper.plot(centres, np.convolve(height, kernel / kernel.sum(), "same"), style, label=label)
    upper.plot(x, verdicts, "b--", label="discriminator D(x)")
    upper.axhline(0.5, color="0.8", linewidth=0.8, zorder=0)
    upper.set_ylim(0, 1.25)
    upper.legend(loc="upper right", fontsize=8)
    lower.set(yticks=[0, 1], yticklabels=["z", "x"], xlim=(x[0], x[-1]), ylim=(0, 1))
    if z is not None:
        start = x[0] + (z - z.min()) / (np.ptp(z) + 1e-9) * (x[-1] - x[0])
        for a, b in zip(start, mapped):
            lower.annotate("", (b, 1), (a, 0), arrowprops={"arrowstyle": "->", "lw": 0.5})
    return render(figure)

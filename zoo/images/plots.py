"""Plots as images."""

import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zoo.images.files import to_pillow


def _figure(**options):
    return Figure(layout="constrained", **options)


def render(figure):
    """A matplotlib figure as uint8 [H, W, 3]."""
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
        axes.imshow(to_pillow(image), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
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

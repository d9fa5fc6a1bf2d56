"""Plots as images."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zoo.images.files import to_pillow


def _figure(**options: Any) -> Figure:
    return Figure(layout="constrained", **options)


def render(figure: Figure) -> np.ndarray:
    """Returns a matplotlib figure as a uint8 array `[H, W, 3]`."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def curves(history: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Plots losses and metrics over the steps of training.

    Args:
        history: Dict with the key "step" and the names of the values, and with lists of one length. Names
            that end in "_loss" share the upper axes, all others the lower axes.

    Returns:
        uint8 array `[H, W, 3]`.
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


def sweep(values: Mapping[str, Mapping[float, Sequence[float]]], x_label: str) -> np.ndarray:
    """Plots metrics over a setting, with means and standard deviations over runs.

    Args:
        values: Dict, `{metric: {setting: values of the runs}}`. Settings are positive.
        x_label: String. Name of the setting.

    Returns:
        uint8 array `[H, W, 3]`.
    """
    figure = _figure(figsize=(4.5 * len(values), 3.5), dpi=100)
    for axes, (metric, by_setting) in zip(
        figure.subplots(1, len(values), squeeze=False)[0], values.items()
    ):
        x = sorted(by_setting)
        means = [np.mean(by_setting[k]) for k in x]
        errors = [np.std(by_setting[k], ddof=1) if len(by_setting[k]) > 1 else 0.0 for k in x]
        axes.errorbar(x, means, errors, marker="o", capsize=3)
        axes.set_xscale("log")
        axes.set_xticks(x, [f"{k:g}" for k in x])
        axes.minorticks_off()
        axes.set_xlabel(x_label)
        axes.set_ylabel(metric)
    return render(figure)


def scatter(
    real: np.ndarray | None, fake: np.ndarray, limits: tuple[float, float] | None = None
) -> np.ndarray:
    """Plots real and generated points of the plane.

    Args:
        real: Array `[N, 2]`, or `None` for no real points.
        fake: Array `[M, 2]`.
        limits: Pair `(low, high)` of both axes. `None` for 1.2 times the range of the real points, or of
            the generated points without real points. Defaults to `None`.

    Returns:
        uint8 array `[H, W, 3]`.
    """
    figure = _figure(figsize=(5, 5), dpi=100)
    axes = figure.subplots()
    if real is not None:
        axes.scatter(real[:, 0], real[:, 1], s=3, c="0.7", label="data")
    axes.scatter(fake[:, 0], fake[:, 1], s=3, c="tab:green", label="generator")
    extent = fake if real is None else real
    low, high = limits or (extent.min() * 1.2, extent.max() * 1.2)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.legend(loc="upper right")
    return render(figure)


def scatters(real: np.ndarray, fakes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Plots the points of several generators in a row, over the real points.

    Args:
        real: Array `[N, 2]`.
        fakes: Dict, `{title: points}`, with arrays `[M, 2]`.

    Returns:
        uint8 array `[H, W, 3]`.
    """
    figure = _figure(figsize=(3 * len(fakes), 3.3), dpi=100)
    low, high = real.min() * 1.2, real.max() * 1.2
    for axes, (title, fake) in zip(figure.subplots(1, len(fakes), squeeze=False)[0], fakes.items()):
        axes.scatter(real[:, 0], real[:, 1], s=3, c="0.75")
        axes.scatter(fake[:, 0], fake[:, 1], s=2, c="tab:green")
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal", xticks=[], yticks=[], title=title)
    return render(figure)


def table(images: np.ndarray, columns: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Plots one row per image, with columns of text next to the image.

    Args:
        images: uint8 array `[N, H, W, C]`.
        columns: Dict, `{title: texts}`, with N texts per column.

    Returns:
        uint8 array `[H', W', 3]`.

    Reference:
        Mirza and Osindero, 2014, "Conditional Generative Adversarial Nets", arXiv 1411.1784, table 2.
    """
    n = len(images)
    figure = _figure(figsize=(1.2 + 3.4 * len(columns), 0.3 + 1.0 * n), dpi=100)
    grid = figure.subplots(n, 1 + len(columns), squeeze=False, width_ratios=[1] + [3] * len(columns))
    for row, image, *texts in zip(grid, images, *columns.values()):
        row[0].imshow(image, cmap="gray")
        for axes, text in zip(row[1:], texts):
            # Matplotlib wraps text at the edge of the figure, not at the next column.
            axes.text(0, 0.5, textwrap.fill(text, 45), va="center", fontsize=9)
        for axes in row:
            axes.set_axis_off()
    for axes, title in zip(grid[0, 1:], columns):
        axes.set_title(title, loc="left", fontsize=10)
    return render(figure)


def panels(rows: Sequence[Sequence[tuple[str, np.ndarray]]]) -> np.ndarray:
    """Plots a grid of images with titles.

    Args:
        rows: List of rows, each a list of pairs `(title, image)`. Images are uint8 arrays `[H, W, C]`. All
            rows have the same length.

    Returns:
        uint8 array `[H', W', 3]`.
    """
    widths = [max(row[i][1].shape[1] for row in rows) for i in range(len(rows[0]))]
    heights = [max(image.shape[0] for _, image in row) for row in rows]
    size = (sum(widths) / 75 + 0.2 * len(widths), sum(heights) / 75 + 0.5 * len(heights))
    figure = _figure(figsize=size, dpi=100)
    grid = figure.subplots(
        len(rows), len(widths), width_ratios=widths, height_ratios=heights, squeeze=False
    )
    for axes, (title, image) in zip(grid.flat, (panel for row in rows for panel in row)):
        axes.imshow(to_pillow(image), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(title, fontsize=8)
        axes.axis("off")
    return render(figure)


def densities(
    real: np.ndarray,
    fake: np.ndarray,
    x: np.ndarray,
    verdicts: np.ndarray,
    z: np.ndarray | None = None,
    mapped: np.ndarray | None = None,
) -> np.ndarray:
    """Plots the densities of real and generated points of the line, and the discriminator.

    p_data is dotted black, p_g is green and D(x) is dashed blue.

    Args:
        real: Array `[N]` of real points.
        fake: Array `[N]` of generated points.
        x: Increasing array `[M]`.
        verdicts: Array `[M]`, D(x).
        z: Array `[K]` of noise, drawn as the start points of arrows. `None` for no arrows. Defaults to
            `None`.
        mapped: Array `[K]`, G(z), the end points of the arrows. Defaults to `None`.

    Returns:
        uint8 array `[H, W, 3]`.

    Reference:
        Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, figure 1.
    """
    figure = _figure(figsize=(6, 4.5), dpi=100)
    upper, lower = figure.subplots(2, 1, height_ratios=[4, 1], sharex=True)
    bins = np.linspace(x[0], x[-1], 120)
    centers = (bins[1:] + bins[:-1]) / 2
    for values, style, label in (
        (real, "k:", "data density p(x)"),
        (fake, "g-", "generator density p_g(x)"),
    ):
        height, _ = np.histogram(values, bins, density=True)
        kernel = np.exp(-0.5 * np.linspace(-2, 2, 7) ** 2)
        upper.plot(centers, np.convolve(height, kernel / kernel.sum(), "same"), style, label=label)
    upper.plot(x, verdicts, "b--", label="discriminator D(x)")
    upper.axhline(0.5, color="0.8", linewidth=0.8, zorder=0)
    upper.set_ylim(0, 1.25)
    upper.legend(loc="upper right", fontsize=8)
    lower.set(yticks=[0, 1], yticklabels=["z", "x"], xlim=(x[0], x[-1]), ylim=(0, 1))
    if z is not None and mapped is not None:
        start = x[0] + (z - z.min()) / (np.ptp(z) + 1e-9) * (x[-1] - x[0])
        for a, b in zip(start, mapped):
            lower.annotate("", (b, 1), (a, 0), arrowprops={"arrowstyle": "->", "lw": 0.5})
    return render(figure)

"""Inputs of generators for grids and walks, for any set of priors.

A generator is a function from `{name: values [B, …]}` (seed and conditions, or all priors) to examples,
of a model in training or of a loaded one.
"""

import numpy as np

from zoo.errors import ZooError
from zoo.game.priors import Categorical, Normal, Text, Uniform
from zoo.images import pixels
from zoo.images.sheets import tile


def row_seeds(seed, n):
    """Returns `n` int64 seeds. Fewer seeds are a prefix of more seeds."""
    return np.random.default_rng(seed).integers(2**62, size=n)


most_rows = 32  # of a grid, so that its memory does not grow with the number of classes


def grid_inputs(conditions, rows=10, columns=10, seed=0):
    """Returns the inputs of a grid that shows the effect of the conditions.

    If the conditions contain a category or captions, each row has one value and each column one seed. Only
    the first 32 values are shown. Otherwise each image has its own seed.

    Args:
        conditions: Dict, `{name: prior}`.
        rows: Integer. Number of rows without a category. Defaults to 10.
        columns: Integer. Images per row. Defaults to 10.
        seed: Integer. Random seed of all other values. Defaults to 0.

    Returns:
        Tuple of the inputs, such as `{"seed": int64 [rows · columns], …}`, and the number of columns.

    Raises:
        ZooError: The model needs captions.
    """
    listed = {n: p.listed for n, p in conditions.items() if isinstance(p, (Categorical, Text))}
    if not listed:
        return {"seed": row_seeds(seed, rows * columns)}, columns
    name, values = next(iter(listed.items()))
    values = values[:most_rows]
    if not len(values):
        raise ZooError("The model needs a caption to generate images.", text=...)
    inputs = {"seed": np.tile(row_seeds(seed, columns), len(values))}
    inputs[name] = np.repeat(values, columns)
    for other, prior in conditions.items():
        if other != name:
            inputs[other] = np.tile(
                _fixed(prior, columns, seed, 1), (len(values),) + (1,) * len(prior.shape)
            )
    return inputs, columns


def _fixed(prior, n, *key):
    rng = np.random.default_rng(key)
    if isinstance(prior, Text):
        if not prior.examples:
            raise ZooError("The model needs a caption to generate images.", text=...)
        return rng.choice(prior.listed, n)
    if isinstance(prior, Categorical):
        return _category(prior, n, rng)
    if isinstance(prior, Uniform):
        return rng.uniform(prior.low, prior.high, (n, prior.dim)).astype(np.float32)
    return rng.standard_normal((n, prior.dim)).astype(np.float32)


def _category(prior, n, rng):
    if prior.weights is None:
        return rng.integers(prior.classes, size=n).astype(np.int32)
    weights = np.asarray(prior.weights, np.float64)
    return rng.choice(prior.classes, n, p=weights / weights.sum()).astype(np.int32)


def draw_inputs(priors, n, seed):
    """Returns `n` samples of every prior as NumPy arrays, `{name: values [n, …]}`."""
    return {name: _fixed(prior, n, seed, i) for i, (name, prior) in enumerate(priors.items())}


def traversal_inputs(priors, name, dimension, rows=10, columns=10, seed=0):
    """Returns the inputs of a grid in which one continuous prior moves from left to right.

    All other priors are constant in a row. A category changes from row to row.

    Args:
        priors: Dict, `{name: prior}`.
        name: String. The continuous prior.
        dimension: Integer. The coordinate that moves.
        rows: Integer. Defaults to 10.
        columns: Integer. Defaults to 10.
        seed: Integer. Random seed. Defaults to 0.

    Returns:
        Dict, `{prior: values [rows · columns, …]}`.
    """
    inputs = {n: v.repeat(columns, 0) for n, v in draw_inputs(priors, rows, seed).items()}
    for other, prior in priors.items():
        if isinstance(prior, Categorical):
            inputs[other] = (np.arange(rows) % prior.classes).astype(np.int32).repeat(columns)
    prior = priors[name]
    low, high = (prior.low, prior.high) if isinstance(prior, Uniform) else (-2.0, 2.0)
    inputs[name][:, dimension] = np.tile(np.linspace(low, high, columns), rows)
    return inputs


def code_traversals(trained, seed=0, columns=10):
    """Generates images along each continuous condition of a trained model, from low to high.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        seed: Integer. Random seed. Defaults to 0.
        columns: Integer. Number of rows and of columns. Defaults to 10.

    Returns:
        Dict, `{"<condition>_<i>": uint8 [rows, columns, H, W, C]}`.
    """
    found = {}
    for name, prior in trained.conditions.items():
        for i in range(prior.dim if isinstance(prior, (Uniform, Normal)) else 0):
            inputs = traversal_inputs(trained.priors, name, i, columns, columns, seed)
            images = trained.to_pixels(trained.generate(**inputs))
            found[f"{name}_{i}"] = images.reshape(columns, columns, *images.shape[1:])
    return found


def walk_inputs(priors, noise, stops=5, between=12, seed=0):
    """Returns the inputs of a closed walk through the noise, with constant conditions.

    Normal noise is interpolated on the sphere, uniform noise linearly.

    Args:
        priors: Dict, `{name: prior}`.
        noise: Names of the priors that move.
        stops: Integer. Number of random points on the walk. Defaults to 5.
        between: Integer. Number of steps between two points. Defaults to 12.
        seed: Integer. Random seed. Defaults to 0.

    Returns:
        Dict, `{prior: values [stops · between, …]}`.
    """
    points = draw_inputs(priors, stops, seed)
    inputs = {}
    for name, prior in priors.items():
        if name not in noise:
            inputs[name] = np.repeat(points[name][:1], stops * between, 0)
            continue
        parts = []
        for a, b in zip(points[name], np.roll(points[name], -1, 0)):
            t = np.linspace(0, 1, between, endpoint=False)[:, None]
            parts.append((1 - t) * a + t * b if isinstance(prior, Uniform) else slerp(a, b, t))
        inputs[name] = np.concatenate(parts).astype(np.float32)
    return inputs


def text_walk(trained, texts, steps=10, seed=0):
    """Generates images along lines between the embeddings of captions, with constant noise.

    Args:
        trained: A `zoo.saved.trained.Trained` with the signatures `embed` and `paint`.
        texts: List of strings. At least two captions.
        steps: Integer. Images from one caption to the next, both included. Defaults to 10.
        seed: Integer. Random seed of the noise. Defaults to 0.

    Returns:
        uint8 `[(len(texts) − 1) · steps, H, W, C]`.
    """
    stops = trained.call("embed", text=texts)["embedding"]
    t = np.linspace(0, 1, steps)[:, None]
    path = np.concatenate([(1 - t) * a + t * b for a, b in zip(stops[:-1], stops[1:])])
    noise = {name: trained.priors[name] for name in trained.interface["noise"]}
    held = {name: np.repeat(v, len(path), 0) for name, v in draw_inputs(noise, 1, seed).items()}
    return trained.call("paint", embedding=path, **held)["image"]


def two_stages(rough, fine, columns):
    """Returns one image: enlarged images of the first stage left, of the second right.

    Args:
        rough: uint8 `[rows · columns, h, w, C]`. Images of the first stage.
        fine: uint8 `[rows · columns, H, W, C]`. Images of the second stage.
        columns: Integer. Images per row of each stage.
    """
    stages = pixels.resized(rough, fine.shape[1:3]).numpy(), fine
    sheet = np.concatenate([part.reshape(-1, columns, *part.shape[1:]) for part in stages], 1)
    return tile(sheet.reshape(-1, *sheet.shape[2:]), 2 * columns)


def slerp(a, b, t):
    """Interpolates between two points along the great circle.

    Args:
        a, b: Arrays `[d]`.
        t: Array `[n, 1]` in [0, 1].

    Returns:
        Array `[n, d]`.

    Reference:
        Shoemake, 1985, "Animating Rotation with Quaternion Curves".
    """
    cosine = np.clip(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1)
    angle = np.arccos(cosine)
    if angle < 1e-4:
        return (1 - t) * a + t * b
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)

"""Kernel Inception Distance. Bińkowski et al. 2018, arXiv 1801.01401."""

import numpy as np


def kid(a, b, subsets=100, size=1000, seed=2020):
    """The unbiased squared maximum mean discrepancy for the kernel (xᵀy / d + 1)³.

    Args:
        a, b: features [N, d] and [M, d].
        subsets: how many random subsets it is averaged over.
        size: of each; no more than there are rows.
        seed: decides the subsets.

    Returns:
        (mean, standard deviation over subsets).

    Raises:
        ValueError: fewer than two rows.
    """
    size = min(size, len(a), len(b))
    if size < 2:
        raise ValueError("KID needs at least two rows of features a side.")
    rng = np.random.RandomState(seed)
    values = []
    for _ in range(subsets):
        x = np.float64(a[rng.choice(len(a), size, replace=False)])
        y = np.float64(b[rng.choice(len(b), size, replace=False)])
        values.append(_within(x) + _within(y) - 2 * _kernel(x, y).mean())
    return float(np.mean(values)), float(np.std(values))


def _kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def _within(x):
    """The mean of the kernel over pairs of different rows."""
    k = _kernel(x, x)
    return (k.sum() - np.trace(k)) / (len(x) * (len(x) - 1))

"""Kernel Inception Distance (KID)."""

import numpy as np


def kid(
    a: np.ndarray, b: np.ndarray, subsets: int = 100, size: int = 1000, seed: int = 2020
) -> tuple[float, float]:
    """Computes the Kernel Inception Distance of two arrays of features.

    The distance is the unbiased squared maximum mean discrepancy for the kernel (xᵀy / d + 1)³, averaged
    over random subsets.

    Args:
        a: Float array `[N, d]`.
        b: Float array `[M, d]`.
        subsets: Integer. Number of random subsets. Defaults to 100.
        size: Integer. Number of rows per subset, at most N and M. Defaults to 1000.
        seed: Integer. Random seed of the subsets. Defaults to 2020.

    Returns:
        Pair of the mean and the standard deviation over subsets.

    Raises:
        ValueError: There are fewer than two rows.

    Reference:
        Bińkowski et al., 2018, "Demystifying MMD GANs", arXiv 1801.01401.
    """
    size = min(size, len(a), len(b))
    if size < 2:
        raise ValueError("KID needs at least two rows of features a side.")
    rng = np.random.RandomState(seed)
    values = []
    for _ in range(subsets):
        x = a[rng.choice(len(a), size, replace=False)].astype(np.float64)
        y = b[rng.choice(len(b), size, replace=False)].astype(np.float64)
        values.append(_within(x) + _within(y) - 2 * _kernel(x, y).mean())
    return float(np.mean(values)), float(np.std(values))


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns the kernel of all pairs of rows."""
    return (x @ y.T / x.shape[1] + 1) ** 3


def _within(x: np.ndarray) -> float:
    """Returns the mean of the kernel over pairs of different rows."""
    k = _kernel(x, x)
    return (k.sum() - np.trace(k)) / (len(x) * (len(x) - 1))

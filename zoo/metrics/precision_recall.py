"""Improved precision and recall of features."""

import numpy as np
from sklearn.metrics import pairwise_distances_chunked


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3) -> tuple[float, float]:
    """Computes improved precision and recall.

    Precision is the share of generated examples inside the manifold of the real examples. Recall is the
    share of real examples inside the manifold of the generated examples. A manifold is the union of balls
    around its examples. Each ball reaches to the k-th nearest neighbor in the same array.

    Args:
        real: Float array `[N, d]`. Features of real examples.
        fake: Float array `[M, d]`. Features of generated examples.
        k: Integer. Number of neighbors. Defaults to 3, as in the paper.

    Returns:
        Pair `(precision, recall)`.

    Raises:
        ValueError: An array does not have more than k rows.

    Reference:
        Kynkäänniemi et al., 2019, "Improved Precision and Recall Metric for Assessing Generative Models",
        arXiv 1904.06991, algorithm 1.
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"Precision and recall need more than {k} rows of features a side.")
    return _covered(fake, real, k), _covered(real, fake, k)


def _covered(points: np.ndarray, centers: np.ndarray, k: int) -> float:
    """Returns the share of points in the union of balls around centers."""
    own = pairwise_distances_chunked(centers)
    radii = np.concatenate([np.partition(d, k, axis=1)[:, k] for d in own])  # index 0 is the row itself
    inside = [(d <= radii).any(1) for d in pairwise_distances_chunked(points, centers)]
    return float(np.concatenate(inside).mean())

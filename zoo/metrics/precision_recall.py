"""Improved precision and recall. Kynkäänniemi et al. 2019, arXiv 1904.06991."""

import numpy as np
from sklearn.metrics import pairwise_distances_chunked


def precision_recall(real, fake, k=3):
    """The share of each side that lies in the union of balls around the other's rows.

    A row's ball reaches to its k-th nearest neighbour among its own side (algorithm 1).

    Args:
        real, fake: features [N, d] and [M, d].
        k: 3 in the paper.

    Returns:
        (precision, the share of fakes near real ones; recall, of real ones near fakes).

    Raises:
        ValueError: no more than k rows a side.
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"Precision and recall need more than {k} rows of features a side.")
    return _covered(fake, real, k), _covered(real, fake, k)


def _covered(points, centres, k):
    """The share of `points` in some ball around `centres`."""
    own = pairwise_distances_chunked(centres)
    radii = np.concatenate([np.partition(d, k, axis=1)[:, k] for d in own])  # nearest is itself
    inside = [(d <= radii).any(1) for d in pairwise_distances_chunked(points, centres)]
    return float(np.concatenate(inside).mean())

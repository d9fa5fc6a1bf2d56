"""Fréchet distance between Gaussians fitted to features. Heusel et al. 2017 (there: of Inception).

The number is comparable only where extractor and counts are the same; its name says which.
"""

import numpy as np


def frechet(a, b):
    """‖μ − μ'‖² + Tr(Σ + Σ' − 2 (Σ Σ')^½) for features a [N, d] and b [M, d].

    Raises:
        ValueError: fewer rows than two, or features that are not finite.
    """
    a, b = np.float64(a), np.float64(b)
    if min(len(a), len(b)) < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("The Fréchet distance needs at least two rows of finite features a side.")
    difference = a.mean(0) - b.mean(0)
    s, t = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    s, t = np.atleast_2d(s), np.atleast_2d(t)
    # The trace of the root of Σ Σ' is the sum of the roots of its eigenvalues, which are real and
    # not negative; a matrix root would fail where a feature is constant.
    roots = np.sqrt(np.maximum(np.linalg.eigvals(s @ t).real, 0))
    return float(difference @ difference + np.trace(s + t) - 2 * roots.sum())

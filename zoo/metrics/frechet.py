"""Fréchet distance between Gaussians fitted to features. Heusel et al. 2017, arXiv 1706.08500.

The number is comparable only where extractor and counts are the same; its name says which. With the
Inception network of 2015 it is the FID.
"""

import numpy as np


class Gaussian:
    """Mean and covariance of features that come batch by batch; no row is kept.

    Attributes:
        n: how many rows it was given.
    """

    def __init__(self):
        self.n = 0

    def add(self, features):
        """Takes in rows [B, d].

        Raises:
            ValueError: a value that is not finite.
        """
        x = np.float64(features)
        if not np.isfinite(x).all():
            raise ValueError("The Fréchet distance needs finite features.")
        if not self.n:
            self._origin = x.mean(0)  # near the mean, so that squares lose no digits
            self._sum = np.zeros(x.shape[1])
            self._products = np.zeros((x.shape[1],) * 2)
        x = x - self._origin
        self.n += len(x)
        self._sum += x.sum(0)
        self._products += x.T @ x
        return self

    @property
    def mean(self):
        return self._origin + self._sum / self.n

    @property
    def covariance(self):
        """The unbiased one, [d, d].

        Raises:
            ValueError: fewer rows than two.
        """
        if self.n < 2:
            raise ValueError("The Fréchet distance needs at least two rows of features a side.")
        return (self._products - np.outer(self._sum, self._sum) / self.n) / (self.n - 1)


def between(a, b):
    """‖μ − μ'‖² + Tr(Σ + Σ' − 2 (Σ Σ')^½) for two `Gaussian`s."""
    s, t, difference = a.covariance, b.covariance, a.mean - b.mean
    # The trace of the root of Σ Σ' is the sum of the roots of its eigenvalues, which are real and
    # not negative; a matrix root would fail where a feature is constant.
    roots = np.sqrt(np.maximum(np.linalg.eigvals(s @ t).real, 0))
    return float(difference @ difference + np.trace(s + t) - 2 * roots.sum())


def frechet(a, b):
    """The distance between features a [N, d] and b [M, d].

    Raises:
        ValueError: fewer rows than two, or features that are not finite.
    """
    return between(Gaussian().add(a), Gaussian().add(b))

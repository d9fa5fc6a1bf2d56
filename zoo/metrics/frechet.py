"""Fréchet distance between Gaussians fitted to features.

Distances are comparable only if the feature extractor and the numbers of examples are the same. With
features of the Inception network of 2015 the distance is the FID.

Reference:
    Heusel et al., 2017, "GANs Trained by a Two Time-Scale Update Rule", arXiv 1706.08500.
"""

import numpy as np
import numpy.typing as npt


class Gaussian:
    """Accumulates the mean and covariance of batches of features.

    Attributes:
        n: Integer. Number of rows so far.
    """

    def __init__(self) -> None:
        self.n = 0

    def add(self, features: npt.ArrayLike) -> "Gaussian":
        """Adds a batch of features.

        Args:
            features: Float array `[B, d]`.

        Returns:
            The object itself.

        Raises:
            ValueError: A value is NaN or infinite.
        """
        x = np.asarray(features, np.float64)
        if not np.isfinite(x).all():
            raise ValueError("The Fréchet distance needs finite features.")
        if not self.n:
            self._origin = x.mean(0)  # an offset near the mean, for precision
            self._sum = np.zeros(x.shape[1])
            self._products = np.zeros((x.shape[1],) * 2)
        x = x - self._origin
        self.n += len(x)
        self._sum += x.sum(0)
        self._products += x.T @ x
        return self

    @property
    def mean(self) -> np.ndarray:
        """The mean, `[d]`."""
        return self._origin + self._sum / self.n

    @property
    def covariance(self) -> np.ndarray:
        """The unbiased covariance, `[d, d]`.

        Raises:
            ValueError: There are fewer than two rows.
        """
        if self.n < 2:
            raise ValueError("The Fréchet distance needs at least two rows of features a side.")
        return (self._products - np.outer(self._sum, self._sum) / self.n) / (self.n - 1)


def between(a: Gaussian, b: Gaussian) -> float:
    """Computes the Fréchet distance of two Gaussians.

    `‖μ − μ'‖² + Tr(Σ + Σ' − 2 (Σ Σ')^½)`

    Args:
        a: A `Gaussian`.
        b: A `Gaussian`.

    Returns:
        Non-negative float.

    Raises:
        ValueError: One of them has fewer than two rows.
    """
    s, t, difference = a.covariance, b.covariance, a.mean - b.mean
    # The trace of (Σ Σ')^½ is the sum of the square roots of the eigenvalues of Σ Σ', which are real and
    # not negative. A matrix square root fails if a feature is constant.
    roots = np.sqrt(np.maximum(np.linalg.eigvals(s @ t).real, 0))
    return max(0.0, float(difference @ difference + np.trace(s + t) - 2 * roots.sum()))


def frechet(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Computes the Fréchet distance of Gaussians fitted to two arrays of features.

    Args:
        a: Float array `[N, d]`.
        b: Float array `[M, d]`.

    Returns:
        Non-negative float.

    Raises:
        ValueError: There are fewer than two rows, or a value is NaN or infinite.
    """
    return between(Gaussian().add(a), Gaussian().add(b))

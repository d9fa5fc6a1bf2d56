"""Coverage of the modes of a known mixture.

Two protocols differ in the distance between a sample and a mode:

* Per coordinate: code of the self-conditioned GAN (Liu et al., 2020).
* Euclidean: PacGAN (Lin et al., 2018, section 4.1).
"""

import numpy as np
from scipy.spatial import KDTree


def recovery(
    points: np.ndarray, means: np.ndarray, sigma: float, per_coordinate: bool = True
) -> tuple[int, float, float]:
    """Computes how well samples cover the modes of a mixture.

    A sample has high quality if its distance from the nearest mode is at most 3σ.

    Args:
        points: Float array `[N, d]` of samples.
        means: Float array `[K, d]` of the means of the modes.
        sigma: Float. Standard deviation of each mode in each coordinate.
        per_coordinate: Boolean. If `True`, the distance is the largest difference of a coordinate. If
            `False`, it is the Euclidean distance. Defaults to `True`.

    Returns:
        Tuple of the number of modes with a sample of high quality, the share of samples of high quality,
        and the reverse KL divergence of the nearest modes of all samples in nats.
    """
    points, means = np.asarray(points, np.float64), np.asarray(means, np.float64)
    nearest = nearest_mode(points, means)
    offset = np.abs(points - means[nearest])
    distance = offset.max(1) if per_coordinate else np.sqrt((offset**2).sum(1))
    good = distance <= 3 * sigma
    return len(np.unique(nearest[good])), float(good.mean()), reverse_kl(nearest, len(means))


def coverage(points: np.ndarray, real: np.ndarray, sigma: float) -> float:
    """Computes the share of real points that have a sample within σ/2.

    Args:
        points: Float array `[N, d]` of samples.
        real: Float array `[M, d]` of real points.
        sigma: Float. Standard deviation of each mode in each coordinate.
    """
    distances, _ = KDTree(points).query(real)
    return float((distances <= sigma / 2).mean())


def spread(points: np.ndarray, labels: np.ndarray, sigma: float) -> float:
    """Computes the standard deviation of samples within their groups, in units of σ.

    Args:
        points: Float array `[N, d]` of samples.
        labels: Integer array `[N]`. Groups of the samples, such as nearest modes or clusters.
        sigma: Float. Standard deviation of each mode in each coordinate.

    Returns:
        Float. Square root of the mean variance of a coordinate around the mean of its group.
    """
    points = np.asarray(points, np.float64)
    _, groups = np.unique(labels, return_inverse=True)
    counts = np.bincount(groups)
    means = np.stack([np.bincount(groups, points[:, i]) / counts for i in range(points.shape[1])], 1)
    return float(np.sqrt(((points - means[groups]) ** 2).mean()) / sigma)


def nearest_mode(points: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Returns the nearest mode of each point, an integer array `[N]`."""
    return KDTree(means).query(points)[1]


def reverse_kl(found: np.ndarray, classes: int) -> float:
    """Computes the KL divergence from the frequencies of labels to the uniform distribution.

    `KL(p ‖ uniform) = Σ p ln(K p)`

    Args:
        found: Integer array `[N]`. Labels in 0..classes - 1.
        classes: Integer, K. Number of labels.

    Returns:
        Float, in nats.
    """
    p = np.bincount(found, minlength=classes) / len(found)
    p = p[p > 0]
    return float((p * np.log(classes * p)).sum())

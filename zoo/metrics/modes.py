"""Coverage of the modes of a known mixture.

Two protocols differ in the distance between a sample and a mode:

* Per coordinate: code of the self-conditioned GAN (Liu et al., 2020).
* Euclidean: PacGAN (Lin et al., 2018, section 4.1).
"""

import numpy as np


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
    nearest = ((points[:, None] - means) ** 2).sum(2).argmin(1)
    offset = np.abs(points - means[nearest])
    distance = offset.max(1) if per_coordinate else np.sqrt((offset**2).sum(1))
    good = distance <= 3 * sigma
    return len(np.unique(nearest[good])), float(good.mean()), reverse_kl(nearest, len(means))


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

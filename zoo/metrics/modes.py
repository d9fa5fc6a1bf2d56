"""How many modes of a known mixture samples reach, and how evenly.

Two protocols that differ in what is near a mode: `per_coordinate`, of the self-conditioned GAN's
code (Liu et al. 2020), and Euclidean, of PacGAN (Lin et al. 2018, §4.1).
"""

import numpy as np


def recovery(points, means, sigma, per_coordinate=True):
    """Which modes are there, and how well.

    Args:
        points: samples [N, d].
        means: of the modes [K, d].
        sigma: their standard deviation in each coordinate.
        per_coordinate: whether a sample is of high quality where each coordinate is within 3σ of
            the nearest mode's; else where the Euclidean distance is.

    Returns:
        (modes that have a sample of high quality, the share of such samples,
        reverse KL Σ p ln(K p) in nats over the nearest modes of all samples).
    """
    points, means = np.float64(points), np.float64(means)
    nearest = ((points[:, None] - means) ** 2).sum(2).argmin(1)
    offset = np.abs(points - means[nearest])
    distance = offset.max(1) if per_coordinate else np.sqrt((offset**2).sum(1))
    good = distance <= 3 * sigma
    return len(np.unique(nearest[good])), float(good.mean()), reverse_kl(nearest, len(means))


def reverse_kl(found, classes):
    """KL(p ‖ uniform) = Σ p ln(K p) of labels, int [N] below `classes`; in nats."""
    p = np.bincount(found, minlength=classes) / len(found)
    p = p[p > 0]
    return float((p * np.log(classes * p)).sum())

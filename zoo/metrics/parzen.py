"""Parzen-window log-likelihood, as in the GAN authors' script.

The value is easy to inflate. Compare it with the values of real images and of a trivial generator.

Reference:
    Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, section 5.
"""

import numpy as np
from scipy.special import logsumexp

sigmas = np.logspace(-1, 0, 10)


def squared_distances(x: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Computes the squared Euclidean distances of all pairs of rows.

    Args:
        x: Float array `[N, d]`.
        samples: Float array `[M, d]`.

    Returns:
        float64 array `[N, M]`.
    """
    x, samples = np.asarray(x, np.float64), np.asarray(samples, np.float64)
    squares = (x**2).sum(1)[:, None] + (samples**2).sum(1) - 2 * x @ samples.T
    return np.maximum(squares, 0)


def log_likelihoods(distances: np.ndarray, sigma: float, dimension: int) -> np.ndarray:
    """Computes the log density of a mixture of equal Gaussians around the samples.

    Args:
        distances: Float array `[N, M]`. Squared distances of N points from M samples.
        sigma: Float. Standard deviation of the Gaussians.
        dimension: Integer. Number of coordinates of a point.

    Returns:
        Float array `[N]`.
    """
    terms = -distances / (2 * sigma**2)
    mean = logsumexp(terms, axis=1) - np.log(distances.shape[1])
    return mean - dimension * np.log(sigma * np.sqrt(2 * np.pi))


def parzen(
    samples: np.ndarray, validation: np.ndarray, test: np.ndarray, batch: int = 1000
) -> tuple[float, float, float]:
    """Computes the mean log-likelihood of test images under a Parzen window on samples.

    Args:
        samples: Float array `[M, ...]` in [0, 1]. The authors use 10,000 samples.
        validation: Float array `[N, ...]` in [0, 1]. Images by which σ is chosen from `sigmas`. The authors
            use 1,000 MNIST training images, from number 50,000.
        test: Float array `[K, ...]` in [0, 1]. Test images.
        batch: Integer. Number of test images that are compared at once. Defaults to 1000.

    Returns:
        Tuple of the mean in nats, its standard error over the test images, and σ.
    """
    samples, validation, test = (np.reshape(a, (len(a), -1)) for a in (samples, validation, test))
    d = samples.shape[1]
    near = squared_distances(validation, samples)
    sigma = max(sigmas, key=lambda s: log_likelihoods(near, s, d).mean())
    parts = [
        log_likelihoods(squared_distances(test[i : i + batch], samples), sigma, d)
        for i in range(0, len(test), batch)
    ]
    values = np.concatenate(parts)
    return values.mean(), values.std() / np.sqrt(len(values)), float(sigma)

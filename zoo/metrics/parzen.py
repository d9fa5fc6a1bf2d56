"""Parzen-window log-likelihood, as the GAN authors' script computes it (Goodfellow et al. 2014, §5).

It is easily inflated: print real images as "samples" and a trivial generator beside any reading.
"""

import numpy as np
from scipy.special import logsumexp

sigmas = np.logspace(-1, 0, 10)


def squared_distances(x, samples):
    """‖x_i − s_j‖²: float64 [N, M] from vectors [N, d] and [M, d]."""
    x, samples = np.float64(x), np.float64(samples)
    squares = (x**2).sum(1)[:, None] + (samples**2).sum(1) - 2 * x @ samples.T
    return np.maximum(squares, 0)


def log_likelihoods(distances, sigma, dimension):
    """log of the mean of Gaussians of width σ at the samples, for each row of distances: [N]."""
    terms = -distances / (2 * sigma**2)
    mean = logsumexp(terms, axis=1) - np.log(distances.shape[1])
    return mean - dimension * np.log(sigma * np.sqrt(2 * np.pi))


def parzen(samples, validation, test, batch=1000):
    """The mean log-likelihood of test images under a Parzen window on samples.

    Args:
        samples: in [0, 1], [M, …]; the script takes 10,000.
        validation: images in [0, 1] by which σ is chosen from `sigmas`; the script takes the first
            1,000 of training images 50,000 to 60,000.
        test: images in [0, 1].
        batch: test images at a time.

    Returns:
        (mean in nats, its standard error over the test images, σ).
    """
    flat = [np.reshape(a, (len(a), -1)) for a in (samples, validation, test)]
    samples, validation, test = flat
    d = samples.shape[1]
    near = squared_distances(validation, samples)
    sigma = max(sigmas, key=lambda s: log_likelihoods(near, s, d).mean())
    parts = [
        log_likelihoods(squared_distances(test[i : i + batch], samples), sigma, d)
        for i in range(0, len(test), batch)
    ]
    values = np.concatenate(parts)
    return values.mean(), values.std() / np.sqrt(len(values)), float(sigma)

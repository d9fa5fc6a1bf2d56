"""Inception Score. Salimans et al. 2016, arXiv 1606.03498, equation in §4."""

import numpy as np
from scipy.special import log_softmax


def inception_score(logits, splits=10, seed=2020):
    """exp E KL(p(y|x) ‖ p(y)), of parts of the samples in random order.

    Args:
        logits: [N, classes].
        splits: how many parts.
        seed: decides the order.

    Returns:
        (mean, standard deviation over parts).

    Raises:
        ValueError: fewer samples than parts.
    """
    n = len(logits)
    if n < splits:
        raise ValueError(f"An Inception Score over {splits} parts needs as many samples, not {n}.")
    log_p = log_softmax(np.float64(logits)[np.random.RandomState(seed).permutation(n)], axis=1)
    scores = []
    for i in range(splits):
        part = log_p[i * n // splits : (i + 1) * n // splits]
        marginal = np.log(np.exp(part).mean(0))
        scores.append(np.exp((np.exp(part) * (part - marginal)).sum(1).mean()))
    return float(np.mean(scores)), float(np.std(scores))

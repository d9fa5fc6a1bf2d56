"""Inception Score (IS)."""

import numpy as np
from scipy.special import log_softmax


def inception_score(logits: np.ndarray, splits: int = 10, seed: int = 2020) -> tuple[float, float]:
    """Computes the Inception Score, `exp E KL(p(y|x) ‖ p(y))`.

    The samples are shuffled and divided into splits. Each split has its own score.

    Args:
        logits: Float array `[N, classes]`.
        splits: Integer. Number of splits. Defaults to 10.
        seed: Integer. Random seed of the order. Defaults to 2020.

    Returns:
        Pair of the mean and the standard deviation over splits.

    Raises:
        ValueError: There are fewer samples than splits.

    Reference:
        Salimans et al., 2016, "Improved Techniques for Training GANs", arXiv 1606.03498, section 4.
    """
    n = len(logits)
    if n < splits:
        raise ValueError(f"An Inception Score over {splits} parts needs as many samples, not {n}.")
    log_p = log_softmax(np.asarray(logits, np.float64)[np.random.RandomState(seed).permutation(n)], axis=1)
    scores = []
    for i in range(splits):
        part = log_p[i * n // splits : (i + 1) * n // splits]
        marginal = np.log(np.exp(part).mean(0))
        scores.append(np.exp((np.exp(part) * (part - marginal)).sum(1).mean()))
    return float(np.mean(scores)), float(np.std(scores))

"""Value of the minimax game and its theoretical optimum.

If p_g = p, the optimal discriminator is 1/2 everywhere and V = −log 4.

Reference:
    Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, section 4.
"""

import numpy as np
import numpy.typing as npt

optimum = -np.log(4)


def value(real_scores: npt.ArrayLike, fake_scores: npt.ArrayLike) -> float:
    """Computes V(D, G) = E log D(x) + E log(1 − D(G(z))).

    Args:
        real_scores: Array in (0, 1). D(x) of real examples.
        fake_scores: Array in (0, 1). D(G(z)) of generated examples.

    Returns:
        Float. At the optimum it is `optimum`.
    """
    real, fake = np.asarray(real_scores, np.float64), np.asarray(fake_scores, np.float64)
    return float(np.log(real).mean() + np.log1p(-fake).mean())


def optimal_discriminator(p: np.ndarray, p_g: np.ndarray) -> np.ndarray:
    """Computes the optimal discriminator of two densities, p / (p + p_g) (proposition 1).

    Args:
        p: Array of any shape. Density of the data at some points.
        p_g: Array of the same shape. Density of the generated examples at these points.
    """
    return p / (p + p_g)

"""Where the two-player game stands, against what theory says of its end.

At p_g = p the optimal D is 1/2 everywhere and V = −log 4. Goodfellow et al. 2014, §4.
"""

import numpy as np

optimum = -np.log(4)


def value(real_scores, fake_scores):
    """V(D, G) = E log D(x) + E log(1 − D(G(z))), from D's probabilities on both."""
    real, fake = np.float64(real_scores), np.float64(fake_scores)
    return float(np.log(real).mean() + np.log1p(-fake).mean())


def optimal_discriminator(p, p_g):
    """D*(x) = p(x) / (p(x) + p_g(x)). Proposition 1."""
    return p / (p + p_g)

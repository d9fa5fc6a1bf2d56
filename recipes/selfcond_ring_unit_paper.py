"""Self-Conditioned GAN on a ring of eight Gaussians of radius 1.

Liu et al. 2020, arXiv 2006.10728, section 4.1: 100,000 steps, and the weights of the last step. The
radius is that of the paper.

Differences from the paper: none.
"""

import dataclasses

from selfcond_ring_paper import recipe as ring

recipe = dataclasses.replace(ring, dataset="gaussians/ring_unit")

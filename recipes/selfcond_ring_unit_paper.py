"""Self-Conditioned GAN on a ring of eight Gaussians of radius 1.

Liu et al. 2020, arXiv 2006.10728, section 4.1: 100,000 steps, and the weights of the last step. The
radius is that of the paper.

Differences from the paper: none.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="selfcond",
    dataset="gaussians/ring_unit",
    batch_size=100,
    steps=100_000,
    period=5000,
    steps_per_execution=50,
    precision="float32",  # bfloat16 rounds a coordinate of 1.4 by up to 0.004, and σ is 0.01
    optimizers={"discriminator": adam(1e-4, 0.8), "generator": adam(1e-4, 0.8)},
    half_weights=True,
    metrics=("mode_recovery", "cluster_agreement"),
    published={"modes recovered": "8", "high quality": "0.995", "reverse KL": "0.0014"},
)

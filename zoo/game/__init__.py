"""Adversarial training: steps, losses, optimizers, priors and randomness."""

"""Stacked MNIST."""

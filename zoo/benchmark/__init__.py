"""Benchmarks of training and of exported models."""

"""Metrics of samples, features and labels, as functions of arrays."""

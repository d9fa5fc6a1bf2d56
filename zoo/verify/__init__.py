"""Verification of published results."""

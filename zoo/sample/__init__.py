"""Samples of trained models."""

"""Experiments that look inside trained models."""

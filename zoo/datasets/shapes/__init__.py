"""Scenes of geometric shapes."""

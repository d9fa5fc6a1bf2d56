"""Tagging of images."""

"""Evaluation of trained models, of folders of images, and suites of comparisons."""

"""Where the recipes and the trained models are, installed or in a clone."""

import pathlib

_package = pathlib.Path(__file__).resolve().parent


def _beside_or_inside(folder):
    """In a clone `folder` stands beside the package; installed, setup.cfg puts it inside."""
    inside = _package / folder
    return inside if inside.is_dir() else _package.parent / folder


recipes = _beside_or_inside("recipes")
saved_models = _beside_or_inside("saved_models")

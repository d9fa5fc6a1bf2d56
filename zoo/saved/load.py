"""Finds and loads trained models."""

import os
import pathlib

from zoo import paths, recipe
from zoo.commands import spelling
from zoo.errors import ZooError, unknown
from zoo.saved.card import Card, list_trained, versions
from zoo.saved.trained import Trained


def load(name: str | os.PathLike[str]) -> Trained:
    """Loads a trained model.

    Args:
        name: A name in `list_trained()`, or the path of a run or of a folder with versions.

    Returns:
        A `Trained`, or the subclass for the task of the model.

    Raises:
        ZooError: The model does not exist, or its files are damaged.
    """
    folder = folder_of(name)
    return Trained.kinds.get(Card.read(folder).task, Trained)(folder)


def folder_of(name: str | os.PathLike[str]) -> pathlib.Path:
    """Returns the folder with the versions of a trained model. See `load`."""
    folder = pathlib.Path(name).expanduser()
    if not versions(folder):
        folder = folder / "saved_model"  # of a run
    if not versions(folder):
        folder = paths.saved_models / str(name)
    if os.sep in str(name) and not versions(folder):
        raise ZooError(
            f"There is no trained model in {name}. Train one ({spelling.command('train', {'out': name})}), "
            "or correct the path."
        )
    if not versions(folder):
        if name in recipe.list_recipes():
            raise ZooError(
                f"{name} is a recipe without a shipped model. Train it "
                f"({spelling.command('train', {'model': name})}) and load the run: zoo.load('runs/{name}')."
            )
        raise unknown("trained model", str(name), list_trained())
    return folder

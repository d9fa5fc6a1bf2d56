"""The facts that a report shows."""

import contextlib
import dataclasses
import pathlib

from zoo import recipe
from zoo.errors import ZooError
from zoo.saved.card import Card
from zoo.tasks import load
from zoo.tasks.generation.album import write_album
from zoo.train.history import columns, read_rows


@dataclasses.dataclass(frozen=True)
class Account:
    """What there is to tell of a run.

    Attributes:
        recipe: its `Recipe`, resolved.
        card: of its exported model, or None before there is one.
        history: {"step": […], "seconds": […], loss: […], …}; None where it was not kept.
        stages: paths of the pictures made during training, in their order.
        shown: paths of other pictures.
    """

    recipe: recipe.Recipe
    card: Card | None
    history: dict | None
    stages: list
    shown: list


def of_run(folder, album):
    """The account of a run folder, finished or not.

    Args:
        folder: where `python -m zoo.train` wrote.
        album: a folder for pictures of what the model can do, where it is exported.

    Raises:
        ZooError: there is no run, or it cannot be read.
    """
    folder = pathlib.Path(folder)
    if not (folder / "recipe.json").is_file():
        raise ZooError(f"{folder} holds no run: recipe.json is missing. Give the folder of a training.")
    made = recipe.Recipe.read(folder / "recipe.json")
    finished = (folder / "saved_model" / "card.json").is_file()
    shown, card = _album(folder, album) if finished else ([], None)
    stages = sorted((folder / "samples").glob("step_*.png"))
    shown += [path for path in [folder / "samples.gif"] if path.is_file()]
    history = columns(read_rows(folder / "history.csv")) or None
    return Account(made, card, history, stages, shown)


def of_model(name, album):
    """The account of a trained model without its run: its card, its pictures, and what it can do.

    Args:
        name: what `zoo.load` takes.
        album: as for `of_run`.

    Raises:
        ZooError: there is no such model.
    """
    shown, card = _album(name, album)
    return Account(recipe.Recipe.restore(card.recipe), card, None, [], shown)


def _album(name, out):
    """Pictures of what a trained model can do, those that lie beside its card first; and the card."""
    trained = load(name)
    shown = sorted(trained.folder.glob("*.png"))
    if "sample" in trained.signatures:
        with contextlib.suppress(ZooError):  # of points that are not of the plane there are no pictures
            shown += write_album(trained, out)
    return shown, trained.card

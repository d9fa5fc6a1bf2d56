"""Facts of a report."""

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
    """The facts of a run.

    Attributes:
        recipe: The resolved `Recipe`.
        card: The `Card` of the exported model, or None.
        history: Dict, `{"step": […], "seconds": […], loss: […], …}`, or None.
        stages: List of paths of the images that were made during training, in their order.
        shown: List of paths of other images.
    """

    recipe: recipe.Recipe
    card: Card | None
    history: dict | None
    stages: list
    shown: list


def of_run(folder, album):
    """Returns the facts of a run folder, finished or not.

    Args:
        folder: Path of the run folder.
        album: Path of a folder for images of the exported model.

    Raises:
        ZooError: The folder is not a run, or is unreadable.
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
    """Returns the facts of a trained model without its run.

    Args:
        name: String. See `zoo.load`.
        album: Path of a folder for images of the model.

    Raises:
        ZooError: The model does not exist.
    """
    shown, card = _album(name, album)
    return Account(recipe.Recipe.restore(card.recipe), card, None, [], shown)


def _album(name, out):
    """Returns the images of a trained model and its card. Images next to the card are first."""
    trained = load(name)
    shown = sorted(trained.folder.glob("*.png"))
    if "sample" in trained.signatures:
        with contextlib.suppress(ZooError):  # of points that are not of the plane there are no pictures
            shown += write_album(trained, out)
    return shown, trained.card

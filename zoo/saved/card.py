"""Model cards: the recipe, the signatures and the results of trained models.

A card is `card.json` next to the versions of a model. Its `format` is a number that grows when fields
change their meaning.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
from typing import Any, Protocol, get_type_hints

from zoo import paths
from zoo.errors import ZooError
from zoo.recipe import Recipe

FORMAT = 1


@dataclasses.dataclass
class Card:
    """The card of a trained model.

    Attributes:
        name: String. Name of the model.
        task: String. Task of the model, which decides the methods of a loaded model. See `zoo/tasks`.
        recipe: Dict. The resolved recipe.
        data: Dict with the name, the number of examples and the classes of the training data, and the form
            that the model reads.
        interface: Dict. Facts about the inputs of the signatures. See `Adversarial.describe`.
        signatures: Dict, `{name: {"inputs": …, "outputs": …}}` with dtypes and shapes.
        files: Dict, `{path: SHA-256}` of the version that the card describes.
        summary: String. First line of the recipe.
        command: String. Command that trains the model again.
        training: Dict with the duration, the machine and the versions of TensorFlow and Keras.
        results: List of records. See `zoo.metrics.record`.
        version: Integer. Version that the card describes, or 0 if the card does not name it.
        format: Integer. Version of this form.
        others: Dict of fields that this version of zoo does not know. They are kept.
    """

    name: str
    task: str
    recipe: dict
    data: dict
    interface: dict
    signatures: dict
    files: dict
    summary: str = ""
    command: str = ""
    training: dict = dataclasses.field(default_factory=dict)
    results: list = dataclasses.field(default_factory=list)
    version: int = 0
    format: int = FORMAT
    others: dict = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> "Card":
        """Reads the card in a folder.

        Raises:
            ZooError: The card is unreadable, incomplete, or of another format.
        """
        folder = pathlib.Path(folder)
        try:
            fields = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ZooError(f"The card of {folder} cannot be read: {error}") from error
        if not isinstance(fields, dict):
            raise ZooError(f"The card of {folder} is not a JSON object. Copy it again.")
        found = fields.get("format", 0)
        if not isinstance(found, int):
            raise ZooError(f"The format in the card of {folder} is not an integer. Copy it again.")
        if found > FORMAT:
            raise ZooError(
                f"{folder} was made by a newer version of zoo (card format {found}). Upgrade zoo."
            )
        if found < FORMAT:
            raise ZooError(
                f"{folder} was made by an older version of zoo (no card format). Train it again."
            )
        known = {field.name: field for field in dataclasses.fields(cls) if field.name != "others"}
        none = dataclasses.MISSING
        required = [
            name for name, field in known.items() if field.default is none and field.default_factory is none
        ]
        missing = [name for name in required if name not in fields]
        if missing or not fields["files"]:
            raise ZooError(f"The card of {folder} lacks {', '.join(missing or ['files'])}. Copy it again.")
        for name, kind in get_type_hints(cls).items():
            if name in known and name in fields and not isinstance(fields[name], kind):
                raise ZooError(f"{name} in the card of {folder} is not a {kind.__name__}. Copy it again.")
        others = {name: value for name, value in fields.items() if name not in known}
        return cls(**{name: value for name, value in fields.items() if name in known}, others=others)

    def plain(self) -> dict[str, Any]:
        """Returns the card as JSON stores it."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        others = fields.pop("others")
        return {"format": fields.pop("format"), **fields, **others}

    def write(self, folder: str | os.PathLike[str]) -> None:
        """Replaces the card in a folder."""
        with paths.whole(pathlib.Path(folder) / "card.json") as file:
            file.write_text(json.dumps(self.plain(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class HasCard(Protocol):
    """An object with a card, such as a `Trained`."""

    card: Card


def recipe_of(trained: HasCard) -> Recipe:
    """Returns the `Recipe` that a model was trained by."""
    return Recipe.restore(trained.card.recipe)


def checksums(version: pathlib.Path) -> dict[str, str]:
    """Returns `{path: SHA-256}` of the files of a version."""
    return {
        str(p.relative_to(version)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(version.rglob("*"))
        if p.is_file()
    }


def lock(folder: str | os.PathLike[str]) -> contextlib.AbstractContextManager[None]:
    """Returns a context that reserves a folder of versions for this process, after a minute's wait at most.

    Raises:
        ZooError: Another process writes in the folder for longer.
    """
    return paths.locked(folder, 60, f"Another command writes in {folder}. Wait until it ends.")


def damage(version: str | os.PathLike[str], card: Card) -> list[str]:
    """Returns the files of a version that are missing or differ from its card."""
    version = pathlib.Path(version)
    now = checksums(version)
    return [name for name, digest in card.files.items() if now.get(name) != digest]


def versions(folder: str | os.PathLike[str]) -> list[int]:
    """Returns the numbers of the versions in a folder."""
    folder = pathlib.Path(folder)
    return [int(p.name) for p in folder.iterdir() if p.name.isdigit()] if folder.is_dir() else []


def list_trained() -> list[str]:
    """Returns the names of the trained models that ship, sorted."""
    return sorted(p.parent.name for p in paths.saved_models.glob("*/card.json"))

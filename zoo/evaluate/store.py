"""Storage of evaluation records."""

import json
import os
import pathlib

from zoo import paths
from zoo.errors import ZooError, explained
from zoo.saved.card import Card, lock


def store(results, trained, output=None):
    """Writes records into a file, or into the model's card.

    Args:
        results: List of records.
        trained: The `zoo.saved.trained.Trained`. May be None if `output` is given.
        output: Path of a JSON file. Defaults to the card.

    Returns:
        Path of the file.

    Raises:
        ZooError: The file is not writable, or the model has been exported again since it was loaded.
    """
    path = pathlib.Path(output) if output else trained.folder / "card.json"
    with explained(output=...):
        if output:
            with paths.whole(path) as file:
                file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        else:
            with lock(trained.folder):
                _store_in_card(results, trained)
    return path


def _store_in_card(results, trained):
    card = Card.read(trained.folder)  # others may have written it since, too
    if card.files != trained.card.files:
        raise ZooError(
            f"{trained.folder} was exported again during the evaluation, so the results belong to "
            "the previous export. Run the evaluation again."
        )
    measured = {r["metric"] for r in results}
    card.results = [r for r in card.results if r["metric"] not in measured] + results
    card.write(trained.folder)


def ships(trained):
    """Returns whether a model is one of those that ship with zoo."""
    return trained.folder.resolve().parent == paths.saved_models.resolve()


def default_output(trained, dataset=None):
    """Returns the default file of records, or None for the model's card.

    Records of a shipped model, or of other data than the model's own, do not go into the card.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        dataset: String. Data that replaces the model's own. Defaults to None.
    """
    if dataset:
        return os.path.join("evaluations", f"{trained.name}_{pathlib.Path(dataset).name}.json")
    return os.path.join("evaluations", f"{trained.name}.json") if ships(trained) else None

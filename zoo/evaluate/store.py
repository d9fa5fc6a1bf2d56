"""Where records of an evaluation are stored."""

import json
import os
import pathlib

from zoo import paths
from zoo.errors import ZooError
from zoo.saved.card import Card


def store(results, trained, output=None):
    """Writes records where they are asked for: into a file, or into the model's card.

    Returns:
        The path written.

    Raises:
        ZooError: it cannot be written, or the model is no longer the one that was measured.
    """
    path = pathlib.Path(output) if output else trained.folder / "card.json"
    try:
        if output:
            with paths.whole(path) as file:
                file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
        else:
            card = Card.read(trained.folder)  # others may have written it since, too
            if card.files != trained.card.files:
                raise ZooError(
                    f"The results are above, but {trained.folder} was exported anew meanwhile: they are "
                    "of the model before. Measure again."
                )
            measured = {r["metric"] for r in results}
            card.results = [r for r in card.results if r["metric"] not in measured] + results
            card.write(trained.folder)
    except OSError as error:
        raise ZooError(
            f"The results are above, but {path} cannot be written ({error.strerror}).", output=...
        ) from error
    return path


def ships(trained):
    """Whether a model is one of those that came with the zoo."""
    return trained.folder.resolve().parent == paths.saved_models.resolve()


def default_output(trained, dataset=None):
    """Where records go unless told: a shipped model's card stays as it was published, and figures of other
    data than a model's own take no place of its own in a run's. None: the run's card."""
    if dataset:
        return os.path.join("evaluations", f"{trained.name}_{pathlib.Path(dataset).name}.json")
    return os.path.join("evaluations", f"{trained.name}.json") if ships(trained) else None

"""Model cards and the versions next to them."""

import hashlib
import json
import pathlib

from zoo import paths
from zoo.recipe import Recipe


def recipe_of(trained):
    """The recipe that a model was trained by, from its card."""
    return Recipe.restore(trained.card["recipe"])


def checksums(version):
    return {
        str(p.relative_to(version)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(version.rglob("*"))
        if p.is_file()
    }


def damage(version, card):
    """The files of a version that are missing or not those of its card."""
    version = pathlib.Path(version)
    now = checksums(version)
    return [name for name, digest in card.get("files", {}).items() if now.get(name) != digest]


def write_card(folder, card):
    """Replaces a model's card."""
    with paths.whole(pathlib.Path(folder) / "card.json") as file:
        file.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")


def versions(folder):
    folder = pathlib.Path(folder)
    return [int(p.name) for p in folder.iterdir() if p.name.isdigit()] if folder.is_dir() else []


def list_trained():
    """The names of the trained models that ship, sorted."""
    return sorted(p.parent.name for p in paths.saved_models.glob("*/card.json"))

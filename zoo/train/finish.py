"""The export at the end of a run."""

import os
import platform
import shutil

import keras
import tensorflow as tf

from zoo.commands.spelling import command_of
from zoo.models.build import build_for_export, model_reads
from zoo.saved.card import versions
from zoo.saved.export import export_model


def export_run(model, recipe, data, out, seconds, facts=None, name=None):
    """Exports the model of a run in float32, for one device.

    The weights are the averaged ones, if the recipe has an `average`.

    Args:
        model: The trained `Adversarial`.
        recipe: A `Recipe`.
        data: The data of the recipe.
        out: Path of the run folder.
        seconds: Float. Duration of the training.
        facts: Dict of further facts about the training, for the model card.
        name: String. Name of the model. Defaults to the name of the run folder.

    Returns:
        Path of the version of the SavedModel.
    """
    plain = build_for_export(recipe, data.shape, data.classes)
    plain.names = data.names
    with model.averaged():
        for side, networks in model.sides.items():
            for network, copy in zip(networks, plain.sides[side]):
                copy.set_weights(network.get_weights())
        for kept, copy in zip(model.memory, plain.memory):
            copy.set_weights(kept.get_weights())
    if recipe.average:
        plain.recalibrate_batch_norm(data, min(recipe.batch_size, 64))
    folder = out / "saved_model"
    folder.mkdir(parents=True, exist_ok=True)
    before = [folder / str(number) for number in versions(folder)]
    card = {
        "name": name or out.resolve().name,
        "summary": recipe.summary,
        "command": command_of(recipe),
        "recipe": recipe.plain(),
        "data": {
            "name": data.name,
            "count": data.count,
            "classes": data.classes,
            "names": data.names and list(data.names),
            "shape": list(data.shape),
            "splits": list(data.origin.splits),
            "reads": model_reads(recipe.model),
        },
        "training": {
            "seconds": round(seconds),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            **(facts or {}),
        },
    }
    version = export_model(plain, folder, card, recipe.export, recipe.half_weights)
    for old in before:  # there until now, for those who read it
        shutil.rmtree(old, ignore_errors=True)
    return version

"""Keras models with the weights of trained models."""

import concurrent.futures
import functools
import random

import keras
import tensorflow as tf

from zoo.errors import ZooError, explained, unknown
from zoo.models.build import build_for_export, list_models
from zoo.networks import pretrained
from zoo.saved.card import recipe_of, versions
from zoo.saved.export import export_model, new_folder, signature_functions
from zoo.saved.load import folder_of
from zoo.tasks import load


def rebuild(trained):
    """Returns the Keras model of a trained model, in float32.

    Args:
        trained: A `Trained`.

    Returns:
        The `Adversarial` of the card's recipe. Networks that no signature uses do not have trained weights.

    Raises:
        ZooError: The weights do not fit the networks that this version of zoo builds.
    """
    made = recipe_of(trained)
    shape, classes = trained.interface["x_shape"], trained.card.data["classes"]
    model = build_for_export(made, shape, classes)
    model.names = trained.card.data.get("names") if "labels" in trained.signatures else None
    # A signature reads its variables in the order in which its graph was made, which is the same again.
    names = trained.own_signatures()
    concrete, _, wanted = signature_functions(model, names, made.half_weights)
    stored = {id(v.handle): v for v in trained.variables}
    for name, function in concrete.items():
        variables = [wanted[id(h)][1] for h in function.captured_inputs if id(h) in wanted]
        values = [stored[id(h)] for h in trained.signatures[name].captured_inputs if id(h) in stored]
        if [v.shape for v in variables] != [v.shape for v in values]:
            raise ZooError(
                f"The weights in {trained.folder} do not fit {made.model} of this version. Train it again."
            )
        for variable, value in zip(variables, values):
            variable.assign(tf.cast(value, variable.dtype))
    for name, prior in trained.priors.items():
        if isinstance(getattr(model.priors[name], "weights", None), keras.Variable):
            model.priors[name].weights.assign(prior.weights)  # which signatures leave to the card
    return model


def re_export(trained, out, names=None, half=None, name=None):
    """Exports a trained model again, with the current graph and signatures.

    Args:
        trained: A `Trained`.
        out: Path. Folder in which the model's folder is made or extended by a version.
        names: Iterable of strings. Signatures to export. Defaults to all.
        half: Boolean. Whether the weights are stored as float16. Defaults to the recipe's setting.
        name: String. New name of the model. Defaults to the name of the trained model.

    Returns:
        Path of the new version.

    Raises:
        ZooError: An unknown signature, a model of a user's file, weights that do not fit, or an `out` that
            is not writable.
    """
    half = recipe_of(trained).half_weights if half is None else half
    there = trained.own_signatures()
    for signature in names or ():
        if signature not in there:
            raise unknown(f"signature of {trained.name} named", signature, there)
    names = names or there
    name = name or trained.name
    card = {**vars(trained.card), "name": name, "recipe": {**trained.card.recipe, "half_weights": half}}
    if card["recipe"]["model"] not in list_models():
        raise ZooError(
            f"The model of {trained.name} is defined in a file of yours. Copy its export.", as_it_is=True
        )
    with explained(out=...):
        return export_model(rebuild(trained), new_folder(out, name, trained), card, names, half)


def open_trained(name):
    """Returns the Keras model of a trained model, on one device even inside a strategy's scope.

    A strategy's variables do not have the handles by which `rebuild` finds them. Scopes belong to a thread.
    The model is kept and returned again. The random seeds of other initial weights do not depend on it.

    Args:
        name: String. Its name or its run folder.
    """
    folder = folder_of(name)
    times = [(folder / str(version)).stat().st_mtime_ns for version in sorted(versions(folder))]
    state = random.getstate()  # from which Keras draws the seeds of initial weights
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            return thread.submit(_opened, folder, *times).result()
    finally:
        random.setstate(state)


@functools.lru_cache(maxsize=8)
def _opened(folder, *times):
    """Returns the Keras model of a folder, whose versions have these times of modification."""
    return rebuild(load(folder))


pretrained.open_trained = open_trained

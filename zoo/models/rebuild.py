"""Keras models with the weights of trained ones."""

import pathlib

import keras
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.models.build import build_for_export, list_models
from zoo.networks import pretrained
from zoo.saved.card import recipe_of
from zoo.saved.export import export_model, signature_functions
from zoo.tasks import load


def rebuild(trained):
    """The Keras model of a trained one, in float32, for what its signatures do not offer.

    Args:
        trained: a `Trained`.

    Returns:
        The `Adversarial` of the card's recipe. Networks that no signature uses have no trained weights.

    Raises:
        ZooError: the weights do not fit the recipe any more.
    """
    made = recipe_of(trained)
    shape, classes = trained.interface["x_shape"], trained.card.data["classes"]
    model = build_for_export(made, shape, classes)
    # A signature reads its variables in the order in which its graph was made, which is the same again.
    names = trained.own_signatures()
    concrete, _, wanted = signature_functions(model, names, made.half_weights)
    stored = {id(v.handle): v for v in trained.variables}
    for name, function in concrete.items():
        variables = [wanted[id(h)][1] for h in function.captured_inputs if id(h) in wanted]
        values = [stored[id(h)] for h in trained.signatures[name].captured_inputs if id(h) in stored]
        if [v.shape for v in variables] != [v.shape for v in values]:
            raise ZooError(f"{made.model} is no longer built as {trained.folder} was. Train it anew.")
        for variable, value in zip(variables, values):
            variable.assign(tf.cast(value, variable.dtype))
    for name, prior in trained.priors.items():
        if isinstance(getattr(model.priors[name], "weights", None), keras.Variable):
            model.priors[name].weights.assign(prior.weights)  # which signatures leave to the card
    return model


def re_export(trained, out, names=None, half=None):
    """Exports a trained model again, with the graph and the signatures that the zoo gives it now.

    Args:
        trained: a `Trained`.
        out: where its folder is made, or a version added to it.
        names: which of its signatures; None: all.
        half: whether the weights are stored as float16; None: as before.

    Returns:
        The path of the version.

    Raises:
        ZooError: a signature that it does not have, for which there may be no trained weights; what
            `rebuild` raises, or a place that cannot be written.
    """
    half = recipe_of(trained).half_weights if half is None else half
    there = trained.own_signatures()
    for name in names or ():
        if name not in there:
            raise unknown(f"signature of {trained.name} named", name, there)
    names = names or there
    card = {**vars(trained.card), "recipe": {**trained.card.recipe, "half_weights": half}}
    if card["recipe"]["model"] not in list_models():
        raise ZooError(
            f"The model of {trained.name} is defined in a file of yours. Copy its export.", as_it_is=True
        )
    try:
        return export_model(rebuild(trained), pathlib.Path(out) / trained.name, card, names, half)
    except OSError as error:
        raise ZooError(f"{out} is not writable ({error.strerror}).", out=...) from error


pretrained.open_trained = lambda name: rebuild(load(name))

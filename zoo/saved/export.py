"""Trained models: export as SavedModels in TF Serving's layout, and load them again.

    <name>/card.json                what it is, how it was made, what it was measured to do
    <name>/<version>/saved_model.pb …

Loading runs no Python of the model's folder: it is a TensorFlow graph with named signatures.
"""

import pathlib
import shutil

import keras
import tensorflow as tf

from zoo import paths
from zoo.errors import ZooError, unknown
from zoo.saved import encoded, warmup
from zoo.saved.card import Card, checksums, versions


def export_model(model, folder, card, names=(), half=False):
    """Writes a model as the next version in `folder`, with its card beside it.

    Args:
        model: an `Adversarial` in float32.
        folder: where the versions are.
        card: Dict of the fields of a `Card` that the model does not decide.
        names: which signatures; none: all.
        half: whether the weights are stored as float16; computations stay float32.

    Returns:
        The path of the version.

    Raises:
        ZooError: a signature that the model does not have.
    """
    folder = pathlib.Path(folder)
    concrete, specs, stored = signature_functions(model, names, half)
    module = tf.Module()
    module.variables_used = [variable for variable, _ in stored.values()]
    module.tables_used = _tables(model)
    for name, (function, inputs) in encoded.twins(concrete, specs).items():
        concrete[name], specs[name] = traced(function, inputs), inputs
    # TF Serving answers requests that name no signature with serving_default: the first.
    first = next(iter(concrete))
    signatures = {**concrete, "serving_default": concrete[first]}

    version = folder / str(max(versions(folder), default=0) + 1)
    described = {
        name: {
            "inputs": {k: _spec(v) for k, v in specs[name].items()},
            "outputs": {k: _spec(v) for k, v in concrete[name].structured_outputs.items()},
        }
        for name in concrete
    }
    with paths.whole_folder(version) as partial:
        tf.saved_model.save(module, str(partial), signatures=signatures)
        warmup.write(partial, card["name"], described)
    facts = {"task": model.task, "interface": model.describe(), "signatures": described}
    Card(**{**card, **facts, "files": checksums(version)}).write(folder)
    return version


def signature_functions(model, names, half):
    """What of a model is exported.

    Returns:
        ({name: concrete function}, {name: {input: tf.TensorSpec}},
        {id of a handle that they read: (its variable, the model's variable whose value it holds)}).
    """
    offered = model.signatures()
    for name in names:
        if name not in offered:
            raise unknown("signature", name, offered)
    chosen = {name: offered[name] for name in names or offered}
    specs = {name: inputs for name, (_, inputs) in chosen.items()}
    concrete = {name: traced(function, inputs) for name, (function, inputs) in chosen.items()}
    held = {id(v.value.handle): (v.value, v.value) for v in model.variables}
    if half:
        wrap, halves = _stored_in_half(model, [v for f in concrete.values() for v in f.graph.variables])
        concrete = {name: traced(wrap(function), inputs) for name, (function, inputs) in chosen.items()}
        held.update({id(h.handle): (h, v.value) for v, h in halves})
    read = {id(handle) for f in concrete.values() for handle in f.captured_inputs}
    return concrete, specs, {key: pair for key, pair in held.items() if key in read}


def _tables(model):
    """The lookup tables inside a model's layers: an encoder's vocabulary."""
    owned = [value for layer in model._flatten_layers(include_self=False) for value in vars(layer).values()]
    return [value for value in owned if hasattr(value, "resource_handle")]


def copy_export(trained, out):
    """Copies what a model exported, graph and all: also where its game is in a file of the user's.

    Returns:
        The path of the version.

    Raises:
        ZooError: a place that cannot be written.
    """
    folder = pathlib.Path(out) / trained.name
    version = folder / str(max(versions(folder), default=0) + 1)
    try:
        with paths.whole_folder(version) as partial:
            shutil.copytree(trained.version, partial, dirs_exist_ok=True)
        trained.card.write(folder)
    except OSError as error:
        raise ZooError(f"{out} cannot be written ({error.strerror}).", out=...) from error
    return version


def traced(function, specs):
    return tf.function(function, autograph=False).get_concrete_function(**specs)


def _stored_in_half(model, used):
    """A wrapper of functions that makes them read float16 copies of the weights that are used, and
    these: [(the model's variable, its copy)]."""
    used = {id(v) for v in used}
    halves = [
        (v, tf.Variable(tf.cast(v.value, tf.float16)))
        for v in model.variables
        if v.dtype == "float32" and id(v.value) in used
    ]

    def wrap(function):
        def restored(**inputs):
            mapping = [(v, tf.cast(h, tf.float32)) for v, h in halves]
            with keras.StatelessScope(state_mapping=mapping):
                return function(**inputs)

        return restored

    return wrap, halves


def _spec(tensor):
    return {"dtype": tensor.dtype.name, "shape": [None if d is None else d for d in tensor.shape]}

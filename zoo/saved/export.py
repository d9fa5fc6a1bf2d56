"""Export of trained models as SavedModels in the layout of TF Serving.

    <name>/card.json                the model card
    <name>/<version>/saved_model.pb …

A version is a TensorFlow graph with named signatures. Loading it does not run Python code from the folder.
"""

import contextlib
import dataclasses
import os
import pathlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from zoo import paths
from zoo.errors import ZooError, explained, unknown
from zoo.game.adversarial import Adversarial
from zoo.saved import encoded, warmup
from zoo.saved.card import Card, checksums, lock, versions
from zoo.saved.encoded import ConcreteFunction, Specs
from zoo.saved.trained import Trained

Function = Callable[..., dict[str, tf.Tensor]]


def export_model(
    model: Adversarial,
    folder: str | os.PathLike[str],
    card: Mapping[str, Any],
    names: Sequence[str] = (),
    half: bool = False,
) -> pathlib.Path:
    """Writes a model as the next version in a folder, with its card.

    Args:
        model: An `Adversarial` with float32 weights.
        folder: Path of the folder with the versions.
        card: Dict of the fields of the `Card` except "task", "interface", "signatures" and "files".
        names: Names of the signatures to export. Empty for all. Defaults to `()`.
        half: Boolean. If `True`, stores weights as float16. Computations remain in float32. Defaults to
            `False`.

    Returns:
        Path of the version.

    Raises:
        ZooError: The model does not have one of the signatures.
    """
    folder = pathlib.Path(folder)
    concrete, specs, stored = signature_functions(model, names, half)
    module = tf.Module()
    module.variables_used = [variable for variable, _ in stored.values()]
    module.tables_used = _tables(model)
    for name, (function, inputs) in encoded.twins(concrete, specs).items():
        concrete[name], specs[name] = traced(function, inputs), inputs
    # TF Serving uses serving_default for requests without a signature name.
    first = next(iter(concrete))
    signatures = {**concrete, "serving_default": concrete[first]}

    described = {
        name: {
            "inputs": {k: _spec(v) for k, v in specs[name].items()},
            "outputs": {k: _spec(v) for k, v in concrete[name].structured_outputs.items()},
        }
        for name in concrete
    }
    facts: dict[str, Any] = {"task": model.task, "interface": model.describe(), "signatures": described}
    with _next_version(folder) as version:
        with paths.whole_folder(version) as partial:
            tf.saved_model.save(module, str(partial), signatures=signatures)
            warmup.write(partial, card["name"], described)
        facts |= {"files": checksums(version), "version": int(version.name)}
        Card(**{**card, **facts}).write(folder)
    return version


@contextlib.contextmanager
def _next_version(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yields the path of the next version in a folder, in which only this process writes."""
    with lock(folder):
        paths.remove_leftovers(folder, 0)
        yield folder / str(max(versions(folder), default=0) + 1)


def signature_functions(
    model: Adversarial, names: Sequence[str], half: bool
) -> tuple[dict[str, ConcreteFunction], dict[str, Specs], dict[int, tuple[tf.Variable, tf.Variable]]]:
    """Traces the signatures of a model.

    Args:
        model: An `Adversarial`.
        names: Names of the signatures. Empty for all.
        half: Boolean. If `True`, the functions read float16 copies of the weights.

    Returns:
        Tuple of three dicts:

        * `{name: concrete function}`
        * `{name: {input: tf.TensorSpec}}`
        * `{id of the handle of a variable: (variable, variable of the model with the same value)}`, for all
          variables that the functions read

    Raises:
        ZooError: The model does not have one of the signatures.
    """
    offered = {**model.signatures(), **_labels(model)}
    for name in names:
        if name not in offered:
            raise unknown("signature", name, offered)
    chosen = {name: offered[name] for name in dict.fromkeys([*(names or offered), *_labels(model)])}
    specs = {name: inputs for name, (_, inputs) in chosen.items()}
    concrete = {name: traced(function, inputs) for name, (function, inputs) in chosen.items()}
    held = {id(v.value.handle): (v.value, v.value) for v in model.variables}
    if half:
        wrap, halves = _stored_in_half(model, [v for f in concrete.values() for v in f.graph.variables])
        concrete = {name: traced(wrap(function), inputs) for name, (function, inputs) in chosen.items()}
        held.update({id(h.handle): (h, v.value) for v, h in halves})
    read = {id(handle) for f in concrete.values() for handle in f.captured_inputs}
    return concrete, specs, {key: pair for key, pair in held.items() if key in read}


def _labels(model: Adversarial) -> dict[str, Any]:
    """Returns the signature `labels`, from labels of the data to their names, if the model has them."""
    if not model.data_label or not model.names:
        return {}
    names = [str(name) for name in model.names]

    def labels(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        label = inputs[model.data_label]
        known = (label >= 0) & (label < len(names))
        name = tf.gather(tf.constant(names), tf.clip_by_value(label, 0, len(names) - 1))
        return {"name": tf.where(known, name, "")}

    return {"labels": (labels, {model.data_label: tf.TensorSpec([None], tf.int32, model.data_label)})}


def _tables(model: Adversarial) -> list:
    """Returns the lookup tables in the layers of a model, such as vocabularies."""
    owned = [value for layer in model._flatten_layers(include_self=False) for value in vars(layer).values()]
    return [value for value in owned if hasattr(value, "resource_handle")]


def new_folder(out: str | os.PathLike[str], name: str, trained: Trained) -> pathlib.Path:
    """Returns the folder of an exported model in a folder of models.

    Args:
        out: Path of the folder of models.
        name: String. Name of the model.
        trained: The `Trained` that is exported.

    Raises:
        ZooError: The name is not that of a file, or another model has it.
    """
    if not name or name != pathlib.PurePath(name).name or name in (".", ".."):
        raise ZooError(f"{name!r} is not the name of a folder.", name=...)
    folder = pathlib.Path(out) / name
    if not (folder / "card.json").exists():
        return folder
    there = Card.read(folder)
    new = {k: v for k, v in trained.card.signatures.items() if k in there.signatures}
    if there.task != trained.card.task or any(there.signatures[k] != v for k, v in new.items()) or not new:
        raise ZooError(
            f"{folder} holds a model with another interface. Export under another name.", name=...
        )
    return folder


def copy_export(trained: Trained, out: str | os.PathLike[str], name: str | None = None) -> pathlib.Path:
    """Copies the exported version of a trained model, and its card.

    The Python code of the model is not needed.

    Args:
        trained: A `Trained`.
        out: Path of the folder in which a folder with the name of the model is written.
        name: String. New name of the model. Defaults to the name of the trained model.

    Returns:
        Path of the version.

    Raises:
        ZooError: `out` is not writable, or holds another model of that name.
    """
    name = name or trained.name
    folder = new_folder(out, name, trained)
    with explained(out=...), _next_version(folder) as version:
        with paths.whole_folder(version) as partial:
            shutil.copytree(trained.version, partial, dirs_exist_ok=True)
        dataclasses.replace(trained.card, name=name, version=int(version.name)).write(folder)
    return version


def traced(function: Function, specs: Specs) -> ConcreteFunction:
    """Returns the concrete function for named inputs.

    Args:
        function: Function of named tensors.
        specs: Dict, `{input: tf.TensorSpec}`.
    """
    return tf.function(function, autograph=False).get_concrete_function(**specs)


def _stored_in_half(
    model: Adversarial, used: Iterable[tf.Variable]
) -> tuple[Callable[[Function], Function], list[tuple[keras.Variable, tf.Variable]]]:
    """Makes float16 copies of the used float32 weights.

    Returns:
        Pair of a decorator, whose functions read the copies, and a list of pairs of a variable of the model
        and its copy.
    """
    ids = {id(v) for v in used}
    halves = [
        (v, tf.Variable(tf.cast(v.value, tf.float16)))
        for v in model.variables
        if v.dtype == "float32" and id(v.value) in ids
    ]

    def wrap(function: Function) -> Function:
        def restored(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
            mapping = [(v, tf.cast(h, tf.float32)) for v, h in halves]
            with keras.StatelessScope(state_mapping=mapping):
                return function(**inputs)

        return restored

    return wrap, halves


def _spec(tensor: tf.Tensor | tf.TensorSpec) -> dict[str, Any]:
    """Returns the dtype and shape of a tensor as JSON values."""
    return {"dtype": tensor.dtype.name, "shape": [None if d is None else d for d in tensor.shape]}

"""Private attributes of other libraries that zoo uses.

An upgrade that removes one of them fails here. The versions in the table may be raised after an upgrade.
"""

import ast
import dataclasses
import importlib
import importlib.metadata
import pathlib
import typing

import keras
import numpy as np
import pytest
import tensorflow_datasets as tfds

from zoo import paths


@dataclasses.dataclass(frozen=True)
class Private:
    """A private attribute of another library.

    Attributes:
        library: String. Name of the distribution.
        owner: Function that returns the object with the attribute.
        attribute: String. Name of the attribute.
        version: String. Newest version that has the attribute.
        purpose: String. Reason for its use.
    """

    library: str
    owner: typing.Callable
    attribute: str
    version: str
    purpose: str


def adam():
    """Returns an optimizer with slots and averages for one variable."""
    optimizer = keras.optimizers.Adam(use_ema=True)
    optimizer.build([keras.Variable([1.0])])
    return optimizer


def error_in_a_layer():
    """Returns the error that Keras raises for one inside a layer's call."""

    class Failing(keras.layers.Layer):
        def call(self, x):
            raise ValueError("fact")

    try:
        Failing()(np.zeros((1, 1)))
    except ValueError as error:
        return error


def downloader():
    return importlib.import_module("tensorflow_datasets.core.download.downloader")


def naming():
    return importlib.import_module("keras.src.utils.naming")


table = [
    Private("keras", lambda: keras.Layer(), "_flatten_layers", "3.15.1", "all layers, nested ones too"),
    Private("keras", lambda: keras.Model, "_maybe_symbolic_build", "3.15.1", "overridden: sides are built"),
    Private(
        "keras",
        error_in_a_layer,
        "_keras_call_info_injected",
        "3.15.1",
        "an error from a layer stays unchanged",
    ),
    Private("keras", adam, "_get_variable_index", "3.15.1", "slots of a variable"),
    Private("keras", adam, "_momentums", "3.15.1", "slots for the fused kernel"),
    Private("keras", adam, "_velocities", "3.15.1", "slots for the fused kernel"),
    Private("keras", adam, "_model_variables_moving_average", "3.15.1", "averaged weights"),
    Private(
        "tensorflow-datasets",
        lambda: tfds.core.utils.gcs_utils,
        "_is_gcs_disabled",
        "4.9.10",
        "datasets are never read from Google's bucket",
    ),
    Private("tensorflow-datasets", downloader, "MAX_RETRIES", "4.9.10", "a short wait without a network"),
    Private("keras", naming, "reset_uids", "3.15.1", "tests that number layers from one (conftest.py)"),
]
public = {"_exit"}  # documented in spite of its name: `os._exit`
private_modules = {"tensorflow.python", "keras.src"}


@pytest.mark.parametrize("private", table, ids=lambda private: private.attribute)
def test_private_attribute_still_exists(private):
    installed = importlib.metadata.version(private.library)
    try:
        exists = hasattr(private.owner(), private.attribute)
    except (AttributeError, ImportError):
        exists = False
    assert exists, (
        f"{private.library} {installed} does not have {private.attribute}, last seen in {private.version}. "
        f"Find another way in zoo for: {private.purpose}."
    )


def sources():
    root = paths.recipes.parent
    return [*(root / "zoo").rglob("*.py"), *(root / "recipes").rglob("*.py")]


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def strings(call):
    """Returns the constant strings among the arguments of a call."""
    return {a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}


def own_names(trees):
    """Returns the names that zoo itself defines."""
    names = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                names.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "object.__setattr__":
            names |= strings(node)
    return names


def foreign_uses(files):
    """Returns the private attributes of other libraries in files, and the methods that override them.

    Args:
        files: List of paths of Python files.

    Returns:
        Dict, `{attribute: set of paths}`.
    """
    trees = {file: ast.parse(pathlib.Path(file).read_text()) for file in files}
    own = own_names(trees.values())
    kinds = (keras.Model, keras.optimizers.Adam, keras.callbacks.Callback)
    inherited = {name for kind in kinds for name in dir(kind) if is_private(name)}
    uses = {}
    for file, tree in trees.items():
        for node in ast.walk(tree):
            names = set()
            if isinstance(node, ast.Attribute):
                names = {node.attr} - own
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr", "setattr"):
                names = strings(node) - own
            elif isinstance(node, ast.ClassDef):
                names = {part.name for part in node.body if isinstance(part, ast.FunctionDef)} & inherited
            elif isinstance(node, ast.Name) and node.id.startswith("_keras_"):  # set for Keras to read
                names = {node.id}
            for name in filter(is_private, names):
                uses.setdefault(name, set()).add(file)
    return uses


def test_private_attributes_in_zoo_are_in_the_table():
    uses = foreign_uses(sources())
    known = {private.attribute for private in table}
    unknown = {name: files for name, files in uses.items() if name not in known | public}
    assert not unknown, f"Add the private attributes to the table of tests/test_private.py: {unknown}"
    unused = {name for name in known if is_private(name)} - set(uses)
    assert not unused, f"Remove the unused attributes from the table: {unused}"


def test_zoo_does_not_use_private_modules():
    for file in sources():
        text = file.read_text()
        found = {module for module in private_modules if module in text}
        assert not found, f"{file} uses the private modules {found}"


def test_foreign_uses_finds_accesses_and_overrides(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(
        "class A:\n"
        "    def __init__(self):\n"
        "        self._own = 1\n"
        "    def _maybe_symbolic_build(self):\n"
        "        return self._own, self._foreign, other._also_foreign, getattr(other, '_named')\n"
    )
    found = {"_maybe_symbolic_build", "_foreign", "_also_foreign", "_named"}
    assert foreign_uses([file]) == dict.fromkeys(found, {file})

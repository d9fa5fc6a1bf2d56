"""Builds models by name."""

import inspect
import operator
import typing

from zoo.errors import ZooError, unknown
from zoo.networks import pretrained
from zoo.networks.precision import in_float32
from zoo.parts import NetworkPart, make_parts
from zoo.registry import builders, readers


def list_models():
    """Returns the names of all models, sorted."""
    return sorted(builders)


def _parameters(name):
    if name not in builders:
        raise unknown("model", name, builders)
    return inspect.signature(builders[name]).parameters.values()


def model_options(name):
    """Returns the options of a model's build function with their defaults, as a dict.

    An option that has no default, such as `encoder` of gancls, has the value `inspect.Parameter.empty`.

    Raises:
        ZooError: An unknown model.
    """
    own = [p for p in _parameters(name) if p.kind is not p.KEYWORD_ONLY]
    return {p.name: p.default for p in own if p.name not in ("x_shape", "classes")}


def model_slots(name):
    """Returns the names of the arguments of a build function that network parts fill.

    Raises:
        ZooError: An unknown model.
    """
    return [p.name for p in _parameters(name) if p.kind is p.KEYWORD_ONLY]


def model_reads(name):
    """Returns the form of data that a model reads. See `zoo.registry.register`.

    Raises:
        ZooError: An unknown model.
    """
    _parameters(name)
    return readers[name]


def model_documentation(name):
    """Returns the docstring of a model's file, which cites the paper.

    Raises:
        ZooError: An unknown model.
    """
    _parameters(name)
    return inspect.cleandoc(builders[name].__globals__["__doc__"] or "")


def build(name, x_shape, classes=None, parts=None, **chosen):
    """Builds a model.

    Args:
        name: String. One of `list_models()`.
        x_shape: Tuple. Shape of one example, such as `(28, 28, 1)` or `(2,)`.
        classes: Integer. Number of labels of the data, or `None`.
        parts: Dict, `{name: options}`, of extensions of the paper's algorithm. See `zoo/parts`.
        **chosen: Options of the model. See its build function.

    Returns:
        A `zoo.Adversarial`, which is a Keras model. It is not compiled.

    Raises:
        ZooError: An unknown model, part or option, a missing option, a value of another type, a part that
            does not fit the model, or a shape that the model cannot make.

    Example:

    >>> model = build("dcgan", (16, 16, 1), parts={"packing": {"m": 2}}, width=8)
    >>> model.pack
    2
    """
    known, hints = model_options(name), typing.get_type_hints(builders[name])
    for option, default in known.items():
        if default is inspect.Parameter.empty and option not in chosen:
            raise ZooError(f"The model {name} needs {option}.", **{f"network.{option}": ...})
    for option, value in chosen.items():
        if option not in known:
            raise unknown(f"option of model {name!r} named", option, known)
        if type(value) in typing.get_args(hints.get(option)):
            continue
        wanted = type(known[option])
        of_words = isinstance(value, str) and wanted in (int, float)  # the text "false" is truthy
        if known[option] not in (None, inspect.Parameter.empty) and (
            of_words or isinstance(value, bool) != (wanted is bool)
        ):
            raise ZooError(
                f"network.{option} takes {wanted.__name__}, like {known[option]!r}, not {value!r}."
            )
    made = make_parts(parts or {})
    slots = _fill(name, [part for part in made if isinstance(part, NetworkPart)])
    try:
        model = builders[name](x_shape=tuple(x_shape), classes=classes, **chosen, **slots)
        if operator.index(model.batches_per_step) < 1:
            raise ValueError(f"it must read at least one batch a step, not {model.batches_per_step}")
    except (TypeError, AttributeError, ValueError, LookupError, ArithmeticError) as error:
        raise ZooError(f"Model {name!r} cannot be built with {chosen}: {error}") from error
    model.attach([part for part in made if not isinstance(part, NetworkPart)])
    return model


def _fill(name, parts):
    """Returns the keyword-only arguments that network parts set."""
    slots, owners = model_slots(name), {}
    filled = {}
    for part in parts:
        offered = {slot: value for slot, value in part.slots().items() if slot in slots}
        if not offered:
            raise ZooError(f"The part {part.name} does not fit the model {name}. Remove parts.{part.name}.")
        for slot, value in offered.items():
            if slot in owners:
                raise ZooError(f"The parts {owners[slot]} and {part.name} exclude each other. Remove one.")
            owners[slot], filled[slot] = part.name, value
    return filled


def build_recipe(recipe, x_shape, classes):
    """Builds the model of a recipe, with its parts, example captions and initial weights.

    Args:
        recipe: A `Recipe`.
        x_shape: Tuple. Shape of one example.
        classes: Classes of the data. See `Data`.

    Raises:
        ZooError: See `build`; or weights for a network that the model does not have.
    """
    with pretrained.weight_files(recipe.weights):
        model = build(recipe.model, x_shape, classes, recipe.parts, **recipe.network)
    if recipe.examples:
        model.show(recipe.examples)
    return model


def begin(model, recipe):
    """Gives the networks of a model the initial weights that a recipe names.

    Raises:
        ZooError: The model does not have a network of that name, or the trained one has other layers.
    """
    networks = {network.name: network for side in model.sides.values() for network in side}
    for name, which in recipe.weights.items():
        if name in networks:
            pretrained.begin_as(networks[name], which)
        elif name not in pretrained.downloads:
            raise unknown(f"network of {recipe.model} named", name, {*networks, *pretrained.downloads})


def build_for_export(recipe, x_shape, classes):
    """Builds the model of a recipe in float32, independently of the precision of training."""
    with in_float32():
        return build_recipe(recipe, x_shape, classes)

"""Builds models by name."""

import inspect
import operator

from zoo.errors import ZooError, unknown
from zoo.networks.precision import in_float32
from zoo.registry import builders, readers


def list_models():
    """The names of all models, sorted."""
    return sorted(builders)


def model_options(name):
    """The options of a model's build function, with their defaults.

    Raises:
        ZooError: no model has that name.
    """
    if name not in builders:
        raise unknown("model", name, builders)
    parameters = inspect.signature(builders[name]).parameters
    return {k: p.default for k, p in parameters.items() if k not in ("x_shape", "classes")}


def model_reads(name):
    """What a model is trained on; see `register`.

    Raises:
        ZooError: no model has that name.
    """
    model_options(name)
    return readers[name]


def model_documentation(name):
    """The docstring of the file that a model is in, which names its paper.

    Raises:
        ZooError: no model has that name.
    """
    model_options(name)
    return inspect.cleandoc(builders[name].__globals__["__doc__"] or "")


def build_in_float32(name, x_shape, classes=None, **chosen):
    """`build`, whatever the precision that is trained in: what is exported computes in float32."""
    with in_float32():
        return build(name, x_shape, classes, **chosen)


def build(name, x_shape, classes=None, **chosen):
    """Builds a model, not compiled yet.

    Args:
        name: one of `list_models()`.
        x_shape: the shape of one example, e.g. (28, 28, 1) or (2,).
        classes: the number of labels of the data, or None where there are none.
        **chosen: options of that model; see its build function.

    Returns:
        A `zoo.game.adversarial.Adversarial`, a Keras model.

    Raises:
        ZooError: an unknown model or option, a value of another type, or a shape that the model cannot
            make.
    """
    known = model_options(name)
    for option, value in chosen.items():
        if option not in known:
            raise unknown(f"option of model {name!r} named", option, known)
        wanted = type(known[option])
        of_words = isinstance(value, str) and wanted in (int, float)  # `false` is not False, but true
        if known[option] is not None and (of_words or isinstance(value, bool) != (wanted is bool)):
            raise ZooError(
                f"network.{option} takes {wanted.__name__}, like {known[option]!r}, not {value!r}."
            )
    try:
        model = builders[name](x_shape=tuple(x_shape), classes=classes, **chosen)
        if operator.index(model.batches_per_step) < 1:
            raise ValueError(f"it must read at least one batch a step, not {model.batches_per_step}")
        return model
    except (TypeError, AttributeError, ValueError, LookupError, ArithmeticError) as error:
        raise ZooError(f"Model {name!r} cannot be built with {chosen}: {error}") from error

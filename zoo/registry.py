"""Names of models, and the functions that build them."""

import contextlib
import inspect
import operator

from zoo.errors import ZooError, unknown

_builders = {}
_reads = {}


def register(name, reads="examples"):
    """Makes a build function known under `name`.

    Args:
        name: of the model.
        reads: what it is trained on: "examples" {"x", "y"}, crops of "photographs" {"x"}, "pairs"
            {"a", "b"}, two unpaired "domains" {"a", "b"}, or pictures with "descriptions" {"x", "text", …}.

    A build function takes `x_shape` (the shape of one example, without the batch) and
    `classes` (the number of labels, or None; what `zoo.datasets.load_descriptions` says of
    descriptions), then options of its own, each with a
    default; it returns an `Adversarial` model that is not compiled yet.

    Raises:
        ValueError: the name is taken, unless by the same function of the same file, which was read again.
    """

    def decorate(build):
        before = _builders.get(name, build)
        if _place(before) != _place(build):
            raise ValueError(f"Two models are named {name!r}: {before} and {build}.")
        _builders[name], _reads[name] = build, reads
        return build

    return decorate


def _place(function):
    return function.__code__.co_filename, function.__qualname__


def _known():
    import zoo.models  # noqa: F401  (registers them, and needs TensorFlow)

    return _builders


def list_models():
    """The names of all models, sorted."""
    return sorted(_known())


def options(name):
    """The options of a model's build function, with their defaults.

    Raises:
        ZooError: no model has that name.
    """
    builders = _known()
    if name not in builders:
        raise unknown("model", name, builders)
    parameters = inspect.signature(builders[name]).parameters
    return {k: p.default for k, p in parameters.items() if k not in ("x_shape", "classes")}


def reads(name):
    """What a model is trained on; see `register`.

    Raises:
        ZooError: no model has that name.
    """
    options(name)
    return _reads[name]


def documented(name):
    """The docstring of the file that a model is in, which names its paper.

    Raises:
        ZooError: no model has that name.
    """
    options(name)
    return inspect.cleandoc(_builders[name].__globals__["__doc__"] or "")


def build_in_float32(name, x_shape, classes=None, **chosen):
    """`build`, whatever the precision that is trained in: what is exported computes in float32."""
    with in_float32():
        return build(name, x_shape, classes, **chosen)


@contextlib.contextmanager
def in_float32():
    """What is built here computes in float32."""
    import keras

    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)


def build(name, x_shape, classes=None, **chosen):
    """Builds a model, not compiled yet.

    Args:
        name: one of `list_models()`.
        x_shape: the shape of one example, e.g. (28, 28, 1) or (2,).
        classes: the number of labels of the data, or None where there are none.
        **chosen: options of that model; see its build function.

    Returns:
        A `zoo.adversarial.Adversarial`, a Keras model.

    Raises:
        ZooError: an unknown model or option, a value of another type, or a shape that the model cannot
            make.
    """
    known = options(name)
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
        model = _builders[name](x_shape=tuple(x_shape), classes=classes, **chosen)
        if operator.index(model.batches_per_step) < 1:
            raise ValueError(f"it must read at least one batch a step, not {model.batches_per_step}")
        return model
    except (TypeError, AttributeError, ValueError, LookupError, ArithmeticError) as error:
        raise ZooError(f"Model {name!r} cannot be built with {chosen}: {error}") from error

"""Names of models and their build functions."""

builders = {}


readers = {}


def register(name, reads="examples"):
    """Registers a build function as a model.

    A build function takes `x_shape` (shape of one example) and `classes` (number of labels, None, or the
    dict of `zoo.datasets.load_descriptions`), then its own options with defaults. It returns an
    `Adversarial` that is not compiled.

    Args:
        name: String. Name of the model.
        reads: String. Form of the training data: "examples" `{"x", "y"}`, crops of "photographs" `{"x"}`,
            "pairs" `{"a", "b"}`, unpaired "domains" `{"a", "b"}`, or images with "descriptions"
            `{"x", "text", …}`. Defaults to "examples".

    Raises:
        ValueError: Another function has the name.
    """

    def decorate(build):
        before = builders.get(name, build)
        if _place(before) != _place(build):
            raise ValueError(f"Two models are named {name!r}: {before} and {build}.")
        builders[name], readers[name] = build, reads
        return build

    return decorate


def _place(function):
    return function.__code__.co_filename, function.__qualname__

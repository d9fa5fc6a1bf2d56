"""Names of models, and the functions that build them."""

builders = {}


readers = {}


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
        before = builders.get(name, build)
        if _place(before) != _place(build):
            raise ValueError(f"Two models are named {name!r}: {before} and {build}.")
        builders[name], readers[name] = build, reads
        return build

    return decorate


def _place(function):
    return function.__code__.co_filename, function.__qualname__

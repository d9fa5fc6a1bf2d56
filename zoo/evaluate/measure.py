"""Runs evaluation protocols."""

from zoo.errors import ZooError, unknown
from zoo.evaluate import protocols as _registered  # noqa: F401
from zoo.evaluate.protocol import applies, offered, protocols


def evaluate(bench, metrics):
    """Runs protocols.

    Args:
        bench: a `Bench`.
        metrics: their names.

    Returns:
        A list of records.

    Raises:
        ZooError: an unknown protocol, or one that the model or its data cannot be put to.
    """
    if not metrics:
        raise ZooError(
            f"The recipe of {bench.trained.name} does not name metrics.", metrics=",".join(protocols)
        )
    results = []
    for name in metrics:
        if name not in protocols:
            raise unknown("metric", name, protocols)
        if not applies(name, bench.trained):
            raise ZooError(
                f"{name} is of models that have {protocols[name].need!r}; {bench.trained.name} has "
                f"{', '.join(sorted(offered(bench.trained)))}."
            )
        try:
            results += protocols[name](bench)
        except ValueError as error:
            raise ZooError(f"{name} of {bench.trained.name} cannot be measured: {error}") from error
    return results

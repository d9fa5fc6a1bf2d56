"""Measurement of a model by evaluation protocols."""

from zoo.errors import ZooError, unknown
from zoo.evaluate import protocols as _registered  # noqa: F401
from zoo.evaluate.protocol import applies, offered, protocols


def evaluate(bench, metrics):
    """Runs evaluation protocols.

    Args:
        bench: An `EvaluationContext`.
        metrics: List of strings. Names of the protocols.

    Returns:
        List of records.

    Raises:
        ZooError: An unknown protocol, or a protocol that does not apply to the model or its data.
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

"""Measurement of a model by evaluation protocols."""

from zoo.errors import ZooError, unknown
from zoo.evaluate import protocols as _registered  # noqa: F401
from zoo.evaluate.protocol import applies, offered, protocols


def evaluate(context, metrics):
    """Runs evaluation protocols.

    Args:
        context: An `EvaluationContext`.
        metrics: List of strings. Names of the protocols.

    Returns:
        List of records.

    Raises:
        ZooError: An unknown protocol, or a protocol that does not apply to the model or its data.
    """
    if not metrics:
        raise ZooError(
            f"The recipe of {context.trained.name} does not name metrics.", metrics=",".join(protocols)
        )
    results = []
    for name in metrics:
        if name not in protocols:
            raise unknown("metric", name, protocols)
        if not applies(name, context.trained):
            raise ZooError(
                f"{name} is of models that have {protocols[name].need!r}; {context.trained.name} has "
                f"{', '.join(sorted(offered(context.trained)))}."
            )
        try:
            results += protocols[name](context)
        except ValueError as error:
            raise ZooError(f"{name} of {context.trained.name} cannot be measured: {error}") from error
    return results

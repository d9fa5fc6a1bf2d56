"""The registry of evaluation protocols.

A protocol is a function of an `EvaluationContext` that returns records. It samples the model, reads the
data, and leaves the arithmetic to zoo/metrics.
"""

protocols = {}


def protocol(need):
    """Registers a function as a protocol, under its own name.

    Args:
        need: String. A signature, a condition, or an interface entry that the model must have.
    """

    def made(function):
        protocols[function.__name__] = function
        function.need = need
        return function

    return made


def applies(name, trained):
    """Returns whether a model has the feature that a protocol needs."""
    return protocols[name].need in offered(trained)


def offered(trained):
    """Returns the names of a model's signatures, interface entries and conditions."""
    return {*trained.signatures, *trained.interface, *trained.interface.get("priors", ())}

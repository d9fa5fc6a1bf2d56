"""The registry of evaluation protocols.

A protocol is a function of an `EvaluationContext` that returns records. It samples the model, reads the
data, and leaves the arithmetic to zoo/metrics.
"""

protocols = {}


def protocol(need):
    """Makes a function a protocol, under its own name.

    Args:
        need: what a model must offer: a signature, a condition, or an entry of its interface.
    """

    def made(function):
        protocols[function.__name__] = function
        function.need = need
        return function

    return made


def applies(name, trained):
    """Whether a model offers what a protocol needs."""
    return protocols[name].need in offered(trained)


def offered(trained):
    return {*trained.signatures, *trained.interface, *trained.interface.get("priors", ())}

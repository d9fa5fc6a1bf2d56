"""Small trainings that several test files share. See the fixture `small_run`."""

import dataclasses

from zoo import recipe
from zoo.models.build import model_options

# Upper bounds of the build options, by the last word of their names.
sizes = {"width": 4, "blocks": 1, "units": 8, "hidden": 8, "features": 8, "filters": 8, "embedding": 8}


def bounded(value, most):
    """Returns an option with its integers bounded. Names and `None` stay."""
    if isinstance(value, tuple):
        return tuple(min(v, most) for v in value)
    return min(value, most) if isinstance(value, int) else value


def small(model):
    """Returns the default recipe of a model with small networks, as a training of two steps."""
    default = recipe.find(model)
    network = {**model_options(model), **default.network}
    limits = {name: sizes.get(name.rsplit("_")[-1]) for name in network}
    bounds = {name: bounded(network[name], most) for name, most in limits.items() if most}
    return dataclasses.replace(
        default,
        network={**default.network, **bounds},
        weights={},  # trained networks are larger
        # An export with half weights traces all signatures twice. One model of text does.
        half_weights=default.half_weights and default.model not in ("gancls", "stackgan"),
        batch_size=min(default.batch_size, 8),
        image_size=min(default.image_size, 32),
        stages=(1,) * len(default.stages),  # the two steps are in the first and the last stage
        steps=2,
        period=1,
        steps_per_execution=1,
        precision="float32",
    )

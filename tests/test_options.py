"""Every value of every build option trains one step in each precision."""

import dataclasses

import numpy as np
import pytest
from trainings import data_of, first_batches, papers, small

from zoo import recipe
from zoo.game import losses
from zoo.models.build import model_options
from zoo.train.assemble import assemble

pytestmark = pytest.mark.slow

# For each model: values of its options other than those of the default recipe.
values = {
    "gan": [("simultaneous", True), ("bias_from_data", False)],
    "cgan": [("bias_from_data", False)],
    "cgan_mlp": [("scores", 2), ("mismatched", False)],
    "dcgan": [("game", game) for game in losses.games],
    "infogan": [("code_std", 1.0), ("code_std", None)],
    "selfcond": [
        ("labels", "random"), ("labels", "given"), ("networks", "dcgan_shallow"),
        ("networks", "dcgan_deep"), ("networks", "resnet"),
    ],
    "pix2pix": [("patch", patch) for patch in (1, 16, 34, 70, "image")],
    "cyclegan": [("patch", "image"), ("identity", 0.0), ("pool", 0)],
    "dualgan": [("patch", "image"), ("code", 2020), ("clip", 0.0), ("clip", 0.01), ("critic_steps", 3)],
    "srresnet": [("scale", 2), ("scale", 3), ("degradation", "gaussian"), ("low_range", (0.0, 1.0))],
    "srgan": [("content", "mse"), ("content", "vgg22"), ("content", "vgg54"), ("degradation", "gaussian")],
    "gancls": [("mismatched", False), ("captions", 4), ("interpolated", 0.0), ("interpolated", 1.0)],
    "stackgan": [("captions", 4)],
    "textencoder": [("recurrent", "rnn"), ("recurrent", "gru")],
    "inpainter": [("holes", "scattered"), ("patch", 16), ("levels", 2)],
    "denoiser": [("sigma", 50.0), ("patch", "image")],
    "attributes": [("recoloured", ("kind", "size"))],
}  # fmt: skip
cases = [(model, option, value) for model, chosen in values.items() for option, value in chosen]


# Values of papers' recipes, which `test_papers.py` trains in each precision.
of_papers = {
    (chosen.model, option, repr(value))
    for chosen in map(recipe.find, papers)
    for option, value in chosen.network.items()
}


def in_precisions():
    """Returns each value with each precision that no recipe of a paper covers."""
    for model, option, value in cases:
        covered = (model, option, repr(value)) in of_papers
        for precision in ("float32",) if covered else ("float32", "mixed_bfloat16", "mixed_float16"):
            yield pytest.param(model, option, value, precision, id=f"{model}-{option}-{value}-{precision}")


# The first step does not depend on these. Other tests cover them.
without_effect = ("bias_from_data", "pool")


def one_step(model, option, value, precision, data_dir):
    """Returns the losses of a step, and the shapes of all variables."""
    chosen = small(model)
    sides = {"scale": 24, "networks": 32, "patch": 32}
    weights = "random" if "vgg" in str(value) + str(chosen.network.get("content")) else None
    chosen = dataclasses.replace(
        chosen,
        network={**chosen.network, **({} if value is default else {option: value})},
        precision=precision,
        parts={} if option != "clip" else chosen.parts,
        image_size=sides.get(option, chosen.image_size),
        weights={"vgg19": weights} if weights else {},
    )
    if model in ("gancls", "stackgan"):
        chosen = dataclasses.replace(chosen, stages=(1,) * (model == "stackgan"))
    data = data_of(chosen, data_dir)
    game = assemble(chosen, data)
    for callback in game.callbacks(data):
        callback.on_train_batch_begin(0)
    game.stage = game.stages - 1
    logs = game.train_step(*first_batches(chosen, data_dir, game.batches_per_step))
    for side in game.sides:
        assert all(np.isfinite(v).all() for v in game.side_variables(side))
    shapes = [tuple(v.shape) for side in game.sides for v in game.side_variables(side)]
    return {name: float(value) for name, value in logs.items()}, shapes


default = object()


@pytest.mark.parametrize("model, option, value, precision", in_precisions())
def test_one_step(model, option, value, precision, data_dir):
    logs, shapes = one_step(model, option, value, precision, data_dir)
    assert all(np.isfinite(loss) for loss in logs.values()), logs
    usual = {**model_options(model), **small(model).network}[option]
    if precision == "float32" and usual != value and option not in without_effect:
        others = one_step(model, option, default, precision, data_dir)
        assert (logs, shapes) != others, f"{option}={value!r} has no effect"

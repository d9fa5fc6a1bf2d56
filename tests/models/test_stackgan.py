"""StackGAN."""

import random

import keras
import numpy as np
import pytest
from texts import ours, small, tiny_encoder

from zoo.errors import ZooError
from zoo.models.build import build
from zoo.networks.described import other_captions


@pytest.mark.slow
def test_stackgan_s_second_stage_leaves_the_first_alone(captions):
    game = build("stackgan", (32, 32, 3), **small["stackgan"])
    game.compile({side: keras.optimizers.SGD(0.1) for side in game.sides})
    batch = next(iter(captions.batches(4, 0)))
    state = lambda: {s: [v.numpy() for n in ns for v in n.variables] for s, ns in game.sides.items()}  # noqa: E731
    same = lambda a, b: all(np.array_equal(x, y) for x, y in zip(a, b))  # noqa: E731
    start = state()
    game.train_step(batch)
    first = state()
    game.stage = 1
    game.train_step(batch)
    second = state()
    for side in game.sides:
        early = side.startswith("first")
        assert same(start[side], first[side]) != early, side
        assert same(first[side], second[side]) == early, side
    assert game.first["generator"].output_shape == (None, 8, 8, 3)


@pytest.mark.slow
def test_both_stages_of_stackgan_may_have_projection_discriminators_that_pay_r1(captions):
    batch = next(iter(captions.batches(4, 0)))
    for stage, side in enumerate(("first_discriminator", "discriminator")):
        lost = []
        for penalty in (0.0, 1000.0):
            random.seed(0)  # from which Keras draws the seeds of the initial weights
            parts = {**ours, "r1": {"weight": penalty}}
            game = build("stackgan", (32, 32, 3), parts=parts, **small["stackgan"])
            game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
            game.stage = stage
            lost.append(float(game.train_step(batch)[f"{side}_loss"]))
        assert lost[1] > lost[0] + 1e-3
        assert (game.first, game.second)[stage]["discriminator"].negatives is not other_captions


def test_conditions_begin_with_little_noise():
    parts = {"text_norm": {}, "narrow_conditioning": {}}
    game = build("stackgan", (32, 32, 3), parts=parts, **small["stackgan"])
    t = np.random.default_rng(0).normal(size=(64, game.encoder.output_shape[-1]))
    for stage in (game.first, game.second):
        mean, log_sigma = stage["conditioning"](t.astype("float32"), training=True)
        assert np.std(mean) > 5 * np.mean(np.exp(log_sigma))


def test_stackgan_at_the_paper_s_size_has_the_authors_maps():
    game = build(
        "stackgan", (256, 256, 3), encoder=tiny_encoder(), width=(8, 8), discriminator_width=(2, 2)
    )
    rough, fine = game.first["generator"], game.second["generator"]
    assert rough.output_shape == (None, 64, 64, 3) and fine.output_shape == (None, 256, 256, 3)
    trunks = [stage["discriminator"].trunk for stage in (game.first, game.second)]
    assert all(trunk.output_shape == (None, 4, 4, 16) for trunk in trunks)
    widths = {layer.filters for layer in trunks[1].layers if hasattr(layer, "filters")}
    assert {2, 4, 8, 16, 32, 64} <= widths  # up to 32 times the first, then back to 8
    for shape in ((40, 40, 3), (2,)):
        with pytest.raises(ZooError, match="multiples of 32"):
            build("stackgan", shape, encoder=tiny_encoder())

"""Inputs of grids."""

from zoo.game.priors import Categorical
from zoo.tasks.inputs import grid_inputs


def test_grids_have_at_most_32_rows():
    inputs, columns = grid_inputs({"label": Categorical(1100)}, columns=10)
    assert columns == 10 and inputs["label"].shape == (320,) and inputs["label"].max() == 31
    inputs, _ = grid_inputs({"label": Categorical(10)}, columns=10)
    assert inputs["label"].max() == 9

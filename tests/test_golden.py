"""Losses of the first steps of the recipes on embedded data."""

import json

import freeze
import numpy as np
import pytest

golden = json.loads(freeze.golden_file.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("name", golden)
def test_losses_of_the_first_steps(name, data_dir):
    losses = freeze.golden_losses(name, data_dir)
    assert {stage: sorted(values) for stage, values in losses.items()} == {
        stage: sorted(values) for stage, values in golden[name].items()
    }
    for stage, values in golden[name].items():
        for loss, expected in values.items():
            later = freeze.tolerances.get(name, 1e-4)
            for step, (value, wanted) in enumerate(zip(losses[stage][loss], expected, strict=True)):
                message, rtol = f"{loss} in step {step} of stage {stage}", later if step else 1e-4
                np.testing.assert_allclose(value, wanted, rtol=rtol, atol=1e-6, err_msg=message)

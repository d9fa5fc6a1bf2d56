"""The table of losses of a run."""

import numpy as np

from zoo.train.history import columns, read_rows


def test_columns_of_rows_with_missing_and_zero_losses():
    rows = [{"step": "10", "a": "0.5", "b": ""}, {"step": 20, "a": 0.0}, {"step": 30, "b": np.float64(2)}]
    found = columns(rows)
    assert list(found) == ["step", "a", "b"] and found["step"] == [10, 20, 30]
    np.testing.assert_array_equal(found["a"], [0.5, 0, np.nan])
    np.testing.assert_array_equal(found["b"], [np.nan, np.nan, 2])


def test_read_rows_of_a_file_and_without_one(tmp_path):
    file = tmp_path / "history.csv"
    assert read_rows(file) == [] and columns([]) == {}
    file.write_text("step,loss\n10,0.25\n20,\n")
    assert read_rows(file) == [{"step": "10", "loss": "0.25"}, {"step": "20", "loss": ""}]

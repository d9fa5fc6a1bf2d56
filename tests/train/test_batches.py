"""Batches that devices and batch norm can use."""

import dataclasses

import pytest

from zoo import recipe
from zoo.errors import ZooError
from zoo.train.assemble import assemble, load_data


def assembled(data_dir, model, **changes):
    chosen = dataclasses.replace(recipe.find(model), precision="float32", **changes)
    return assemble(chosen, load_data(chosen, data_dir=data_dir))


def test_batch_norm_over_one_value_is_refused(data_dir):
    with pytest.raises(ZooError, match="would normalize each feature over one value.*batch_size=2"):
        assembled(data_dir, "classifier", batch_size=1)
    assembled(data_dir, "classifier", batch_size=2)


@pytest.mark.parametrize("batch, suggestion", [(1, 2), (3, 2), (5, 4)])
def test_batches_that_devices_cannot_share_are_refused(batch, suggestion, data_dir, monkeypatch):
    class Two:
        num_replicas_in_sync = 2

    monkeypatch.setattr("zoo.train.assemble.tf.distribute.get_strategy", Two)
    with pytest.raises(ZooError, match=f"divided evenly among 2 devices.*batch_size={suggestion}"):
        assembled(data_dir, "gan", batch_size=batch)

"""Early stopping: the weights with the best estimate are exported."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf
from trainings import small

import zoo
from zoo.errors import ZooError
from zoo.models.rebuild import rebuild
from zoo.train.run import train


def chosen(steps):
    return dataclasses.replace(
        small("cgan"), split="train[:1000]", early_stopping="train[1000:]", steps=steps
    )


def estimates(monkeypatch, values):
    values = iter(values)
    monkeypatch.setattr("zoo.train.selection.parzen.parzen", lambda *_: (next(values), 0.0, 0.1))
    monkeypatch.setattr("zoo.train.selection.count", 100)
    monkeypatch.setattr("zoo.train.selection.batch", 50)


def generator_at(folder, step):
    """Returns the generator's weights of a checkpoint, in the order of their keys."""
    checkpoint = tf.train.load_checkpoint(str(folder / "checkpoints" / f"step-{step}"))
    names = checkpoint.get_variable_to_shape_map()
    keys = sorted(
        n for n in names if "generator" in n and "optimizer" not in n and "discriminator" not in n
    )
    return [checkpoint.get_tensor(key) for key in keys]


@pytest.mark.slow
def test_best_weights_are_exported(tmp_path, data_dir, monkeypatch, capsys):
    estimates(monkeypatch, [1.0, 3.0, 2.0])
    train(chosen(3), tmp_path, data_dir=data_dir)
    assert json.loads((tmp_path / "selection.json").read_text()) == {"1": 1.0, "2": 3.0, "3": 2.0}
    trained = zoo.load(tmp_path)
    assert trained.card.training["selected_step"] == 2 and trained.card.training["selected_estimate"] == 3.0
    assert "weights of step 2 are exported" in capsys.readouterr().out
    exported = [v.numpy() for v in rebuild(trained).generator.variables]
    best, last = generator_at(tmp_path, 2), generator_at(tmp_path, 3)
    assert {v.shape for v in best} == {v.shape for v in exported}
    total = [sum(float(np.abs(v).sum()) for v in values) for values in (exported, best, last)]
    assert total[0] == pytest.approx(total[1], rel=1e-3) and total[0] != pytest.approx(total[2], rel=1e-7)


@pytest.mark.slow
def test_resumed_run_selects_as_an_unbroken_one(tmp_path, data_dir, monkeypatch):
    estimates(monkeypatch, [4.0, 3.0, 2.0])
    train(chosen(2), tmp_path, data_dir=data_dir)
    assert zoo.load(tmp_path).card.training["selected_step"] == 1
    train(chosen(3), tmp_path, data_dir=data_dir)
    assert zoo.load(tmp_path).card.training["selected_step"] == 1


def test_early_stopping_needs_images_and_last_weights(tmp_path, data_dir):
    with pytest.raises(ZooError, match="Use one. Set average=0"):
        small("gan").changed(["early_stopping=train", "average=0.9"])
    points = dataclasses.replace(small("gan_gaussian"), early_stopping="train[:100]")
    with pytest.raises(ZooError, match="compares images"):
        train(points, tmp_path, data_dir=data_dir)

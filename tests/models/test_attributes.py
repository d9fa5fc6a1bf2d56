"""The classifier of factors, and its recolored copies."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from texts import small

from zoo.errors import ZooError
from zoo.game import randomness
from zoo.models.build import build
from zoo.parts.inputs import recoloured


def test_recoloured_copies_show_the_same_in_other_colours():
    x = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 3)).astype(np.float32)
    with randomness.Draws(0, 0, 0):
        copies = recoloured(tf.constant(x)).numpy()
    poses = [np.rot90(y, k, (1, 2)) for y in (x, x[:, :, ::-1]) for k in range(4)]
    pose = min(poses, key=lambda y: np.abs(np.sort(np.abs(y), -1) - np.sort(np.abs(copies), -1)).max())
    made = set()
    for original, copy in zip(pose, copies):  # one pose of a batch, each picture's own signed permutation
        fit = [
            (permutation, signs)
            for permutation in itertools.permutations(range(3))
            for signs in itertools.product((-1, 1), repeat=3)
            if np.allclose(original[..., permutation] * np.array(signs), copy, atol=1e-5)
        ]
        assert len(fit) == 1
        made.add(fit[0])
    assert len(made) > 25  # of 48
    drawn = set()
    for i in range(40):
        with randomness.Draws(0, i, 0):
            shown = recoloured(tf.constant(x[:1])).numpy()
        drawn |= {
            j
            for j, y in enumerate(poses)
            if np.allclose(np.sum(y[0] ** 2, -1), np.sum(shown[0] ** 2, -1), atol=1e-5)
        }
    assert drawn == set(range(8))


def test_copies_in_other_colours_are_asked_what_they_still_show(captions, monkeypatch):
    game = build(
        "attributes", (32, 32, 3), captions.classes, **small["attributes"], recoloured=("kind", "size")
    )
    game.compile({side: keras.optimizers.SGD(0.0) for side in game.sides})
    asked = []
    monkeypatch.setattr(
        "zoo.models.attributes.cross_entropy", lambda y, h: asked.append((y, h)) or tf.reduce_mean(h)
    )
    batch = next(iter(captions.batches(5, 0)))
    game.train_step(batch)
    named = list(captions.classes["factors"])
    wanted = [batch["factors"][:, named.index(name)] for name in (*named, "kind", "size")]
    assert len(asked) == len(wanted)
    for (labels, logits), truth in zip(asked, wanted):
        np.testing.assert_array_equal(labels, truth)
        assert len(logits) == 5
    of_kind = named.index("kind")
    assert np.any(asked[of_kind][1] != asked[-2][1])  # of other pictures
    for shape, names, message in (
        ((32, 32, 3), ("kynd",), "kind"),
        ((32, 16, 3), ("kind",), "square images"),
    ):
        with pytest.raises(ZooError, match=message):
            build("attributes", shape, captions.classes, recoloured=names)

"""The networks that take captions."""

import numpy as np
import tensorflow as tf
from texts import slots


def test_nearest_negatives_are_other_captions_and_similar_in_even_rows():
    t = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    t[4] = 3 * t[2] + 0.01  # near in direction
    negatives = slots("nearest_negatives")["negatives"]
    other = negatives(lambda pair, training: pair[1], None, tf.constant(t)).numpy()
    for i, mine in enumerate(other):
        assert not np.array_equal(mine, t[i])
        assert any(np.array_equal(mine, text) for text in t)
    np.testing.assert_array_equal(other[[2, 4]], t[[4, 2]])
    np.testing.assert_array_equal(other[1::2], t[0::2])

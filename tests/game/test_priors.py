"""Draws from priors by seed."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.game.priors import (
    Categorical,
    Normal,
    Text,
    TruncatedNormal,
    Uniform,
    describe,
    draw_rows,
    restore,
)

kinds = [
    Uniform(3),
    Normal(2),
    TruncatedNormal(2),
    Categorical(10),
    Categorical(3, (1.0, 0.0, 2.0)),
    Text(("one", "two")),
]


@pytest.mark.parametrize("prior", kinds, ids=str)
def test_row_of_a_draw_depends_on_its_seed_and_tag_alone(prior):
    seeds = tf.constant([4, 2**61, 4, 9], tf.int64)
    rows = draw_rows(prior, seeds, 1).numpy()
    assert rows.shape == (4, *prior.shape)
    np.testing.assert_array_equal(rows[0], rows[2])
    np.testing.assert_array_equal(draw_rows(prior, seeds[1:2], 1)[0], rows[1])
    np.testing.assert_array_equal(prior.draw(1, tf.constant([9, 1], tf.int64))[0], rows[3])
    many = draw_rows(prior, tf.range(20, dtype=tf.int64), 1).numpy()
    assert np.any(many != draw_rows(prior, tf.range(20, dtype=tf.int64), 2).numpy())


@pytest.mark.parametrize("prior", kinds, ids=str)
def test_rows_of_several_values_per_seed(prior):
    seeds = tf.constant([4, 9], tf.int64)
    rows = draw_rows(prior, seeds, 1, count=5).numpy()
    assert rows.shape == (2, 5, *prior.shape)
    np.testing.assert_array_equal(prior.draw(5, tf.constant([9, 1], tf.int64)), rows[1])


def test_truncated_normal_stays_within_two_standard_deviations():
    prior = TruncatedNormal(50)
    values = prior.draw(2000, tf.constant([1, 2], tf.int64)).numpy()
    assert np.abs(values).max() <= 2 and values.std() == pytest.approx(0.8796, rel=0.01)
    assert restore(describe({"z": prior})) == {"z": prior}

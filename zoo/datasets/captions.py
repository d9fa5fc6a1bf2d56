"""Captions of a batch."""

import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import randomness


def one_each(captions):
    """Returns one random caption of each row: string `[B, N]` to `[B]`."""
    which = randomness.integers(tf.shape(captions)[:1], captions.shape[1])
    return tf.gather(captions, which, axis=1, batch_dims=1)


def several_each(captions, count):
    """Returns random captions of each row without repetition: string `[B, N]` to `[B, count]`.

    Rows have fewer captions if N is less than `count`.
    """
    rank = randomness.uniform(tf.shape(captions))
    which = tf.math.top_k(rank, min(count, captions.shape[1])).indices
    return tf.gather(captions, which, axis=1, batch_dims=1)


def captions_of(batch):
    """Returns the captions of a batch, string `[B, N]`.

    Raises:
        ZooError: The data does not have captions.
    """
    if "text" not in batch:
        raise ZooError(
            "The images have no captions. Put one file NAME.txt per image NAME, with one caption per line, "
            "into a folder `text`, or train on a dataset that has captions.",
            dataset="shapes/captions",
        )
    return batch["text"]

"""Captions of a batch."""

import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import randomness


def one_each(captions):
    """Returns one random caption of each row: string `[B, N]` to `[B]`."""
    which = randomness.integers(tf.shape(captions)[:1], captions.shape[1])
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

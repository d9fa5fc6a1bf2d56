"""Class labels as conditions."""

from zoo.errors import ZooError
from zoo.game.priors import Categorical


def labeled(classes):
    """Returns the prior of labels.

    Args:
        classes: Integer. Number of labels of the data, or None.

    Raises:
        ZooError: The data does not have labels.
    """
    if not classes:
        raise ZooError(
            "A conditional model needs labels, but the data does not have labels. Give each class a "
            "subfolder, or train an unconditional model (gan, dcgan)."
        )
    return Categorical(classes)


def labels_of(batch):
    """Returns the labels of a batch, int32 `[B]`.

    Raises:
        ZooError: The labels are those of pixels.
    """
    if batch["y"].shape.rank != 1:
        raise ZooError(
            "The data has one label per pixel, but the model needs one label per image.",
            dataset="shapes/class",
        )
    return batch["y"]

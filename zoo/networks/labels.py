"""Class labels as conditions."""

from zoo.errors import ZooError
from zoo.game.priors import Categorical


def labelled(classes):
    """The prior of y.

    Raises:
        ZooError: the data has no labels.
    """
    if not classes:
        raise ZooError(
            "A conditional model needs labels and this data has none. Give each class a "
            "sub-folder, choose another --dataset, or train an unconditional model (gan, dcgan)."
        )
    return Categorical(classes)


def labels_of(batch):
    """y of a batch: int32 [B].

    Raises:
        ZooError: the labels are those of pixels.
    """
    if batch["y"].shape.rank != 1:
        raise ZooError(
            "Here each pixel has a label. Choose pictures with one each: --dataset=shapes/class."
        )
    return batch["y"]

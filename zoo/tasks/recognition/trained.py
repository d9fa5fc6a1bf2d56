"""Loaded classifiers, segmenters and text encoders."""

from zoo.saved.trained import Trained


class TrainedRecognizer(Trained):
    """A trained model that reads images or text. Its signatures are called with `call`."""

    task = "recognition"

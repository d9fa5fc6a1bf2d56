"""`digits`: the 1,797 handwritten digits that ship inside scikit-learn. No download."""

import numpy as np
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits


class Builder(tfds.core.GeneratorBasedBuilder):
    """8×8 grey-scale digits of 43 people (the test part of UCI's Optical Recognition set).

    Splits: every fifth digit is in "test" (359), the others in "train" (1,438). Examples: image
    uint8 [8, 8, 1], 17 levels spread over 0..255; label 0..9.
    """

    name = "digits"
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1)),
                    "label": tfds.features.ClassLabel(num_classes=10),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            citation="""@misc{alpaydin1998optical,
                author = {Alpaydin, E. and Kaynak, C.},
                title = {Optical Recognition of Handwritten Digits},
                year = {1998},
                publisher = {UCI Machine Learning Repository},
                doi = {10.24432/C50P49}}""",
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(False), "test": self._generate_examples(True)}

    def _generate_examples(self, test):
        digits = load_digits()
        images = np.round(digits.images * (255 / 16)).astype("uint8")[..., None]
        for i, (image, label) in enumerate(zip(images, digits.target)):
            if (i % 5 == 4) == test:
                yield i, {"image": image, "label": int(label)}

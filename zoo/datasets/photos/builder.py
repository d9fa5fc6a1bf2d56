"""`photos`: the photographs that ship inside scikit-image and scikit-learn. No download."""

import numpy as np
import skimage.data
import tensorflow_datasets as tfds
from sklearn.datasets import load_sample_image

coloured = ("astronaut", "coffee", "chelsea", "rocket", "hubble_deep_field")
grey = ("camera", "brick", "grass", "gravel", "coins", "moon")
held_out = ("coffee", "chelsea")


class Builder(tfds.core.GeneratorBasedBuilder):
    """Thirteen photographs of 300 to 1,000 pixels a side, at their own sizes, all as RGB.

    Splits: a cup of coffee and a cat are "test", the others "train". Examples: image uint8 [H, W, 3].
    """

    name = "photos"
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict({"image": tfds.features.Image(shape=(None, None, 3))}),
            homepage="https://scikit-image.org/docs/stable/api/skimage.data.html",
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(False), "test": self._generate_examples(True)}

    def _generate_examples(self, test):
        if not test:
            for name in ("china.jpg", "flower.jpg"):
                yield name, {"image": load_sample_image(name)}
        for name in (*coloured, *grey):
            if (name in held_out) == test:
                image = getattr(skimage.data, name)()
                yield name, {"image": np.broadcast_to(np.atleast_3d(image), (*image.shape[:2], 3)).copy()}

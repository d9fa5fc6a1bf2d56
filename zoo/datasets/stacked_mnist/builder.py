"""`stacked_mnist`: a thousand countable modes, from the `mnist` of TFDS."""

import numpy as np
import tensorflow_datasets as tfds

from zoo.datasets import load


class Builder(tfds.core.GeneratorBasedBuilder):
    """100,000 fixed triples of MNIST's training digits as the color channels of one image.

    The digits are sampled independently and scaled to 32×32, as in Liu et al. 2020 (Metz et al. 2017, arXiv
    1611.02163). Examples: image uint8 [32, 32, 3]; label 0..999, the three digits as a number, red first.
    """

    name = "stacked_mnist"
    VERSION = tfds.core.Version("1.0.0")
    PICTURES = 100_000

    def _info(self):
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(32, 32, 3)),
                    "label": tfds.features.ClassLabel(num_classes=1000),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://arxiv.org/abs/1611.02163",
        )

    def _split_generators(self, dl_manager):
        root = str(self.data_path.parent.parent)
        digits, labels = load("mnist", image_size=32, data_dir=root).arrays()
        return {"train": self._generate_examples(digits[..., 0], labels)}

    def _generate_examples(self, digits, labels):
        rng = np.random.Generator(np.random.PCG64(2017))
        chosen = rng.integers(len(digits), size=(self.PICTURES, 3))
        for i, three in enumerate(chosen):
            yield i, {"image": np.stack(digits[three], -1), "label": int(labels[three] @ [100, 10, 1])}

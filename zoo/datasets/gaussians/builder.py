"""`gaussians`: mixtures of Gaussians of known modes. No download."""

import dataclasses

import numpy as np
import tensorflow_datasets as tfds


@dataclasses.dataclass
class Mixture(tfds.core.BuilderConfig):
    """A mixture of equal isotropic Gaussians.

    Args:
        modes: Tuple of K tuples of d floats. The means.
        sigma: Float. Standard deviation in each coordinate.
    """

    modes: tuple = ()
    sigma: float = 1.0


def _ring(radius):
    angles = 2 * np.pi * np.arange(8) / 8
    return tuple((radius * np.cos(a), radius * np.sin(a)) for a in angles)


class Builder(tfds.core.GeneratorBasedBuilder):
    """100,000 fixed points, sampled once from a mixture of Gaussians.

    Configs: `normal` (one dimension, mean 4, σ 0.5: the setting of figure 1 of Goodfellow et al. 2014),
    `ring` and `ring_unit` (8 modes at radius 2 or 1, σ 0.01) and `grid` (5×5 modes at {−4, −2, 0, 2, 4}², σ
    0.05) as in Liu et al. 2020 and Lin et al. 2018. Examples: point float32 [d]; label, the index of its
    mode.
    """

    name = "gaussians"
    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        Mixture(name="normal", description="N(4, ½²)", modes=((4.0,),), sigma=0.5),
        Mixture(name="ring", description="radius 2", modes=_ring(2.0), sigma=0.01),
        Mixture(name="ring_unit", description="radius 1", modes=_ring(1.0), sigma=0.01),
        Mixture(
            name="grid",
            description="5×5",
            modes=tuple((x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)),
            sigma=0.05,
        ),
    ]
    POINTS = 100_000

    def _info(self):
        modes = self.builder_config.modes
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(
                {
                    "point": tfds.features.Tensor(shape=(len(modes[0]),), dtype=np.float32),
                    "label": tfds.features.ClassLabel(num_classes=len(modes)),
                }
            ),
            supervised_keys=("point", "label"),
            homepage="https://arxiv.org/abs/2006.10728",
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        config = self.builder_config
        rng = np.random.Generator(np.random.PCG64(2020))
        labels = rng.integers(len(config.modes), size=self.POINTS)
        noise = rng.standard_normal((self.POINTS, len(config.modes[0])))
        points = np.asarray(config.modes)[labels] + config.sigma * noise
        for i in range(self.POINTS):
            yield i, {"point": points[i].astype("float32"), "label": int(labels[i])}

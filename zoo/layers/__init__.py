"""Layers that Keras does not have, or that differ from Keras' layers for adversarial training.

`Maxout`, `InstanceNormalization`, `SpectralNormalization` and `WeightNormalization` compute the same values
as the layers of tensorflow-addons 0.23.0. Each docstring lists its differences.
"""

from zoo.layers.activation import Maxout, PReLU
from zoo.layers.convolution import (
    BlockwiseConv2D,
    DoublingConv2D,
    PixelShuffle,
    ReflectionPadding,
    TapwiseConv2D,
)
from zoo.layers.noise import Dropout, Noise
from zoo.layers.normalization import BatchNormalization, InstanceNormalization, Whitening
from zoo.layers.packing import Pack, each_its_own_pack, packed
from zoo.layers.reparametrized import SpectralNormalization, WeightNormalization

__all__ = [
    "BatchNormalization",
    "BlockwiseConv2D",
    "DoublingConv2D",
    "Dropout",
    "InstanceNormalization",
    "Maxout",
    "Noise",
    "PReLU",
    "Pack",
    "PixelShuffle",
    "ReflectionPadding",
    "SpectralNormalization",
    "TapwiseConv2D",
    "WeightNormalization",
    "Whitening",
    "each_its_own_pack",
    "packed",
]

"""The schemes, one a file. Importing this registers them all."""

from zoo.models import (
    cgan,
    cgan_mlp,
    classifier,
    cyclegan,
    dcgan,
    dualgan,
    gan,
    infogan,
    pix2pix,
    segmenter,
    selfcond,
    srgan,
)

__all__ = [
    "cgan",
    "cgan_mlp",
    "classifier",
    "cyclegan",
    "dcgan",
    "dualgan",
    "gan",
    "infogan",
    "pix2pix",
    "segmenter",
    "selfcond",
    "srgan",
]

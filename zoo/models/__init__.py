"""The schemes, one a file. Importing this registers them all."""

from zoo.models import cgan, cgan_mlp, classifier, dcgan, gan, infogan

__all__ = ["cgan", "cgan_mlp", "classifier", "dcgan", "gan", "infogan"]

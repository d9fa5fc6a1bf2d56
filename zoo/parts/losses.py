"""Loss terms that extend a paper's own."""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import losses
from zoo.networks import pretrained


class Matching:
    """What a generator pays for pictures that fit their texts less than others': λ times the loss of the
    text encoder's own training, for frozen θ and φ. Xu et al. 2018, AttnGAN, arXiv 1711.10485, equation 3.
    Of their DAMSM the part that is about whole texts, with Reed et al.'s joint embedding.

    Args:
        weight: λ.
        encoder: a trained `textencoder`, its name or its run folder.
        x_shape: (H, W, C) of the pictures.

    Attributes:
        memory: as of `Adversarial`.

    Raises:
        ZooError: an encoder without a θ, that of pictures.
    """

    def __init__(self, weight, encoder, x_shape):
        self.weight = weight
        if isinstance(encoder, keras.Model) or str(encoder).endswith(".keras"):
            raise ZooError(
                "network.match needs an encoder that sees pictures too, a trained textencoder. Without: "
                "--set network.match=0, and of the recipe's `stages` all but the last."
            )
        found = pretrained.network(encoder, lambda model: getattr(model, "seen", None))
        self.seen = pretrained.sized(found, encoder, x_shape)
        self.memory = (self.seen,)

    def __call__(self, x, embeddings):
        """The loss of pictures [B, H, W, C] in [−1, 1] that were told φ(t) [B, E]."""
        scores = tf.matmul(self.seen(x, training=False), embeddings, transpose_b=True)
        return self.weight * losses.joint_embedding(scores)

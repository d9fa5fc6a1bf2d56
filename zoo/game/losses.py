"""The adversarial losses, one function each.

All take logits (scores before any sigmoid) of any shape, compute in float32 and return a
scalar to *minimise*. D is the discriminator, C an unbounded critic; real stands for D's
logits on x ~ p_data, fake for those on G(z), z ~ p_z.
"""

import keras
import tensorflow as tf

from zoo.errors import unknown


def _mean(values):
    return tf.reduce_mean(tf.cast(values, tf.float32))


def _log_sigmoid(logits):
    """log D = −softplus(−logit), stable for any logit."""
    return -tf.nn.softplus(-tf.cast(logits, tf.float32))


def minimax(real, fake):
    """−V(D, G) = −E log D(x) − E log(1 − D(G(z))). Goodfellow et al. 2014, eq. 1."""
    return -_mean(_log_sigmoid(real)) - _mean(_log_sigmoid(-fake))


def saturating(fake):
    """E log(1 − D(G(z))), what G minimises in eq. 1 of Goodfellow et al. 2014."""
    return _mean(_log_sigmoid(-fake))


def non_saturating(fake):
    """−E log D(G(z)), what G minimises in practice. Goodfellow et al. 2014, §3."""
    return -_mean(_log_sigmoid(fake))


def least_squares(real, fake):
    """½ E (D(x) − 1)² + ½ E D(G(z))². Mao et al. 2017, eq. 9."""
    return 0.5 * (squared_distance(real, 1.0) + squared_distance(fake, 0.0))


def least_squares_generator(fake):
    """½ E (D(G(z)) − 1)². Mao et al. 2017, eq. 9."""
    return 0.5 * squared_distance(fake, 1.0)


def squared_distance(scores, target):
    """E (score − target)², one term of a least-squares game."""
    return _mean(tf.square(tf.cast(scores, tf.float32) - tf.cast(target, tf.float32)))


def l1(a, b):
    """E |a − b| over pixels, of a batch of pictures and what they are to be."""
    return tf.reduce_mean(tf.abs(a - b))


def wasserstein(real, fake):
    """E C(G(z)) − E C(x), the critic's loss. Arjovsky et al. 2017, eq. 2."""
    return _mean(fake) - _mean(real)


def wasserstein_generator(fake):
    """−E C(G(z)). Arjovsky et al. 2017, algorithm 1; the hinge game's generator has it too."""
    return -_mean(fake)


def hinge(real, fake):
    """E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))). Lim & Ye 2017; Miyato et al. 2018, eq. 16."""
    return _mean(tf.nn.relu(1.0 - real)) + _mean(tf.nn.relu(1.0 + fake))


_games = {
    "minimax": (minimax, saturating),
    "non_saturating": (minimax, non_saturating),
    "least_squares": (least_squares, least_squares_generator),
    "wasserstein": (wasserstein, wasserstein_generator),
    "hinge": (hinge, wasserstein_generator),
}


def game(name):
    """The two losses of a game: (discriminator(real, fake), generator(fake)). Of "wasserstein" nothing here
    bounds the critic's slope: it wants a D that does, such as `dcgan`'s with spectral norm.

    Raises:
        ZooError: no game has that name.
    """
    if name not in _games:
        raise unknown("game (loss)", name, _games)
    return _games[name]


def is_probability(name):
    """Whether in that game the sigmoid of D's logit is how likely an example is real."""
    return name in ("minimax", "non_saturating")


def _squared_gradient_norm(critic, x, given=()):
    """‖∇ₓ C(x)‖² of each example, with the critic run in float32 whatever its policy.

    C(x) of a critic that scores patches is their mean, as in the losses.
    """
    with tf.GradientTape() as tape:
        tape.watch(x)
        with FullPrecision(critic):
            inputs = {"x": x, **given} if isinstance(given, dict) else [x, *given] if given else x
            scores = tf.cast(critic(inputs, training=True), tf.float32)
            scores = tf.reduce_mean(scores, axis=range(1, len(scores.shape)))
    gradient = tape.gradient(scores, x)
    return tf.reduce_sum(tf.square(gradient), axis=range(1, len(x.shape)))


class FullPrecision:
    """Lets the layers of a network compute in float32 for a while.

    A gradient of a gradient leaves float16's range long before the loss scale notices.
    """

    _within = {}  # layer: (its policy outside, how many replicas are inside; they take turns)

    def __init__(self, network):
        self._layers = list(network._flatten_layers()) if isinstance(network, keras.Layer) else []

    def __enter__(self):
        for layer in self._layers:
            policy, replicas = self._within.get(layer, (layer.dtype_policy, 0))
            self._within[layer] = policy, replicas + 1
            layer.dtype_policy = "float32"

    def __exit__(self, *exception):
        for layer in self._layers:
            policy, replicas = self._within.pop(layer)
            if replicas > 1:
                self._within[layer] = policy, replicas - 1
            else:
                layer.dtype_policy = policy


def gradient_penalty(critic, real, fake, mix, given=()):
    """E (‖∇ C(x̂)‖ − 1)² at x̂ = ε x + (1 − ε) G(z). Gulrajani et al. 2017, eq. 3.

    Args:
        critic: a network from examples to scores.
        real, fake: examples [B, …].
        mix: ε ~ U[0, 1), one for each example: float32 [B].
        given: Conditions of the critic, as for `r1`.
    """
    real, fake = tf.cast(real, tf.float32), tf.cast(fake, tf.float32)
    mix = tf.reshape(mix, [-1] + [1] * (len(real.shape) - 1))
    squared = _squared_gradient_norm(critic, mix * real + (1.0 - mix) * fake, given)
    norm = tf.sqrt(squared + 1e-12)  # the root has no slope at zero
    return tf.reduce_mean(tf.square(norm - 1.0))


def r1(critic, real, given=()):
    """½ E ‖∇ D(x)‖² at real examples. Mescheder et al. 2018, eq. 9 (γ is the caller's).

    Args:
        critic: A network from examples to scores. With conditions, from `[examples, *given]`, or from
            `{"x": examples, **given}` if `given` is a dict.
        real: examples [B, …].
        given: Tuple or dict of conditions of the critic. Defaults to `()`.
    """
    return 0.5 * tf.reduce_mean(_squared_gradient_norm(critic, tf.cast(real, tf.float32), given))


def matching_aware(right, wrong, fake):
    """−log s_r − (log(1 − s_w) + log(1 − s_f)) / 2, of real pictures with their text, real pictures with
    another's, and fakes with the text they were made of. Reed et al. 2016 (GAN-CLS), algorithm 1."""
    return -_mean(_log_sigmoid(right)) - 0.5 * (_mean(_log_sigmoid(-wrong)) + _mean(_log_sigmoid(-fake)))


def joint_embedding(scores):
    """Computes the symmetric structured joint embedding loss, with a margin of 1.

    As in the authors' code, the hinges of all wrong partners are summed and divided by B².

    Args:
        scores: Tensor [B, B]. F(vᵢ, tⱼ) of image i and text j, of which i = j belong together.

    Returns:
        Scalar tensor.

    Reference:
        Reed et al., 2016, arXiv 1605.05395, equations 3 to 5.
    """
    scores = tf.cast(scores, tf.float32)
    own, n = tf.linalg.diag_part(scores), tf.cast(tf.shape(scores)[0], tf.float32)
    wrong = 1.0 - tf.eye(tf.shape(scores)[0])
    of_images = wrong * tf.nn.relu(1.0 + scores - own[:, None])
    of_texts = wrong * tf.nn.relu(1.0 + scores - own[None, :])
    return (tf.reduce_sum(of_images) + tf.reduce_sum(of_texts)) / n**2


def hardest_joint_embedding(scores):
    """Computes the joint embedding loss of the hardest wrong partner, by a smooth maximum (log Σ exp).

    Args:
        scores: Tensor [B, B], as for `joint_embedding`.

    Returns:
        Scalar tensor.
    """
    scores = tf.cast(scores, tf.float32)
    own = tf.linalg.diag_part(scores)
    margin = 1.0 - tf.eye(tf.shape(scores)[0])  # the own partner has no margin, and a loss of 0
    of_images = tf.reduce_logsumexp(margin + scores - own[:, None], 1)
    of_texts = tf.reduce_logsumexp(margin + scores - own[None, :], 0)
    return _mean(of_images) + _mean(of_texts)


def normal_divergence(mean, log_sigma):
    """KL(N(μ, σ²) ‖ N(0, 1)), mean over coordinates as in the authors' code. Zhang et al. 2017, eq. 2."""
    mean, log_sigma = tf.cast(mean, tf.float32), tf.cast(log_sigma, tf.float32)
    return _mean(0.5 * (tf.square(mean) + tf.exp(2.0 * log_sigma) - 1.0) - log_sigma)

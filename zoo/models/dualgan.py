"""DualGAN, translation between two domains with Wasserstein critics.

Reference: Yi et al. 2017, DualGAN: Unsupervised Dual Learning for Image-to-Image Translation,
arXiv 1704.02510.
"""

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import losses
from zoo.game.adversarial import step
from zoo.layers.normalization import InstanceNormalization
from zoo.networks.blocks import init, near_one
from zoo.networks.translators import halvings, patch_discriminator, unet
from zoo.registry import register
from zoo.tasks.translation.base import Translator


def instance_norm(h):
    """Applies instance norm, whose scales start at N(1, 0.02²)."""
    return InstanceNormalization(1e-6, gamma_initializer=near_one())(h)


def halving(h, channels, kernel=3):
    """Applies a convolution with a stride of 2."""
    start = keras.initializers.TruncatedNormal(stddev=0.02)
    return keras.layers.Conv2D(channels, kernel, 2, "same", kernel_initializer=start)(h)


def unet_of_2020(x_shape, width, name):
    """Builds the U-net of the code of 2020: kernels of 3×3 (5×5 next to images), no dropout."""
    n = halvings(x_shape)
    channels = [width * min(2**i, 8) for i in range(n)]
    x = keras.Input((None, None, x_shape[-1]), name="x")
    skips = [halving(x, channels[0], 5)]
    for count in channels[1:]:
        skips.append(instance_norm(halving(keras.layers.LeakyReLU(0.2)(skips[-1]), count)))

    def doubled(h, count, kernel=3):
        layer = keras.layers.Conv2DTranspose(count, kernel, 2, "same", kernel_initializer=init())
        return layer(keras.layers.ReLU()(h))

    h = skips[-1]
    for skip, count in zip(skips[-2::-1], channels[-2::-1]):
        h = keras.layers.Concatenate()([instance_norm(doubled(h, count)), skip])
    h = keras.layers.Activation("tanh", dtype="float32")(doubled(h, x_shape[-1], 5))
    return keras.Model(x, h, name=name)


def critic_of_2020(x_shape, width, name):
    """Builds the critic of whole images of the authors' code of 2020."""
    x = keras.Input(x_shape, name="x")
    h = keras.layers.LeakyReLU(0.2)(halving(x, width, 5))
    for factor in (2, 4, 8, 8):
        h = keras.layers.LeakyReLU(0.2)(instance_norm(halving(h, factor * width)))
    score = keras.layers.Dense(1, kernel_initializer=init(), dtype="float32")(keras.layers.Flatten()(h))
    return keras.Model(x, score, name=name)


class DualGAN(Translator):
    """Trains two Wasserstein GANs and λ (‖u − G_B(G_A(u))‖₁ + ‖v − G_A(G_B(v))‖₁).

    Args:
        g_a, g_b: Generators, from u to v and from v to u.
        d_a, d_b: Critics of v and of u.
        critic_steps: Integer. Number of updates of the critics per update of the generators.
        weight: Float. λ.
        clip: Float. The critics' weights, scales and biases stay in ± this value. 0 disables clipping.

    Reference:
        Yi et al., 2017, equations 1 to 3.
    """

    values = {"discriminator": ("critic", "real", "fake")}

    def __init__(self, g_a, g_b, d_a, d_b, critic_steps, weight, clip, **kwargs):
        super().__init__({"a_to_b": g_a, "b_to_a": g_b}, [d_a, d_b], noisy=True, **kwargs)
        self.g_a, self.g_b, self.d_a, self.d_b = g_a, g_b, d_a, d_b
        self.batches_per_step = critic_steps
        self.weight, self.clip = weight, clip

    @step
    def train_step(self, batch):  # Algorithm 1
        """Makes one step of algorithm 1."""
        for u, v in zip(*map(self.split, self.real(batch))):
            fake_v, fake_u = self.g_a(u, training=True), self.g_b(v, training=True)
            with self.turn("discriminator") as t:
                t.loss = self.critic(self.d_a, v, fake_v) + self.critic(self.d_b, u, fake_u)
            self.clip_critics()
        with self.turn("generator") as t:
            fake_v, fake_u = self.g_a(u, training=True), self.g_b(v, training=True)
            adversarial = losses.wasserstein_generator(self.d_a(fake_v, training=True))
            adversarial += losses.wasserstein_generator(self.d_b(fake_u, training=True))
            recovery = losses.l1(self.g_b(fake_v, training=True), u) + losses.l1(
                self.g_a(fake_u, training=True), v
            )
            t.loss = adversarial + self.weight * recovery
        self.report("recovery", recovery)

    def critic(self, d, real, fake):
        """Returns the loss of one critic."""
        loss = losses.wasserstein(d(real, training=True), d(fake, training=True))
        return self.extended("discriminator", loss, critic=d, real=real, fake=fake)

    def clip_critics(self):
        """Clips all variables of the critics, as the authors' code."""
        if self.clip:
            for variable in self.side_variables("discriminator"):
                variable.assign(tf.clip_by_value(variable, -self.clip, self.clip))


@register("dualgan", reads="domains")
def build(
    x_shape,
    classes=None,
    width=64,
    discriminator_width=64,
    patch: int | str = 70,
    dropout=0.5,
    critic_steps=2,
    weight=500.0,
    clip=0.01,
    code=2017,
):
    """Builds the U-nets and patch critics of pix2pix (section 3.3), or the networks of the code of 2020.

    Args:
        x_shape: Tuple `(H, W, C)`. The sides are equal, and a multiple of 16.
        classes: Not used.
        width: Integer. Channels next to the image in the U-nets. The innermost layers have eight times as
            many. Defaults to 64.
        discriminator_width: Integer. Channels of the critics' first layers. Defaults to 64.
        patch: Receptive field of the critics. See `zoo.networks.translators.patch_discriminator`.
        dropout: Float. Dropout rate of the decoders, the only noise. It stays on after training.
        critic_steps: Integer. Number of updates of the critics per update of the generators. The paper has
            2 to 4. Defaults to 2.
        weight: Float. λ_U = λ_V. The paper has 100 to 1000. Defaults to 500.
        clip: Float. The critics' weights, scales and biases stay in ± this value. 0 disables clipping.
            Defaults to 0.01.
        code: Integer. 2017 for the paper's networks, or 2020 for those of the authors' code of 2020, whose
            kernels are 3×3 and whose critics score whole images. `patch` and `dropout` then do not apply.
            Defaults to 2017.

    Raises:
        ZooError: Another year.
    """
    if code not in (2017, 2020):
        raise ZooError(f"network.code is 2017 or 2020, not {code}.")
    if code == 2020:
        g_a, g_b = (unet_of_2020(x_shape, width, name) for name in ("g_a", "g_b"))
        d_a, d_b = (critic_of_2020(x_shape, discriminator_width, name) for name in ("d_a", "d_b"))
    else:
        g_a, g_b = (unet(x_shape, width, dropout, name) for name in ("g_a", "g_b"))
        d_a, d_b = (  # a last bias would cancel in E C(real) − E C(fake)
            patch_discriminator(x_shape, discriminator_width, patch, name, last_bias=False)
            for name in ("d_a", "d_b")
        )
    shape = {"x_shape": x_shape, "width": width, "multiple": 2 ** halvings(x_shape)}
    return DualGAN(g_a, g_b, d_a, d_b, critic_steps, weight, clip, **shape)

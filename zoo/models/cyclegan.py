"""CycleGAN: Zhu et al. 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
Networks, arXiv 1703.10593."""

import functools

import keras
import tensorflow as tf

from zoo.game import losses, randomness
from zoo.game.adversarial import step
from zoo.layers.convolution import ReflectionPadding, TapwiseConv2D
from zoo.networks.blocks import init
from zoo.networks.translators import halvings, normalised, patch_discriminator
from zoo.registry import register
from zoo.tasks.translation.base import Translator


def resnet(x_shape, width, blocks, name):
    """c7s1-64, d128, d256, R256 × blocks, u128, u64, c7s1-3. Appendix 7.2.

    Args:
        x_shape: (H, W, C) of the pictures of training.
        width: channels of the first and last layers.
        blocks: residual blocks (6 for pictures of 128 pixels, 9 for 256).
        name: of the network.
    """

    def convolution(h, channels, kernel, layer=keras.layers.Conv2D, **kwargs):
        h = layer(channels, kernel, use_bias=False, kernel_initializer=init(), **kwargs)(h)
        return normalised(h)

    def relu(h):
        return keras.layers.ReLU()(h)

    def residual(h):
        inner = relu(convolution(ReflectionPadding(1)(h), h.shape[-1], 3, TapwiseConv2D))
        inner = convolution(ReflectionPadding(1)(inner), h.shape[-1], 3, TapwiseConv2D)
        return keras.layers.Add()([h, inner])

    x = keras.Input((None, None, x_shape[-1]), name="x")
    h = relu(convolution(ReflectionPadding(3)(x), width, 7))
    for factor in (2, 4):
        h = relu(convolution(h, factor * width, 3, strides=2, padding="same"))
    for _ in range(blocks):
        h = residual(h)
    up = keras.layers.Conv2DTranspose
    for factor in (2, 1):
        h = relu(convolution(h, factor * width, 3, up, strides=2, padding="same"))
    h = keras.layers.Conv2D(x_shape[-1], 7, kernel_initializer=init())(ReflectionPadding(3)(h))
    return keras.Model(x, keras.layers.Activation("tanh", dtype="float32")(h), name=name)


class Pool(keras.layers.Layer):
    """Pictures that a generator made before. Shrivastava et al. 2017; §4 here.

    Asked with new fakes it gives, for each with probability ½, itself, else an old one, whose
    place it takes. Until the pool is full all fakes are new. On several replicas each has its own
    pool; a checkpoint keeps the first's.

    Args:
        size: how many pictures; 0: all fakes are always new.
        x_shape: (H, W, C).
    """

    def __init__(self, size, x_shape, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.size = size
        own = {"trainable": False, "synchronization": "on_read", "aggregation": "only_first_replica"}
        self.pictures = keras.Variable("zeros", (max(size, 1), *x_shape), "float32", name="pictures", **own)
        self.filled = keras.Variable("zeros", (), "int32", name="filled", **own)

    def call(self, fakes):
        if not self.size:
            return fakes
        n = tf.shape(fakes)[:1]
        drawn = (fakes, randomness.integers(n, self.size), randomness.uniform(n) < 0.5)
        new = tf.TensorSpec(fakes.shape[1:], fakes.dtype)
        return tf.stop_gradient(
            tf.map_fn(self._exchange, drawn, fn_output_signature=new, parallel_iterations=1)
        )

    def _exchange(self, drawn):
        fake, place, old = drawn
        filled = tf.convert_to_tensor(self.filled.value)
        full = filled >= self.size
        place = tf.where(full, place, tf.minimum(filled, self.size - 1))
        swapped = tf.logical_and(full, old)
        stored = tf.gather(self.pictures.value, place)
        kept = tf.where(tf.logical_and(full, tf.logical_not(old)), stored, fake)
        self.pictures.assign(tf.tensor_scatter_nd_update(self.pictures.value, [[place]], kept[None]))
        self.filled.assign(tf.minimum(filled + 1, self.size))
        return tf.where(swapped, stored, fake)


class CycleGAN(Translator):
    """Two least-squares games and λ (E ‖F(G(x)) − x‖₁ + E ‖G(F(y)) − y‖₁). Equations 1 to 3."""

    values = {"generator": ("copies",)}

    def __init__(self, g, f, d_x, d_y, pools, weight, identity, **kwargs):
        super().__init__({"a_to_b": g, "b_to_a": f}, [d_x, d_y], **kwargs)
        self.g, self.f, self.d_x, self.d_y = g, f, d_x, d_y
        self.pool_x, self.pool_y = self.memory = pools
        self.weight = weight  # λ
        self.identity = identity

    @step
    def train_step(self, batch):
        x, y = self.real(batch)
        G, F, D_X, D_Y = (functools.partial(n, training=True) for n in (self.g, self.f, self.d_x, self.d_y))
        with self.turn("generator") as t:
            fake_y, fake_x = G(x), F(y)
            gan = losses.squared_distance(D_Y(fake_y), 1.0) + losses.squared_distance(D_X(fake_x), 1.0)
            cycle = losses.l1(F(fake_y), x) + losses.l1(G(fake_x), y)  # equation 2
            t.loss = gan + self.weight * cycle  # equation 3
            if self.identity:  # §5.2
                identity = losses.l1(G(y), y) + losses.l1(F(x), x)
                t.loss += self.weight * self.identity * identity
            copies = self.weight * (losses.l1(fake_y, x) + losses.l1(fake_x, y))
            t.loss = self.extended("generator", t.loss, copies=copies)
        with self.turn("discriminator") as t:
            t.loss = losses.least_squares(D_Y(y), D_Y(self.pool_y(fake_y)))
            t.loss += losses.least_squares(D_X(x), D_X(self.pool_x(fake_x)))
        self.report("cycle", cycle)


@register("cyclegan", reads="domains")
def build(
    x_shape,
    classes=None,
    width=64,
    discriminator_width=64,
    blocks=6,
    patch=70,
    pool=50,
    weight=10.0,
    identity=0.5,
):
    """The networks of appendix 7.2.

    Args:
        x_shape: (H, W, C), square, the side a multiple of 16.
        classes: labels are not used.
        width: channels next to the picture in G and F.
        discriminator_width: channels of the discriminators' first layer.
        blocks: residual blocks.
        patch: what the discriminators judge; see `zoo.networks.translators.patch_discriminator`.
        pool: past fakes that each discriminator is shown.
        weight: λ of the cycle.
        identity: the identity loss (§5.2), in units of λ; 0: none.
    """
    halvings(x_shape)
    g, f = (resnet(x_shape, width, blocks, name) for name in ("g", "f"))
    d_x, d_y = (patch_discriminator(x_shape, discriminator_width, patch, n) for n in ("d_x", "d_y"))
    pools = [Pool(pool, x_shape, name=name) for name in ("pool_x", "pool_y")]
    shape = {"x_shape": x_shape, "width": width, "multiple": 4, "least": 8}
    return CycleGAN(g, f, d_x, d_y, pools, weight, identity, **shape)

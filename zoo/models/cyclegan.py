"""CycleGAN, translation between two domains without pairs.

Reference: Zhu et al. 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
Networks, arXiv 1703.10593.
"""

import functools

import keras
import tensorflow as tf

from zoo.game import losses, randomness
from zoo.game.adversarial import step
from zoo.layers.convolution import ReflectionPadding, TapwiseConv2D
from zoo.networks.blocks import init
from zoo.networks.translators import halvings, instance_norm, patch_discriminator
from zoo.registry import register
from zoo.tasks.translation.base import Translator


def resnet(x_shape, width, blocks, name):
    """Builds the generator c7s1-64, d128, d256, R256 × blocks, u128, u64, c7s1-3.

    Args:
        x_shape: Tuple `(H, W, C)` of the training images.
        width: Integer. Channels of the first and last layers.
        blocks: Integer. Number of residual blocks: 6 for images of 128 pixels, 9 for 256.
        name: String. Name of the network.

    Reference:
        Zhu et al., 2017, appendix 7.2.
    """

    def convolution_instance_norm(h, channels, kernel, layer=keras.layers.Conv2D, **kwargs):
        h = layer(channels, kernel, use_bias=False, kernel_initializer=init(), **kwargs)(h)
        return instance_norm(h)

    def relu(h):
        return keras.layers.ReLU()(h)

    def residual(h):
        inner = relu(convolution_instance_norm(ReflectionPadding(1)(h), h.shape[-1], 3, TapwiseConv2D))
        inner = convolution_instance_norm(ReflectionPadding(1)(inner), h.shape[-1], 3, TapwiseConv2D)
        return keras.layers.Add()([h, inner])

    x = keras.Input((None, None, x_shape[-1]), name="x")
    h = relu(convolution_instance_norm(ReflectionPadding(3)(x), width, 7))
    for factor in (2, 4):
        h = relu(convolution_instance_norm(h, factor * width, 3, strides=2, padding="same"))
    for _ in range(blocks):
        h = residual(h)
    up = keras.layers.Conv2DTranspose
    for factor in (2, 1):
        h = relu(convolution_instance_norm(h, factor * width, 3, up, strides=2, padding="same"))
    h = keras.layers.Conv2D(x_shape[-1], 7, kernel_initializer=init())(ReflectionPadding(3)(h))
    return keras.Model(x, keras.layers.Activation("tanh", dtype="float32")(h), name=name)


class Pool(keras.layers.Layer):
    """Stores images that a generator made before.

    The call returns, for each new image with probability ½, the new image itself. Otherwise it returns a
    stored image, which the new image replaces. Until the pool is full, it returns the new images. Each
    replica has its own pool, and a checkpoint stores the pool of the first replica.

    Args:
        size: Integer. Number of images. 0 always returns the new images.
        x_shape: Tuple `(H, W, C)`.

    Reference:
        Shrivastava et al., 2017; Zhu et al., 2017, section 4.
    """

    def __init__(self, size, x_shape, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.size = size
        own = {"trainable": False, "synchronization": "on_read", "aggregation": "only_first_replica"}
        self.images = keras.Variable("zeros", (max(size, 1), *x_shape), "float32", name="images", **own)
        self.filled = keras.Variable("zeros", (), "int32", name="filled", **own)

    def call(self, fakes):
        """Returns images for the update of a discriminator, with the shape of `fakes`."""
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
        stored = tf.gather(self.images.value, place)
        kept = tf.where(tf.logical_and(full, tf.logical_not(old)), stored, fake)
        self.images.assign(tf.tensor_scatter_nd_update(self.images.value, [[place]], kept[None]))
        self.filled.assign(tf.minimum(filled + 1, self.size))
        return tf.where(swapped, stored, fake)


class CycleGAN(Translator):
    """Trains two least-squares GANs and λ (E ‖F(G(x)) − x‖₁ + E ‖G(F(y)) − y‖₁).

    Args:
        g, f: Generators, from x to y and from y to x.
        d_x, d_y: Discriminators of the two domains.
        pools: Two `Pool` layers, of generated x and y.
        weight: Float. λ.
        identity: Float. Loss weight of the identity loss (section 5.2), in units of λ. 0 disables it.

    Reference:
        Zhu et al., 2017, equations 1 to 3.
    """

    values = {"generator": ("copies",), "discriminator": ("critic", "real", "fake")}

    def __init__(self, g, f, d_x, d_y, pools, weight, identity, **kwargs):
        super().__init__({"a_to_b": g, "b_to_a": f}, [d_x, d_y], **kwargs)
        self.g, self.f, self.d_x, self.d_y = g, f, d_x, d_y
        self.pool_x, self.pool_y = self.memory = pools
        self.weight = weight  # λ
        self.identity = identity

    @step
    def train_step(self, batch):
        """Makes one update of both generators, then one of both discriminators."""
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
            t.loss = self.distance(self.d_y, y, self.pool_y(fake_y))
            t.loss += self.distance(self.d_x, x, self.pool_x(fake_x))
        self.report("cycle", cycle)

    def distance(self, d, real, fake):
        """Returns the loss of one discriminator."""
        loss = losses.least_squares(d(real, training=True), d(fake, training=True))
        return self.extended("discriminator", loss, critic=d, real=real, fake=fake)


@register("cyclegan", reads="domains")
def build(
    x_shape,
    classes=None,
    width=64,
    discriminator_width=64,
    blocks=6,
    patch: int | str = 70,
    pool=50,
    weight=10.0,
    identity=0.5,
):
    """Builds the networks of appendix 7.2.

    Args:
        x_shape: Tuple `(H, W, C)`. The sides are equal, and a multiple of 16.
        classes: Not used.
        width: Integer. Channels next to the image in G and F. Defaults to 64.
        discriminator_width: Integer. Channels of the discriminators' first layers. Defaults to 64.
        blocks: Integer. Number of residual blocks. Defaults to 6.
        patch: Receptive field of the discriminators. See `zoo.networks.translators.patch_discriminator`.
        pool: Integer. Number of stored images per discriminator. Defaults to 50.
        weight: Float. λ of the cycle loss. Defaults to 10.
        identity: Float. Loss weight of the identity loss (section 5.2), in units of λ. 0 disables it.
            Defaults to 0.5.
    """
    halvings(x_shape)
    g, f = (resnet(x_shape, width, blocks, name) for name in ("g", "f"))
    d_x, d_y = (
        patch_discriminator(x_shape, discriminator_width, patch, name, normalize=instance_norm)
        for name in ("d_x", "d_y")
    )
    pools = [Pool(pool, x_shape, name=name) for name in ("pool_x", "pool_y")]
    shape = {"x_shape": x_shape, "width": width, "multiple": 4, "least": 8}
    return CycleGAN(g, f, d_x, d_y, pools, weight, identity, **shape)

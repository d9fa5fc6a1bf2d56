"""Layers that Keras lacks, or has in a form that a game between two networks cannot use.

Maxout, InstanceNormalization, SpectralNormalization and WeightNormalization give what
tensorflow-addons 0.23.0 gives (tests/golden_tfa.py); departures are named where they are.
"""

import math

import keras
import tensorflow as tf

from zoo import randomness
from zoo.errors import ZooError


@keras.saving.register_keras_serializable("zoo")
class Maxout(keras.layers.Layer):
    """The largest of each unit's pieces. Goodfellow et al. 2013, Maxout Networks, eq. 1.

    Args:
        units: how many units the last axis becomes; it must hold a multiple of them. The
            first pieces of all units lie side by side, then the second ones, ….

    Input shape: [..., pieces · units]. Output shape: [..., units].

    Raises:
        ValueError: the last axis is no multiple of `units`.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        if input_shape[-1] % self.units:
            raise ValueError(f"Maxout cannot share {input_shape[-1]} channels among {self.units} units.")

    def call(self, x):
        pieces = x.shape[-1] // self.units
        shape = tf.concat([tf.shape(x)[:-1], [pieces, self.units]], 0)
        y = tf.reduce_max(tf.reshape(x, shape), axis=-2)
        return tf.ensure_shape(y, [*x.shape[:-1], self.units])

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("zoo")
class Dropout(keras.layers.Layer):
    """Inverted dropout whose mask comes from the step's own randomness.

    Keras' Dropout draws the same mask on every replica, and its state is not checkpointed.

    Args:
        rate: the share of inputs set to zero, in [0, 1); the rest is scaled by 1 / (1 − rate).
    """

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"A dropout rate lies in [0, 1); this one is {rate}.")
        self.rate = rate

    def call(self, x, training=False):
        if not training or not self.rate:
            return x
        kept = randomness.uniform(tf.shape(x)) >= self.rate
        return tf.where(kept, x / (1.0 - self.rate), tf.zeros_like(x))

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


@keras.saving.register_keras_serializable("zoo")
class Noise(keras.layers.Layer):
    """Gaussian noise on what a discriminator sees, in training only: instance noise. Sønderby et al. 2017,
    Amortised MAP Inference, §3.3 (1610.04490).

    Where real pictures are of flat colours, D knows a fake by its faintest grain, and G learns nothing of
    what is in the pictures. Keras' GaussianNoise has a state that is not checkpointed.

    Args:
        sigma: the noise's standard deviation, in units of the input.
    """

    def __init__(self, sigma, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= sigma:
            raise ValueError(f"A standard deviation is not negative; this one is {sigma}.")
        self.sigma = sigma

    def call(self, x, training=False):
        if not training or not self.sigma:
            return x
        return x + tf.cast(self.sigma * randomness.normal(tf.shape(x)), x.dtype)

    def get_config(self):
        return {**super().get_config(), "sigma": self.sigma}


@keras.saving.register_keras_serializable("zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer with the fused kernel where there is one device, and one batch on many.

    Defaults are those of the DCGAN authors: momentum 0.9, ε 1e-5. On several replicas the
    statistics are those of the global batch, so that the replicas' copies do not drift apart.
    The fused kernel took a fifth off a whole DCGAN step in bfloat16.
    """

    def __init__(self, momentum=0.9, epsilon=1e-5, **kwargs):
        kwargs.setdefault("synchronized", tf.distribute.get_strategy().num_replicas_in_sync > 1)
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)

    def call(self, x, training=None, mask=None):
        if not training or self.synchronized or len(x.shape) != 4:
            return super().call(x, training=training, mask=mask)
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x,
            tf.cast(self.gamma, tf.float32),
            tf.cast(self.beta, tf.float32),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The kernel reports the unbiased variance; Keras averages the biased one.
        n = tf.cast(tf.size(x) / x.shape[-1], tf.float32)
        variance *= (n - 1.0) / n
        for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            average.assign(average * self.momentum + value * (1.0 - self.momentum))
        return y


@keras.saving.register_keras_serializable("zoo")
class InstanceNormalization(keras.layers.GroupNormalization):
    """Each channel of each example normalised over its own pixels. Ulyanov et al. 2016.

    Keras' group normalisation with one channel a group, under the name the field knows. The
    statistics of a batch of one are its batch statistics, for which there is a fused kernel.
    """

    def __init__(self, epsilon=1e-3, **kwargs):
        super().__init__(**{**kwargs, "groups": -1}, epsilon=epsilon)

    def call(self, x):
        if x.shape[0] != 1 or len(x.shape) != 4 or self.axis not in (-1, 3):
            return super().call(x)
        ones, zeros = tf.ones(x.shape[-1]), tf.zeros(x.shape[-1])
        y, _, _ = tf.compat.v1.nn.fused_batch_norm(
            x,
            tf.cast(self.gamma, tf.float32) if self.scale else ones,
            tf.cast(self.beta, tf.float32) if self.center else zeros,
            epsilon=self.epsilon,
            is_training=True,
        )
        return y


@keras.saving.register_keras_serializable("zoo")
class Whitening(keras.layers.Layer):
    """L⁻¹ (x − μ) with L Lᵀ the covariance: all directions of examples vary alike. Huang et al. 2018,
    Decorrelated Batch Normalization, arXiv 1804.08450, by Cholesky's factor for their eigenvectors'.

    For what is no longer learned, such as embeddings by a frozen network: the statistics are those of all
    batches so far, later moving averages, in training too, and no gradient reaches them.

    Args:
        momentum: of the moving averages.
        epsilon: of the mean variance, added to each direction's: those that hardly vary are noise. Of the
            variance of captions' embeddings the scene's factors were 0.92, the rest phrasing; of that of
            the whitened ones they were 0.47 with 0.1, 0.67 with 0.5.

    Input and output shape: [B, E].
    """

    def __init__(self, momentum=0.999, epsilon=0.5, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape):
        e = input_shape[-1]
        own = {"trainable": False, "aggregation": "only_first_replica"}
        self.batches = self.add_weight(name="batches", shape=(), initializer="zeros", **own)
        self.mean = self.add_weight(name="mean", shape=(e,), initializer="zeros", **own)
        self.square = self.add_weight(name="square", shape=(e, e), initializer="identity", **own)

    def call(self, x, training=False):
        if training:
            n = self.batches.value + 1.0
            share = tf.maximum(1.0 / n, 1.0 - self.momentum)
            squares = tf.matmul(x, x, transpose_a=True) / tf.cast(tf.shape(x)[0], x.dtype)
            for average, value in ((self.mean, tf.reduce_mean(x, 0)), (self.square, squares)):
                average.assign(average + share * (value - average))
            self.batches.assign(n)
        mean = tf.convert_to_tensor(self.mean.value)
        covariance = self.square.value - mean[:, None] * mean
        floor = self.epsilon * tf.linalg.trace(covariance) / mean.shape[0]
        factor = tf.linalg.cholesky(covariance + floor * tf.eye(mean.shape[0]))
        return tf.transpose(tf.linalg.triangular_solve(factor, tf.transpose(x - mean)))

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}


@keras.saving.register_keras_serializable("zoo")
class ReflectionPadding(keras.layers.Layer):
    """Pads both sides of rows and columns by their mirror image, the border not repeated.

    Args:
        width: how many pixels, fewer than the picture has.

    Input shape: [B, H, W, C]. Output shape: [B, H + 2 width, W + 2 width, C].
    """

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width

    def call(self, x):
        pad = [self.width, self.width]
        return tf.pad(x, [[0, 0], pad, pad, [0, 0]], "REFLECT")

    def compute_output_shape(self, input_shape):
        b, h, w, c = input_shape
        return b, h and h + 2 * self.width, w and w + 2 * self.width, c

    def get_config(self):
        return {**super().get_config(), "width": self.width}


@keras.saving.register_keras_serializable("zoo")
class PixelShuffle(keras.layers.Layer):
    """Channels laid out as pixels, each scale × scale of them. Shi et al. 2016, eq. 4.

    Args:
        scale: how many times as high and wide a picture becomes.

    Input shape: [B, H, W, scale² C]. Output shape: [B, scale H, scale W, C].
    """

    def __init__(self, scale, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        return tf.nn.depth_to_space(x, self.scale)

    def compute_output_shape(self, input_shape):
        b, h, w, c = input_shape
        return b, h and self.scale * h, w and self.scale * w, c // self.scale**2

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("zoo")
class DoublingConv2D(keras.layers.Conv2D):
    """`UpSampling2D(2)` (nearest) and then a "same" `Conv2D` of 3×3, to rounding, in up to a seventh of
    their time.

    Neighbours that are equal share their weights' sum: a transposed convolution of stride 2 whose 4×4
    kernel sums the 3×3 kernel shifted to four places. So, unlike one with a free kernel, it cannot leave
    a checker on a flat ground (Odena et al. 2016, Deconvolution and Checkerboard Artifacts).

    Input shape: [B, H, W, C], H and W known. Output shape: [B, 2 H, 2 W, filters].
    """

    def __init__(self, filters, **kwargs):
        super().__init__(filters, **{"kernel_size": 3, "padding": "same", **kwargs})

    def convolution_op(self, inputs, kernel):
        # A transposed convolution is a convolution's gradient, which has its kernel mirrored.
        kernel = tf.transpose(kernel[::-1, ::-1], [0, 1, 3, 2])
        moves = [(i, 1 - i) for i in range(2)]
        kernel = tf.add_n([tf.pad(kernel, [i, j, (0, 0), (0, 0)]) for i in moves for j in moves])
        shape = self.compute_output_shape((tf.shape(inputs)[0], *inputs.shape[1:]))
        return tf.nn.conv2d_transpose(inputs, kernel, shape, strides=2)

    def compute_output_shape(self, input_shape):
        batch, rows, columns, _ = input_shape
        return (batch, 2 * rows, 2 * columns, self.filters)


@keras.saving.register_keras_serializable("zoo")
class BlockwiseConv2D(keras.layers.Conv2D):
    """A "same" `Conv2D` of stride 1, to rounding, that makes b × b pixels at a time.

    A large kernel with few filters, such as the 9×9 one that ends SRResNet with three, keeps a processor
    waiting: it gathers many numbers for each few that it makes. Here the map's blocks of b × b pixels are
    its pixels; the kernel is larger and mostly as it was, shifted, for each of b² times as many filters.
    On a CPU this takes half the time.

    Args:
        filters, kernel_size: as for `Conv2D`; the size a single odd number.
        block: b; 2 or 3. Of 4, and so of sixteen times the channels, oneDNN's convolution made minutes.

    Input shape: [B, H, W, C], H and W multiples of b. Output shape: [B, H, W, filters].
    """

    def __init__(self, filters, kernel_size, block, **kwargs):
        super().__init__(filters, kernel_size, **{"padding": "same", **kwargs})
        self.block = block

    def convolution_op(self, inputs, kernel):
        b, size = self.block, self.kernel_size[0]
        reach = math.ceil((size // 2) / b)  # how many blocks on each side of one are seen
        blocks = 2 * reach + 1
        before = reach * b - size // 2
        pads = [(before + i, blocks * b - size - before - i) for i in range(b)]
        channels, filters = kernel.shape[2:]

        def seen_from(i, j):
            """The kernel of the pixels at row i and column j of all blocks."""
            wide = tf.pad(kernel, [pads[i], pads[j], (0, 0), (0, 0)])
            wide = tf.reshape(wide, [blocks, b, blocks, b, channels, filters])
            wide = tf.transpose(wide, [0, 2, 1, 3, 4, 5])
            return tf.reshape(wide, [blocks, blocks, b * b * channels, filters])

        wide = tf.concat([seen_from(i, j) for i in range(b) for j in range(b)], -1)
        made = tf.nn.conv2d(tf.nn.space_to_depth(inputs, b), wide, 1, "SAME")
        return tf.nn.depth_to_space(made, b)

    def get_config(self):
        return {**super().get_config(), "block": self.block}


@keras.saving.register_keras_serializable("zoo")
class TapwiseConv2D(keras.layers.Conv2D):
    """A "valid" `Conv2D` of stride 1 without bias whose weights' gradient is a matrix product a tap.

    The same sums. oneDNN's own gradient takes 1.3 times as long in bfloat16 (3×3, 256 channels, a map of
    32×32), and in float32 about as long.

    Input shape: [B, H, W, C]. Output shape: [B, H − k + 1, W − k + 1, filters].
    """

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(filters, kernel_size, **{**kwargs, "use_bias": False})

    def call(self, x, training=False):
        # After training there is no gradient, and an exported graph is better off without one of our own.
        return _convolved_by_taps(x, tf.cast(self.kernel, x.dtype)) if training else super().call(x)


@tf.custom_gradient
def _convolved_by_taps(x, kernel):
    def gradient(dy):
        of_x = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(x), filter=kernel, out_backprop=dy, strides=[1] * 4, padding="VALID"
        )
        taps, channels = kernel.shape[:2], kernel.shape[2:]
        rows, columns = tf.shape(dy)[1], tf.shape(dy)[2]
        dy = tf.reshape(dy, [-1, channels[1]])

        def of_tap(i, j):
            seen = tf.reshape(x[:, i : i + rows, j : j + columns], [-1, channels[0]])
            return tf.matmul(seen, dy, transpose_a=True)

        of_kernel = tf.stack([of_tap(i, j) for i in range(taps[0]) for j in range(taps[1])])
        return of_x, tf.reshape(of_kernel, kernel.shape)

    return tf.nn.conv2d(x, kernel, 1, "VALID"), gradient


@keras.saving.register_keras_serializable("zoo")
class PReLU(keras.layers.PReLU):
    """Keras' own, to rounding, in a third of the time on a CPU."""

    def call(self, inputs):
        return inputs + (self.alpha - 1.0) * tf.minimum(inputs, 0.0)


@keras.saving.register_keras_serializable("zoo")
class Pack(keras.layers.Layer):
    """m examples in a row become one of m times the channels. Lin et al. 2018, PacGAN, §2.

    Args:
        m: how many; a batch must be a multiple of it.
        alone: whether, instead, each example is a pack of itself, as when examples are judged one by one.

    Input shape: [B, …, C]. Output shape: [B / m, …, m C]; of examples alone, [B, …, m C].
    """

    def __init__(self, m, alone=False, **kwargs):
        super().__init__(**kwargs)
        self.m, self.alone = m, alone

    def call(self, x):
        if self.alone:
            return tf.concat([x] * self.m, axis=-1)
        if x.shape[0] is not None and x.shape[0] % self.m:
            raise ZooError(
                f"A batch of {x.shape[0]} cannot be packed by {self.m}: --batch_size={60 * self.m}."
            )
        inner = list(x.shape[1:])
        packs = tf.reshape(x, [-1, self.m, *inner])
        order = [0, *range(2, len(inner) + 1), 1, len(inner) + 1]
        return tf.reshape(tf.transpose(packs, order), [-1, *inner[:-1], self.m * inner[-1]])

    def compute_output_shape(self, input_shape):
        b, *inner, c = input_shape
        return (b if self.alone else b and b // self.m, *inner, self.m * c)

    def get_config(self):
        return {**super().get_config(), "m": self.m, "alone": self.alone}


def packed(x, m):
    """What a discriminator that packs m examples starts from; with m = 1, the examples."""
    if m < 1:
        raise ZooError(f"network.pack is at least 1, not {m}.")
    return Pack(m)(x) if m > 1 else x


def each_its_own_pack(inputs, m):
    """Examples [B, …] and what goes with them, each m times: packs of one, which are judged one by one."""
    return tf.nest.map_structure(lambda v: tf.repeat(v, m, 0), inputs)


class _Reparametrised(keras.layers.Wrapper):
    """A layer whose kernel is computed from its variables at each call, and never assigned."""

    def call(self, x, training=False):
        kernel = self.layer.kernel
        effective = tf.cast(self.reparametrise(kernel, training), kernel.dtype)
        with keras.StatelessScope(state_mapping=[(kernel, effective)]):
            return self.layer(x)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)


@keras.saving.register_keras_serializable("zoo")
class SpectralNormalization(_Reparametrised):
    """W / σ(W), with σ the largest singular value by power iteration. Miyato et al. 2018, alg. 1.

    Keras' layer (and tensorflow-addons') overwrites the kernel as it runs, so that a generator's
    turn would change the discriminator. Here the kernel stays as the optimizer left it and the
    gradient passes through 1/σ, as in the paper's eq. 12.

    Args:
        layer: a layer with a `kernel` (Dense, Conv2D, …).
        power_iterations: how many a training step; none are made in inference.
    """

    def __init__(self, layer, power_iterations=1, **kwargs):
        super().__init__(layer, **kwargs)
        self.power_iterations = power_iterations

    def build(self, input_shape):
        super().build(input_shape)
        self.u = self.add_weight(
            name="u",
            shape=(1, self.layer.kernel.shape[-1]),
            initializer=keras.initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            dtype="float32",
            autocast=False,
            aggregation="only_first_replica",
        )

    def reparametrise(self, kernel, training):
        w = tf.reshape(tf.cast(kernel.value, tf.float32), [-1, kernel.shape[-1]])
        u = tf.convert_to_tensor(self.u.value)
        fixed = tf.stop_gradient(w)  # u and v are constants to the gradient
        v = tf.math.l2_normalize(tf.matmul(u, fixed, transpose_b=True))
        if training:
            for _ in range(self.power_iterations):
                v = tf.math.l2_normalize(tf.matmul(u, fixed, transpose_b=True))
                u = tf.math.l2_normalize(tf.matmul(v, fixed))
            self.u.assign(u)
        sigma = tf.matmul(tf.matmul(v, w), u, transpose_b=True)
        return tf.reshape(w / sigma, kernel.shape)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}


@keras.saving.register_keras_serializable("zoo")
class WeightNormalization(_Reparametrised):
    """g · v / ‖v‖, direction and length of each unit's weights apart. Salimans & Kingma 2016, eq. 2.

    Args:
        layer: a layer with a `kernel`; g starts as the norm of that kernel (tensorflow-addons'
            `data_init=False`).
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.g = self.add_weight(
            name="g", shape=(self.layer.kernel.shape[-1],), initializer="ones", dtype="float32"
        )
        self.g.assign(self._norm(self.layer.kernel.value))

    @staticmethod
    def _norm(v):
        return tf.sqrt(tf.reduce_sum(tf.square(v), axis=range(len(v.shape) - 1)))

    def reparametrise(self, kernel, training):
        v = tf.cast(kernel.value, tf.float32)
        return self.g.value * v / self._norm(v)

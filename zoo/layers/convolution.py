"""Convolutions, padding and pixel shuffle."""

import math

import keras
import tensorflow as tf


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

"""Convolutions, padding and pixel shuffle."""

import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("zoo")
class ReflectionPadding(keras.layers.Layer):
    """Pads rows and columns with their reflection, without repeating the border.

    Args:
        width: Integer. Number of pixels added on each side. Must be less than the height and width of the
            input.
        **kwargs: Keyword arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, rows, columns, channels)`

    Output shape:
        `(batch, rows + 2 * width, columns + 2 * width, channels)`
    """

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the padded inputs."""
        pad = [self.width, self.width]
        return tf.pad(x, [[0, 0], pad, pad, [0, 0]], "REFLECT")

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the output shape for an input shape."""
        b, h, w, c = input_shape
        return b, h and h + 2 * self.width, w and w + 2 * self.width, c

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "width": self.width}


@keras.saving.register_keras_serializable("zoo")
class PixelShuffle(keras.layers.Layer):
    """Rearranges channels into blocks of `scale` × `scale` pixels.

    Args:
        scale: Integer. Factor of the height and width. The number of channels must be a multiple of
            `scale ** 2`.
        **kwargs: Keyword arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, rows, columns, scale ** 2 * channels)`

    Output shape:
        `(batch, scale * rows, scale * columns, channels)`

    Reference:
        Shi et al., 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
        Convolutional Neural Network", arXiv 1609.05158, equation 4.
    """

    def __init__(self, scale: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the rearranged inputs."""
        return tf.nn.depth_to_space(x, self.scale)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the output shape for an input shape."""
        b, h, w, c = input_shape
        return b, h and self.scale * h, w and self.scale * w, c // self.scale**2

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("zoo")
class DoublingConv2D(keras.layers.Conv2D):
    """Computes nearest-neighbor upsampling by 2 and a 3×3 convolution in one operation.

    The outputs agree with those of `UpSampling2D(2)` and `Conv2D(filters, 3, padding="same")` up to
    rounding. The operation is a transposed convolution of stride 2. Its 4×4 kernel is the sum of four
    shifted copies of the 3×3 kernel. Such a kernel leaves no checkerboard on areas of constant color.

    Args:
        filters: Integer. Number of output channels.
        **kwargs: Other keyword arguments of `keras.layers.Conv2D`.

    Input shape:
        `(batch, rows, columns, channels)`, with known rows and columns.

    Output shape:
        `(batch, 2 * rows, 2 * columns, filters)`

    Reference:
        Odena et al., 2016, "Deconvolution and Checkerboard Artifacts".
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(filters, **{"kernel_size": 3, "padding": "same", **kwargs})

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        """Returns the convolution of inputs and kernel, without bias."""
        # A transposed convolution is the gradient of a convolution, which has its kernel mirrored.
        kernel = tf.transpose(kernel[::-1, ::-1], [0, 1, 3, 2])
        moves = [(i, 1 - i) for i in range(2)]
        kernel = tf.add_n([tf.pad(kernel, [i, j, (0, 0), (0, 0)]) for i in moves for j in moves])
        shape = self.compute_output_shape((tf.shape(inputs)[0], *inputs.shape[1:]))
        return tf.nn.conv2d_transpose(inputs, kernel, shape, strides=2)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the output shape for an input shape."""
        batch, rows, columns, _ = input_shape
        return (batch, 2 * rows, 2 * columns, self.filters)


@keras.saving.register_keras_serializable("zoo")
class BlockwiseConv2D(keras.layers.Conv2D):
    """Computes a "same" convolution of stride 1 on blocks of pixels.

    The outputs agree with those of `keras.layers.Conv2D` up to rounding. Each block of `block` × `block`
    pixels becomes one pixel with `block ** 2` times the channels and filters. A large kernel with few
    filters, such as the 9×9 kernel that ends SRResNet, is faster on a CPU in this form.

    Args:
        filters: Integer. Number of output channels.
        kernel_size: Odd integer. Height and width of the kernel.
        block: Integer. Height and width of a block. Use 2 or 3: larger blocks are slow.
        **kwargs: Other keyword arguments of `keras.layers.Conv2D`.

    Input shape:
        `(batch, rows, columns, channels)`. The rows and columns must be multiples of `block`.

    Output shape:
        `(batch, rows, columns, filters)`
    """

    def __init__(self, filters: int, kernel_size: int, block: int, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **{"padding": "same", **kwargs})
        self.block = block

    def convolution_op(self, inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
        """Returns the convolution of inputs and kernel, without bias."""
        b, size = self.block, self.kernel_size[0]
        reach = math.ceil((size // 2) / b)  # number of blocks that the kernel reaches on each side
        blocks = 2 * reach + 1
        before = reach * b - size // 2
        pads = [(before + i, blocks * b - size - before - i) for i in range(b)]
        channels, filters = kernel.shape[2:]

        def kernel_of_pixel(i: int, j: int) -> tf.Tensor:
            """Returns the blockwise kernel of the pixel at row i and column j of each block."""
            wide = tf.pad(kernel, [pads[i], pads[j], (0, 0), (0, 0)])
            wide = tf.reshape(wide, [blocks, b, blocks, b, channels, filters])
            wide = tf.transpose(wide, [0, 2, 1, 3, 4, 5])
            return tf.reshape(wide, [blocks, blocks, b * b * channels, filters])

        wide = tf.concat([kernel_of_pixel(i, j) for i in range(b) for j in range(b)], -1)
        output = tf.nn.conv2d(tf.nn.space_to_depth(inputs, b), wide, 1, "SAME")
        return tf.nn.depth_to_space(output, b)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "block": self.block}


@keras.saving.register_keras_serializable("zoo")
class TapwiseConv2D(keras.layers.Conv2D):
    """Computes a "valid" convolution with its own kernel gradient.

    In training the gradient of the kernel is one matrix product per kernel position. On a CPU this is
    faster in bfloat16 than TensorFlow's gradient. Stride 1, without bias.

    Args:
        filters: Integer. Number of output channels.
        kernel_size: Integer or pair of integers. Height and width of the kernel.
        **kwargs: Other keyword arguments of `keras.layers.Conv2D`. `use_bias` is ignored.

    Input shape:
        `(batch, rows, columns, channels)`

    Output shape:
        `(batch, rows - kernel_size + 1, columns - kernel_size + 1, filters)`
    """

    def __init__(self, filters: int, kernel_size: int | tuple[int, int], **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **{**kwargs, "use_bias": False})

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns the convolved inputs."""
        # Inference needs no gradient, and an exported graph should not contain a custom one.
        return _convolve_by_taps(x, tf.cast(self.kernel, x.dtype)) if training else super().call(x)


@tf.custom_gradient
def _convolve_by_taps(
    x: tf.Tensor, kernel: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
    """Returns a "valid" convolution and its gradient function."""

    def gradient(dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        dx = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(x), filter=kernel, out_backprop=dy, strides=[1] * 4, padding="VALID"
        )
        taps, channels = kernel.shape[:2], kernel.shape[2:]
        rows, columns = tf.shape(dy)[1], tf.shape(dy)[2]
        dy = tf.reshape(dy, [-1, channels[1]])

        def of_tap(i: int, j: int) -> tf.Tensor:
            inputs = tf.reshape(x[:, i : i + rows, j : j + columns], [-1, channels[0]])
            return tf.matmul(inputs, dy, transpose_a=True)

        dkernel = tf.stack([of_tap(i, j) for i in range(taps[0]) for j in range(taps[1])])
        return dx, tf.reshape(dkernel, kernel.shape)

    return tf.nn.conv2d(x, kernel, 1, "VALID"), gradient

"""Dropout and noise with stateless randomness."""

from typing import Any

import keras
import tensorflow as tf

from zoo.game import randomness


@keras.saving.register_keras_serializable("zoo")
class Dropout(keras.layers.Layer):
    """Applies inverted dropout with a mask drawn from `zoo.game.randomness`.

    Each replica draws its own mask, and a resumed run draws the masks of an unbroken run. In training the
    layer must be called inside `with randomness.Draws(...)`.

    Args:
        rate: Float in [0, 1). Share of the inputs that are set to 0. The other inputs are multiplied by
            `1 / (1 - rate)`.
        **kwargs: Keyword arguments of `keras.layers.Layer`.

    Input shape:
        Any.

    Output shape:
        The input shape.

    Raises:
        ValueError: `rate` is outside [0, 1).

    Reference:
        Srivastava et al., 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"A dropout rate lies in [0, 1); this one is {rate}.")
        self.rate = rate

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns the inputs, with random zeros in training."""
        if not training or not self.rate:
            return x
        kept = randomness.uniform(tf.shape(x)) >= self.rate
        return tf.where(kept, x / (1.0 - self.rate), tf.zeros_like(x))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "rate": self.rate}


@keras.saving.register_keras_serializable("zoo")
class Noise(keras.layers.Layer):
    """Adds Gaussian noise to the inputs in training.

    Instance noise keeps a discriminator from separating real and generated images by faint differences
    alone. The noise is drawn from `zoo.game.randomness`, so in training the layer must be called inside
    `with randomness.Draws(...)`.

    Args:
        sigma: Non-negative float. Standard deviation of the noise, in units of the inputs.
        **kwargs: Keyword arguments of `keras.layers.Layer`.

    Input shape:
        Any.

    Output shape:
        The input shape.

    Raises:
        ValueError: `sigma` is negative.

    Reference:
        Sønderby et al., 2017, "Amortised MAP Inference for Image Super-Resolution", arXiv 1610.04490,
        section 3.3.
    """

    def __init__(self, sigma: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= sigma:
            raise ValueError(f"A standard deviation is not negative; this one is {sigma}.")
        self.sigma = sigma

    def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns the inputs, with noise in training."""
        if not training or not self.sigma:
            return x
        return x + tf.cast(self.sigma * randomness.normal(tf.shape(x)), x.dtype)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the layer as a dict."""
        return {**super().get_config(), "sigma": self.sigma}

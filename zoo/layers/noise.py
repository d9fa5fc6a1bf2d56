"""Dropout and noise with stateless randomness."""

import keras
import tensorflow as tf

from zoo.game import randomness


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

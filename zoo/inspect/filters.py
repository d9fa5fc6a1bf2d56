"""Guided backpropagation of the discriminator's filters."""

import keras
import numpy as np
import tensorflow as tf

from zoo.errors import ZooError
from zoo.images.sheets import tile
from zoo.inspect.subject import in_batches, look


class Guided(keras.layers.Layer):
    """A rectifier that propagates only positive gradients of positive activations.

    Args:
        slope: Float. Slope below zero, that of the original layer.

    Reference:
        Springenberg et al., 2015, "Striving for Simplicity", section 3.4.
    """

    def __init__(self, slope, **kwargs):
        super().__init__(**kwargs)
        self.slope = slope

    def call(self, x):
        """Returns the rectified inputs."""

        @tf.custom_gradient
        def rectified(x):
            def back(upstream):
                return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

            return tf.maximum(x, self.slope * x), back

        return rectified(x)


def guided_copy(network):
    """Returns a copy of a network with guided rectifiers and the same weights."""

    def replaced(layer):
        if isinstance(layer, (keras.layers.ReLU, keras.layers.LeakyReLU)):
            return Guided(float(layer.negative_slope), name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=replaced)
    copy.set_weights(network.get_weights())
    return copy


@look
def filters(subject, shown=8):
    """Shows the strongest inputs of the filters of D's last map, by guided backpropagation.

    Each row is one filter, with images left and their gradients right. An untrained D is the baseline.

    Args:
        subject: A `Subject`.
        shown: Integer. Number of filters. Defaults to 8.
    """
    x, _ = subject.examples("train")
    inputs = subject.model.to_network(x)
    sheets, spread = [], {}
    for name, network in (("trained", subject.discriminator), ("untrained", subject.untrained)):
        guided = guided_copy(network)
        maps = [
            o for o in (la.output for la in guided.layers if isinstance(la, Guided)) if len(o.shape) == 4
        ]
        if not maps:
            raise ZooError(f"The discriminator of {subject.trained.name} has no maps.")
        see = keras.Model(guided.inputs, maps[-1])
        strongest = in_batches(lambda b, f=see: tf.reduce_max(f(b, training=False), [1, 2]), inputs)
        rows, shares = [], []
        for channel in np.argsort(-strongest.mean(0))[:shown]:
            which = np.argsort(-strongest[:, channel])[:4]
            picked = tf.gather(inputs, which)
            with tf.GradientTape() as tape:
                tape.watch(picked)
                response = tf.reduce_max(see(picked, training=False)[..., channel], [1, 2])
            gradient = np.abs(tape.gradient(response, picked).numpy())
            bright = np.uint8(255 * gradient / np.maximum(gradient.max((1, 2, 3), keepdims=True), 1e-12))
            rows += [x[which], bright]
            energy = np.sort((gradient**2).sum(-1).reshape(len(which), -1))[:, ::-1]
            total = np.maximum(energy.sum(1, keepdims=True), 1e-30)
            shares.append(((energy.cumsum(1) / total) < 0.9).mean(1))
        sheets.append(tile(np.concatenate(rows), 8))
        spread[name] = {"share of pixels with nine tenths of the gradient's energy": float(np.mean(shares))}
    subject.save("filters.png", sheets[0])
    subject.save("filters_untrained.png", sheets[1])
    return spread

"""Features that a content loss compares."""

import pathlib

import keras
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.networks import pretrained
from zoo.networks.precision import in_float32


def vgg19(layer, weights):
    """φ of §2.2.1: VGG19's features of pictures in [−1, 1], rescaled by 1/12.75.

    Args:
        layer: which, such as "block5_conv4", after its activation.
        weights: the file of Keras' weights without the top; None: Keras' cache, else its download.

    Raises:
        ZooError: they cannot be read or downloaded.
    """
    try:
        with in_float32():  # its pictures lie in 0..255, of which bfloat16 has 8 bits
            whole = keras.applications.VGG19(include_top=False, weights=weights or "imagenet")
    except Exception as error:  # Keras raises what its network and HDF5 libraries raise
        reason = (str(error).strip() or repr(error)).splitlines()[0][:160]
        raise ZooError(
            f"VGG19's weights cannot be had ({reason}). Download "
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 of keras.applications on a machine "
            "with a network and name it, --set network.content_weights=FILE, or train with "
            "--set network.content=mse."
        ) from error
    with in_float32():
        features = keras.Model(whole.input, whole.get_layer(layer).output / 12.75, name="content")

    def seen(pictures):
        colours = tf.repeat(pictures, 3 // pictures.shape[-1], axis=-1)
        return features(keras.applications.vgg19.preprocess_input(127.5 * (colours + 1.0)))

    return features, seen


contents = {
    "mse": lambda weights: (None, lambda pictures: pictures),
    "vgg22": lambda weights: vgg19("block2_conv2", weights),
    "vgg54": lambda weights: vgg19("block5_conv4", weights),
}


def content_features(content, weights):
    """What the content loss compares pictures by: (the network that is frozen or None, the function).

    Raises:
        ZooError: neither a known name nor a Keras model nor the file of one.
    """
    if isinstance(content, keras.Model) or pathlib.Path(str(content)).suffix == ".keras":
        network = pretrained.network(content, lambda model: None)
        return network, network
    if content not in contents:
        raise unknown("content loss", str(content), [*contents, "FILE.keras"])
    return contents[content](weights)

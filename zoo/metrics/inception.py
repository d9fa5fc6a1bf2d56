"""Features of the Inception network of 2015, which published FID, KID and IS values use.

The network is a Keras version of the graph in inception-2015-12-05.tgz. It differs from the network in
`keras.applications`. The layers have the names of the graph, by which `fill` finds their weights.

Reference:
    Szegedy et al., 2016, "Rethinking the Inception Architecture for Computer Vision", arXiv 1512.00567.
"""

import hashlib
import pathlib
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from zoo.errors import ZooError

source = "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz"
graph_file = "classify_image_graph_def.pb"
sha256 = "009d6814d1bc560d4e7b236e170e9b2d5ca6f4b57bd8037f6db05776204415c6"  # of `graph_file`
side = 299


def network() -> keras.Model:
    """Builds the network with random weights.

    The logits do not have a bias, as in the code of the Inception Score's authors.

    Returns:
        Model from float32 images `[B, 299, 299, 3]` in 0..255 to a dict of "pool3" `[B, 2048]` and "logits"
        `[B, 1008]`.
    """

    def conv(
        h: keras.KerasTensor,
        name: str,
        channels: int,
        kernel: int | tuple[int, int],
        strides: int = 1,
        padding: str = "same",
    ) -> keras.KerasTensor:
        """Applies a convolution, batch norm and ReLU."""
        h = keras.layers.Conv2D(
            channels, kernel, strides, padding, use_bias=False, name=_layer(f"{name}/conv2d_params")
        )(h)
        h = keras.layers.BatchNormalization(epsilon=0.001, name=_layer(f"{name}/batchnorm"))(h)
        return keras.layers.ReLU()(h)

    def chain(h: keras.KerasTensor, name: str, *layers: tuple) -> keras.KerasTensor:
        """Applies the convolutions conv, conv_1, … of a scope of the graph."""
        for i, (channels, kernel, *rest) in enumerate(layers):
            h = conv(h, f"{name}/conv_{i}" if i else f"{name}/conv", channels, kernel, *rest)
        return h

    def join(*branches: keras.KerasTensor) -> keras.KerasTensor:
        return keras.layers.Concatenate()(list(branches))

    def pooled(h: keras.KerasTensor) -> keras.KerasTensor:
        return keras.layers.AveragePooling2D(3, 1, "same")(h)  # excludes the padding

    def shrunk(h: keras.KerasTensor) -> keras.KerasTensor:
        return keras.layers.MaxPooling2D(3, 2)(h)

    def split(h: keras.KerasTensor, name: str, channels: int) -> keras.KerasTensor:
        """Applies a 1×3 and a 3×1 convolution in parallel."""
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
    last_pool = keras.layers.MaxPooling2D(3, 1, "same")  # the last block of the graph takes the maximum
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


def _layer(name: str) -> str:
    return name.replace("/", ".")  # Keras does not allow slashes


def fill(model: keras.Model, constants: Mapping[str, np.ndarray]) -> None:
    """Sets the weights of a network to the constants of the released graph.

    Args:
        model: The result of `network`.
        constants: Dict, `{name in the graph: array}`.

    Raises:
        ZooError: A constant is missing or has another shape.
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
    """Computes Inception features of images.

    Prints a warning if the weights differ from the released weights.

    Args:
        path: Path of classify_image_graph_def.pb, or of the .tgz archive with this file. See
            `zoo.evaluate.weights.inception_weights`.
        resizing: String. "legacy" for the bilinear resizing of the graph, which aliases, and which nearly
            all published values use. "clean" for Pillow's bicubic resizing. Defaults to "legacy".
        batch: Integer. Batch size. Defaults to 32.

    Raises:
        ZooError: The file does not contain this network.

    Reference:
        Parmar et al., 2022, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation",
        arXiv 2104.11222, for "clean".
    """

    def __init__(self, path: pathlib.Path, resizing: str = "legacy", batch: int = 32) -> None:
        if resizing not in resizers:
            raise ZooError(f"resizing is {resizing!r}, but must be {' or '.join(resizers)}.")
        raw = read_graph(path)
        self.sha256 = hashlib.sha256(raw).hexdigest()
        if self.sha256 != sha256:
            print(
                f"warning: {path} does not hold the weights that published values were measured with "
                f"(SHA-256 {self.sha256[:16]}…, not {sha256[:16]}…).",
                file=sys.stderr,
            )
        self.model, self.batch, self.resize = network(), batch, resizers[resizing]
        self.resizing = resizing
        try:
            graph = tf.compat.v1.GraphDef.FromString(raw)
        except Exception as error:  # the class of protobuf's error depends on its version
            raise ZooError(f"{path} does not contain a TensorFlow graph ({error}).") from error
        constants = {n.name: tf.make_ndarray(n.attr["value"].tensor) for n in graph.node if n.op == "Const"}
        fill(self.model, constants)
        self._run = tf.function(self.model)

    def __call__(self, images: Iterable[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields the features of images, batch by batch.

        Args:
            images: Iterable of uint8 arrays `[H, W, C]`, of any sizes, with 1 or 3 channels.

        Yields:
            Pair of float32 arrays, pool3 `[B, 2048]` and logits `[B, 1008]`.
        """
        waiting = []
        for image in images:
            waiting.append(self.resize(np.broadcast_to(image, (*image.shape[:2], 3))))
            if len(waiting) == self.batch:
                yield self._features(waiting)
                waiting = []
        if waiting:
            yield self._features(waiting)

    def _features(self, images: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        out = self._run(tf.constant(np.stack(images), tf.float32))
        return out["pool3"].numpy(), out["logits"].numpy()


def legacy(image: np.ndarray) -> np.ndarray:
    """Resizes an image bilinearly without antialiasing, as TensorFlow 1.

    Args:
        image: uint8 array `[H, W, 3]`.

    Returns:
        float32 array `[299, 299, 3]`.
    """
    x = tf.constant(image[None], tf.float32)
    return tf.raw_ops.ResizeBilinear(images=x, size=(side, side))[0].numpy()


def clean(image: np.ndarray) -> np.ndarray:
    """Resizes an image with Pillow's bicubic filter in floating point, as clean-fid.

    Args:
        image: uint8 array `[H, W, 3]`.

    Returns:
        float32 array `[299, 299, 3]`.
    """
    channels = [Image.fromarray(image[..., c].astype(np.float32)) for c in range(3)]
    scaled = [np.asarray(c.resize((side, side), Image.Resampling.BICUBIC)) for c in channels]
    return np.clip(np.stack(scaled, -1), 0, 255)


resizers: dict[str, Callable[[np.ndarray], np.ndarray]] = {"legacy": legacy, "clean": clean}


def read_graph(path: pathlib.Path) -> bytes:
    """Returns the serialized graph of a .pb file, or of the .tgz archive with this file."""
    if path.suffix == ".pb":
        return path.read_bytes()
    try:
        with tarfile.open(path) as archive:
            member = archive.extractfile(graph_file)
            if member is None:
                raise KeyError(f"{graph_file} is not a file")
            return member.read()
    except (tarfile.TarError, KeyError, EOFError, OSError) as error:
        raise ZooError(
            f"{path} is damaged or does not contain {graph_file} ({error}). Delete it and try again."
        ) from error

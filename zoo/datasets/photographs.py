"""Photographs of any size, for training on crops."""

import dataclasses
import io
import itertools
import math

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image

from zoo.datasets.data import Data, in_memory, shuffled
from zoo.datasets.folder.layout import Reading
from zoo.datasets.sources import example_keys, located, open_builder, origin_of, prepare, stored_split
from zoo.errors import ZooError
from zoo.game import randomness
from zoo.images import pixels


@dataclasses.dataclass(frozen=True)
class Photographs(Data):
    """Images of any size, with random crops of one size in training.

    Attributes:
        shape: Tuple `(H, W, C)` of a crop.
        count: Integer. Number of crops per epoch: the crops that fit side by side into all images.
        cells: Integer array `[images]`. Number of crops that fit into each image.
    """

    cells: np.ndarray = None
    crop_buffer = 4096  # crops that are mixed where the pictures do not fit into memory

    def _filled(self, picture):
        """Returns an image extended by its mirror image to the size of a crop, if it is smaller."""
        return pixels.mirrored_to(picture[None], 1, least=self.shape[0])[0]

    def _corner(self, sides, *key):
        """Returns the first row and column of a crop, a function of `key`."""
        u = tf.random.stateless_uniform([2], randomness.fold(*key), dtype=tf.float64, alg="philox")
        free = tf.cast(sides[:2] - self.shape[:2] + 1, tf.float64)
        return tf.unstack(tf.cast(u * free, tf.int64))

    def _crop(self, picture, *key):
        height, width, _ = self.shape
        picture = self._filled(picture)
        top, left = self._corner(tf.shape(picture, tf.int64), *key)
        return tf.ensure_shape(picture[top : top + height, left : left + width], self.shape)

    def _held(self):
        """Returns all images as flat tensors, or None if they do not fit into memory."""
        if not hasattr(self, "_tensors"):
            parts, total = [], 0
            for picture in self.images():
                if min(picture.shape[:2]) < self.shape[0]:
                    picture = self._filled(picture).numpy()
                parts.append(picture)
                total += picture.nbytes
                if total > in_memory:
                    parts = None
                    break
            tensors = parts and {
                "pixels": tf.constant(np.concatenate([p.ravel() for p in parts])),
                "sides": tf.constant([p.shape for p in parts], tf.int64),
                "starts": tf.constant(np.cumsum([0] + [p.size for p in parts[:-1]]), tf.int64),
                "last": tf.constant(np.cumsum(self.cells), tf.int64),
            }
            object.__setattr__(self, "_tensors", tensors)
        return self._tensors

    def _gathered(self, tensors, batch_size, seed, first):
        height, width, channels = self.shape

        def crop(position):
            i = shuffled(position[None], self.count, seed)
            which = tf.searchsorted(tensors["last"], i, "right")[0]
            sides = tensors["sides"][which]
            top, left = self._corner(sides, seed, position)
            row = sides[1] * sides[2]
            start = tensors["starts"][which] + top * row
            # Only the crop's rows are read: whole pictures took a sixth of the time of training.
            rows = tf.reshape(tensors["pixels"][start : start + height * row], [height, sides[1], channels])
            return {"x": tf.ensure_shape(rows[:, left : left + width], self.shape)}

        positions = tf.data.Dataset.range(first * batch_size, 2**62)
        crops = positions.map(crop, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        return crops.batch(batch_size, drop_remainder=True)

    def _streamed(self, batch_size, seed, first):
        first_epoch, skip = divmod(first * batch_size, self.count)
        cells = tf.data.Dataset.from_tensor_slices(self.cells)
        pictures = tf.data.Dataset.zip(tf.data.Dataset.range(2**62), self._examples, cells)

        def epoch(number):
            order = self._order(seed, number)

            def crops(i, example, cells):
                each = tf.data.Dataset.from_tensor_slices(tf.range(cells))
                return each.map(lambda j: {"x": self._crop(example["x"], seed, number, i, j)})

            mixed = pictures.shuffle(16, seed=order, reshuffle_each_iteration=False).flat_map(crops)
            return mixed.shuffle(self.crop_buffer, seed=order, reshuffle_each_iteration=False)

        crops = tf.data.Dataset.range(first_epoch, 2**62).flat_map(epoch).skip(skip)
        return crops.batch(batch_size, drop_remainder=True)

    def columns(self, start=0, stop=None):
        """Returns the centers of images, in the size of a crop.

        Args:
            start, stop: See `Data.columns`.

        Returns:
            `{"x": uint8 [N, H, W, C]}`.
        """
        height, width, _ = self.shape
        found = itertools.islice(self.images(), start, stop)
        large = (p if min(p.shape[:2]) >= height else self._filled(p).numpy() for p in found)
        return {"x": np.stack([_center(picture, height, width) for picture in large])}


def _center(picture, height, width):
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]


def load_photographs(
    dataset,
    split="train",
    image_size=96,
    channels=None,
    data_dir=None,
    augment=(),
    reading=Reading(),  # noqa: B008 (it is frozen)
):
    """Loads images in their own sizes, for training on crops.

    Args:
        dataset: String. An embedded dataset ("photos"), a dataset of TFDS ("div2k/bicubic_x4", of which the
            sharp images are used), or the path of a folder of images. The folder may have subfolders for
            its splits.
        split: String. "train" or "test".
        image_size: Integer. Side of the crops. Smaller images are extended by their mirror image. Defaults
            to 96.
        channels, data_dir, augment, reading: See `load`.

    Returns:
        A `Photographs`.

    Raises:
        ZooError: See `load`.
    """
    if not image_size:
        raise ZooError("Training on crops needs a size.", image_size=96)

    place, part = located(dataset, split, reading)
    builder = open_builder(str(dataset), None, channels, data_dir, 1, place=place, reading=reading)
    prepare(builder, dataset)
    key = "hr" if "hr" in builder.info.features else example_keys(builder, dataset)[0]
    channels = channels or builder.info.features[key].shape[-1]
    decoders = {name: tfds.decode.SkipDecoding() for name in builder.info.features}
    if part not in builder.info.splits:  # where the test pictures are kept back
        part = part.replace("test", "validation")
    _, encoded = stored_split(builder, dataset, part, decoders)
    encoded = encoded.map(lambda example: example[key])
    sides = [Image.open(io.BytesIO(picture)).size for picture in encoded.as_numpy_iterator()]
    cells = np.prod(np.maximum(np.asarray(sides) // image_size, 1), 1)

    def example(picture):
        return {"x": tf.io.decode_image(picture, channels, expand_animations=False)}

    examples = encoded.map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    shape = (image_size, image_size, channels)
    extremes = {"sizes": (min(sides, key=math.prod), max(sides, key=math.prod))}
    origin = dataclasses.replace(origin_of(builder, place, split), **extremes)
    count = int(cells.sum())
    return Photographs(
        str(dataset), shape, None, count, examples, tuple(augment), cells=cells, origin=origin
    )

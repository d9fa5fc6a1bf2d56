"""Augmentation of training images, a function of the seed and the batch number.

A recipe names the augmentations: `augment=("jitter", "mirror")`. The images of a pair, and the labels of
an image's pixels, are augmented together.
"""

import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game import randomness
from zoo.images import pixels


def mirror(images):
    """Flips images horizontally with probability ½."""
    flipped = randomness.uniform([]) < 0.5
    return [tf.cond(flipped, lambda x=x: tf.reverse(x, [1]), lambda x=x: x) for x in images]


def jitter(images):
    """Enlarges images by 286/256 and crops them at random.

    Reference:
        Isola et al., 2017, appendix 6.2.
    """
    return _enlarged_crops(images, 286 / 256)


def crop(images):
    """Enlarges images by 76/64 and crops them at random.

    Reference:
        Reed et al., 2016, arXiv 1605.05396, authors' code.
    """
    return _enlarged_crops(images, 76 / 64)


def _enlarged_crops(images, factor):
    height, width = images[0].shape[:2]
    larger = [round(height * factor), round(width * factor)]
    top = randomness.integers([], larger[0] - height + 1)
    left = randomness.integers([], larger[1] - width + 1)

    def enlarged(x):
        if x.dtype == tf.uint8:
            return pixels.resized(x, larger, False)
        return tf.image.resize(x, larger, "nearest")  # labels have nothing between them

    return [tf.slice(enlarged(x), [top, left, 0], [height, width, -1]) for x in images]


def rotate(images):
    """Rotates square images by a random multiple of 90°."""
    quarters = randomness.integers([], 4)
    return [tf.ensure_shape(tf.image.rot90(x, quarters), x.shape) for x in images]


known = {"mirror": mirror, "jitter": jitter, "crop": crop, "rotate": rotate}


def apply(batches, names, seed, first):
    """Augments the images ("x", or "a" and "b") of batches, and the labels of their pixels.

    Args:
        batches: Infinite `tf.data.Dataset` of batches. Its first batch has the number `first`.
        names: Iterable of strings. Keys of `known`, in their order.
        seed: Integer. Seed of the run.
        first: Integer. Number of the first batch.

    Returns:
        The augmented `tf.data.Dataset`.

    Raises:
        ZooError: An unknown name, or examples that are not images.
    """
    for name in names:
        if name not in known:
            raise unknown("augmentation", name, known)
    if not names:
        return batches
    specs = batches.element_spec
    keys = [key for key in ("x", "a", "b", "y") if key in specs and len(specs[key].shape) == 4]
    if not {"x", "a"} & set(keys):
        raise ZooError(f"augment is for pictures, not for points: leave out {', '.join(names)}.")

    def augmented(number, batch):
        images = [batch[k] for k in keys]

        def one(inputs):
            i, *images = inputs
            with randomness.Draws(seed, number, i):
                for name in names:
                    images = known[name](images)
            return images

        count = tf.range(tf.shape(images[0])[0])
        types = [tf.TensorSpec(x.shape[1:], x.dtype) for x in images]
        return {**batch, **dict(zip(keys, tf.map_fn(one, [count, *images], fn_output_signature=types)))}

    return tf.data.Dataset.zip(tf.data.Dataset.range(first, 2**62), batches).map(augmented)

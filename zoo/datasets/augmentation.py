"""What is done to training pictures, anew each epoch: a pure function of seed and batch number.

A recipe names them: `augment=("jitter", "mirror")`. The pictures of a pair are treated alike, and so are
the labels of a picture's pixels.
"""

import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game import randomness
from zoo.images import pixels


def mirror(images):
    """Left and right exchanged, every second time."""
    flipped = randomness.uniform([]) < 0.5
    return [tf.cond(flipped, lambda x=x: tf.reverse(x, [1]), lambda x=x: x) for x in images]


def jitter(images):
    """Enlarged by 286/256 and cropped back at random, as in Isola et al. 2017, appendix 6.2."""
    height, width = images[0].shape[:2]
    larger = [round(height * 286 / 256), round(width * 286 / 256)]
    top = randomness.integers([], larger[0] - height + 1)
    left = randomness.integers([], larger[1] - width + 1)

    def enlarged(x):
        if x.dtype == tf.uint8:
            return pixels.resized(x, larger, False)
        return tf.image.resize(x, larger, "nearest")  # labels have nothing between them

    def crop(x):
        return tf.slice(enlarged(x), [top, left, 0], [height, width, -1])

    return [crop(x) for x in images]


def rotate(images):
    """Turned by a random number of quarters, as squares can be."""
    quarters = randomness.integers([], 4)
    return [tf.ensure_shape(tf.image.rot90(x, quarters), x.shape) for x in images]


known = {"mirror": mirror, "jitter": jitter, "rotate": rotate}


def apply(batches, names, seed, first):
    """Augments the pictures ("x", or "a" and "b") of endless batches, and the labels of their pixels.

    Args:
        batches: the dataset, whose first batch is number `first`.
        names: of the functions above, in their order.
        seed: the run's.

    Raises:
        ZooError: an unknown name, or examples that are no pictures.
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

"""The latest checkpoint of a run, for comparisons."""

import tensorflow as tf


def state(folder):
    """Returns the saved values of a run, `{name: array}`."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints")))
    names = [n for n in reader.get_variable_to_shape_map() if n.startswith("state")]
    return {n: reader.get_tensor(n) for n in names}

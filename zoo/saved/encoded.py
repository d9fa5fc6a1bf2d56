"""Signatures that take and return encoded image files.

A signature that takes or returns uint8 images, such as `sample`, has a twin `sample_bytes` whose
`image_bytes` are strings: PNG, JPEG, GIF, BMP or WebP files as inputs, PNG files as outputs. Inputs are
decoded, cropped and resized as `zoo.images.files.read_image` does; see `zoo.images.decoding.decode` for the
differences. TF Serving's REST interface sends names that end in `_bytes` as base64.
"""

import tensorflow as tf

from zoo.images.decoding import decode


def _is_pictures(spec):
    return spec is not None and spec.dtype == tf.uint8 and len(spec.shape) == 4


def twins(concrete, specs):
    """The twins of the signatures that have any.

    Args:
        concrete: {name: concrete function}.
        specs: {name: {input: tf.TensorSpec}}.

    Returns:
        {name_bytes: (function, {input: tf.TensorSpec})}.
    """
    return {
        f"{name}_bytes": _twin(function, specs[name])
        for name, function in concrete.items()
        if _is_pictures(specs[name].get("image")) or _is_pictures(function.structured_outputs.get("image"))
    }


def _twin(function, specs):
    takes, gives = specs.get("image"), function.structured_outputs.get("image")
    specs = dict(specs)
    if takes is not None:
        del specs["image"]
        specs["image_bytes"] = tf.TensorSpec([None], tf.string, "image_bytes")

    def encoded(outputs):
        if _is_pictures(gives):
            image = outputs.pop("image")
            strings = tf.map_fn(tf.io.encode_png, image, fn_output_signature=tf.string)
            outputs = {"image_bytes": strings, **outputs}
        return outputs

    def at_once(image_bytes=None, **inputs):
        """Runs the function on images that are cropped and resized to its input shape."""
        if image_bytes is not None:
            inputs["image"] = tf.map_fn(
                lambda file: decode(file, takes.shape[1:3], takes.shape[3]),
                image_bytes,
                fn_output_signature=tf.TensorSpec(takes.shape[1:], tf.uint8),
            )
        return encoded(function(**inputs))

    def one_by_one(**inputs):
        """Runs the function on one image at a time, since the images differ in size."""

        def one(row):
            row["image"] = decode(row.pop("image_bytes"), channels=takes.shape[-1])
            outputs = function(**{name: value[None] for name, value in row.items()})
            return {name: value[0] for name, value in encoded(outputs).items()}

        shapes = {
            name: tf.TensorSpec(o.shape[1:], o.dtype) for name, o in function.structured_outputs.items()
        }
        if _is_pictures(gives):
            del shapes["image"]
            shapes["image_bytes"] = tf.TensorSpec([], tf.string)
        return tf.map_fn(one, inputs, fn_output_signature=shapes)

    fixed = takes is None or None not in takes.shape[1:]
    return at_once if fixed else one_by_one, specs


def example(name, spec, rows=1, side=32):
    """Values for an input of a signature: labels and seeds 0, pictures grey, noise at its middle.

    Args:
        name: of the input.
        spec: its {"dtype", "shape"}, as a card has it.
        rows: how many.
        side: of pictures that may have any size.
    """
    shape = [rows, *(side if d is None else d for d in spec["shape"][1:])]
    if spec["dtype"] == "string":
        grey = tf.fill([side, side, 3], tf.constant(128, tf.uint8))
        return tf.fill(shape, tf.io.encode_png(grey)) if name == "image_bytes" else tf.fill(shape, "")
    return tf.cast(tf.fill(shape, 128 if spec["dtype"] == "uint8" else 0), spec["dtype"])

"""Signatures that take and return encoded image files.

A signature that takes or returns uint8 images, such as `sample`, has a twin `sample_bytes` whose
`image_bytes` are strings: PNG, JPEG, GIF, BMP or WebP files as inputs, PNG files as outputs. Inputs are
decoded, cropped and resized as `zoo.images.files.read_image` does; see `zoo.images.decoding.decode` for the
differences. TF Serving's REST interface sends names that end in `_bytes` as base64.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import tensorflow as tf

from zoo.images.decoding import decode

ConcreteFunction: TypeAlias = tf.types.experimental.ConcreteFunction
Specs = dict[str, tf.TensorSpec]


def _is_image(spec: tf.TensorSpec | None) -> bool:
    """Returns whether a spec is that of a batch of uint8 images."""
    return spec is not None and spec.dtype == tf.uint8 and len(spec.shape) == 4


def twins(
    concrete: Mapping[str, ConcreteFunction], specs: Mapping[str, Specs]
) -> dict[str, tuple[Callable[..., dict[str, tf.Tensor]], Specs]]:
    """Returns the twins of the signatures that take or return images.

    Args:
        concrete: Dict, `{name: concrete function}`.
        specs: Dict, `{name: {input: tf.TensorSpec}}`.

    Returns:
        Dict, `{name + "_bytes": (function, {input: tf.TensorSpec})}`.
    """
    return {
        f"{name}_bytes": _twin(function, specs[name])
        for name, function in concrete.items()
        if _is_image(specs[name].get("image")) or _is_image(function.structured_outputs.get("image"))
    }


def _twin(function: ConcreteFunction, specs: Specs) -> tuple[Callable[..., dict[str, tf.Tensor]], Specs]:
    """Returns the twin of a function and its inputs."""
    takes, gives = specs.get("image"), function.structured_outputs.get("image")
    shape = tf.TensorShape(None) if takes is None else takes.shape
    specs = dict(specs)
    if takes is not None:
        del specs["image"]
        specs["image_bytes"] = tf.TensorSpec([None], tf.string, "image_bytes")

    def encoded(outputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        if _is_image(gives):
            image = outputs.pop("image")
            strings = tf.map_fn(tf.io.encode_png, image, fn_output_signature=tf.string)
            outputs = {"image_bytes": strings, **outputs}
        return outputs

    def at_once(image_bytes: tf.Tensor | None = None, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Runs the function on images that are cropped and resized to its input shape."""
        if image_bytes is not None:
            inputs["image"] = tf.map_fn(
                lambda file: decode(file, tuple(shape[1:3]), shape[3]),
                image_bytes,
                fn_output_signature=tf.TensorSpec(shape[1:], tf.uint8),
            )
        return encoded(function(**inputs))

    def one_by_one(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Runs the function on one image at a time, since the images differ in size."""

        def one(row: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            row["image"] = decode(row.pop("image_bytes"), channels=shape[-1])
            outputs = function(**{name: value[None] for name, value in row.items()})
            return {name: value[0] for name, value in encoded(outputs).items()}

        shapes = {
            name: tf.TensorSpec(o.shape[1:], o.dtype) for name, o in function.structured_outputs.items()
        }
        if _is_image(gives):
            del shapes["image"]
            shapes["image_bytes"] = tf.TensorSpec([], tf.string)
        return tf.map_fn(one, inputs, fn_output_signature=shapes)

    fixed = takes is None or None not in shape[1:]
    return at_once if fixed else one_by_one, specs


def example(name: str, spec: Mapping[str, Any], rows: int = 1, side: int = 32) -> tf.Tensor:
    """Returns example values for an input of a signature.

    Images are gray, strings are empty, and numbers are 0.

    Args:
        name: String. Name of the input.
        spec: Dict with its "dtype" and "shape", as in a card.
        rows: Integer. Batch size. Defaults to 1.
        side: Integer. Height and width of images that may have any size. Defaults to 32.

    Returns:
        Tensor of that dtype, with `rows` rows.
    """
    shape = [rows, *(side if d is None else d for d in spec["shape"][1:])]
    if spec["dtype"] == "string":
        gray = tf.fill([side, side, 3], tf.constant(128, tf.uint8))
        return tf.fill(shape, tf.io.encode_png(gray)) if name == "image_bytes" else tf.fill(shape, "")
    return tf.cast(tf.fill(shape, 128 if spec["dtype"] == "uint8" else 0), spec["dtype"])

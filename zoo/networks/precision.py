"""The precision of networks."""

import contextlib

import keras


@contextlib.contextmanager
def in_float32():
    """Builds networks inside the context in float32."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)

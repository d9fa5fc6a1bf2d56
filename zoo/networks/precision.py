"""The precision in which a network is built."""

import contextlib

import keras


@contextlib.contextmanager
def in_float32():
    """What is built here computes in float32."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)

"""What all tests share: embedded data in a folder of the session's, and quiet."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest  # noqa: E402
from absl import logging  # noqa: E402

logging.set_verbosity(logging.ERROR)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    """Where the embedded sets are prepared, once for all tests."""
    return str(tmp_path_factory.mktemp("tfds"))


@pytest.fixture(autouse=True)
def float32():
    """Each test starts in float32, whatever the one before it trained in."""
    import keras

    keras.config.set_dtype_policy("float32")
    yield
    keras.config.set_dtype_policy("float32")

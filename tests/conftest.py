"""Fixtures of all tests, the fast lane (`-m "not slow"`) and the lane of one model (`--model=NAME`)."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import filelock  # noqa: E402
import keras  # noqa: E402
import pytest  # noqa: E402
from absl import logging  # noqa: E402

logging.set_verbosity(logging.ERROR)


def pytest_addoption(parser):
    parser.addoption("--model", help="Runs the tests of one model only, in both lanes.")


def pytest_collection_modifyitems(config, items):
    model = config.getoption("--model")
    if model:
        chosen = [item for item in items if is_about(item, model)]
        if not chosen:
            raise pytest.UsageError(f"No test is about a model {model!r}.")
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def is_about(item, model):
    """Returns whether a test has a model or one of its recipes as a parameter, or is in its file."""
    parameters = getattr(item, "callspec", None)
    values = [v for v in parameters.params.values() if isinstance(v, str)] if parameters else []
    own = any(value == model or value.startswith(f"{model}_") for value in values)
    return own or item.path.stem == f"test_{model}"


@pytest.fixture(scope="session")
def shared(tmp_path_factory, worker_id):
    """A function that makes a folder once for all workers: `shared(name, make)` calls `make(folder)`.

    Tests must not write into the folder.
    """
    base = tmp_path_factory.getbasetemp()
    base = (base if worker_id == "master" else base.parent) / "shared"
    base.mkdir(exist_ok=True)

    def folder(name, make):
        path, whole = base / name, base / f"{name}.whole"
        with filelock.FileLock(base / f"{name}.lock"):
            if not whole.exists():
                path.mkdir(exist_ok=True)
                make(path)
                whole.touch()
        return path

    return folder


@pytest.fixture(scope="session")
def data_dir(shared):
    """The folder in which the embedded datasets are prepared, once for all tests."""
    return str(shared("tfds", lambda folder: None))


@pytest.fixture(autouse=True)
def float32():
    """Starts each test in float32, whatever the test before trained in."""
    keras.config.set_dtype_policy("float32")
    yield
    keras.config.set_dtype_policy("float32")

"""Fixtures of all tests, the fast lane (`-m "not slow"`) and the lane of one model (`--model=NAME`)."""

import functools
import gc
import hashlib
import inspect
import itertools
import os
import pathlib
import re
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # of a shell that starts the tests in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
if "PYTEST_XDIST_WORKER" in os.environ:  # the workers share the cores
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import filelock  # noqa: E402
import keras  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402
from absl import logging  # noqa: E402
from keras.src.utils import naming  # noqa: E402
from trainings import small  # noqa: E402

from zoo import datasets  # noqa: E402
from zoo.datasets.sources import embedded_sets  # noqa: E402
from zoo.models.build import list_models  # noqa: E402
from zoo.train.run import train  # noqa: E402

logging.set_verbosity(logging.ERROR)


def pytest_addoption(parser):
    parser.addoption("--model", help="Runs the tests of one model only, in both lanes.")


def pytest_collection_modifyitems(config, items):
    # The conformance tests of a model follow each other, so that one worker trains and loads the model.
    places = [i for i, item in enumerate(items) if item.path.stem == "test_conformance"]
    by_model = sorted((items[i] for i in places), key=lambda item: str(models_of(names_of(item))))
    for i, item in zip(places, by_model):
        items[i] = item
    model = config.getoption("--model")
    if model:
        chosen = [item for item in items if is_about(item, model)]
        if not chosen:
            raise pytest.UsageError(f"No test is about a model {model!r}.")
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def is_about(item, model):
    """Returns whether a test is about a model.

    The parameters of a test name its model or recipe. A test without such parameters is about the models
    that its code names, and all tests in `test_<model>.py` are about that model.
    """
    if item.path.stem == f"test_{model}":
        return True
    named = models_of(names_of(item))
    return model in (named or models_of(re.findall(r"[\"'](\w+)[\"']", inspect.getsource(item.function))))


def names_of(item):
    """Returns the values of a test's parameters."""
    parameters = getattr(item, "callspec", None)
    return list(parameters.params.values()) if parameters else []


def models_of(values):
    """Returns the models that are among values, by their own name or by the name of a recipe."""
    names = [f"{value}_" for value in values if isinstance(value, str)]
    own = [[model for model in listing() if name.startswith(f"{model}_")] for name in names]
    return {max(models, key=len) for models in own if models}


@functools.cache
def listing():
    return list_models()


# A full collection takes seconds, because graphs are many objects. Every 25 tests are enough.
gc.set_threshold(100_000, 10, 10_000)
torn_down = itertools.count(1)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    if next(torn_down) % 25 == 0:
        gc.collect()
        gc.freeze()


@pytest.fixture(autouse=True)
def names_from_one():
    """Lets Keras number its layers from one in each test.

    TensorFlow makes a kernel for each new name of a variable. That takes longer than to make the variable.
    """
    naming.reset_uids()


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
def data_dir(request, shared):
    """The folder in which the embedded datasets are prepared, once for all runs of the tests.

    Each state of the code that prepares datasets has its own folder in pytest's cache.
    """
    package = pathlib.Path(datasets.__file__).parent.parent
    folders = (package / name for name in ("datasets", "images", "game"))
    sources = sorted(path for folder in folders for path in folder.rglob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    try:
        return str(request.config.cache.mkdir("data") / digest)
    except (AttributeError, OSError):  # no cache, or a checkout that is read-only
        return str(shared("tfds", lambda folder: None))


@pytest.fixture(scope="session")
def small_run(shared, data_dir):
    """A function from a model to the folder of its small run, which is trained once for all tests."""
    return lambda model: shared(
        f"small_{model}", lambda folder: train(small(model), folder, data_dir=data_dir)
    )


@functools.lru_cache(maxsize=24)
def loaded(path, *stamps):
    """Returns a SavedModel, which is loaded once per process while its files do not change."""
    return load_saved_model(path)


def load_once(path):
    """Does what `tf.saved_model.load` does, faster."""
    files = sorted(file for file in pathlib.Path(path).rglob("*") if file.is_file())
    return loaded(str(path), *((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files))


load_saved_model = tf.saved_model.load
tf.saved_model.load = load_once


def held(load):
    """Returns a function that loads embedded datasets once per process."""
    cached = functools.lru_cache(maxsize=32)(load)

    @functools.wraps(load)
    def load_held(dataset, *args, **kwargs):
        embedded = str(dataset).split("/")[0] in embedded_sets()
        return (cached if embedded else load)(dataset, *args, **kwargs)

    return load_held


for name in ("load", "load_pairs", "load_domains", "load_photographs", "load_descriptions"):
    setattr(datasets, name, held(getattr(datasets, name)))


@pytest.fixture(scope="session")
def captions(data_dir):
    """The held-out scenes with captions, at 32 pixels."""
    return datasets.load_descriptions("shapes/captions", "held_out", image_size=32, data_dir=data_dir)


@pytest.fixture(autouse=True)
def float32():
    """Starts each test in float32, whatever the test before trained in."""
    keras.config.set_dtype_policy("float32")
    yield
    keras.config.set_dtype_policy("float32")

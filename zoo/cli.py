"""Shared functions of the entry points: flags, errors and messages."""

import ast
import os
import shlex
import sys

from absl import app, flags, logging

from zoo import recipe as recipes
from zoo.commands.signals import Signals, Stopped
from zoo.commands.streams import steady_streams
from zoo.errors import ZooError, explain


def quiet():
    """Silences the startup messages of TensorFlow, oneDNN and TFDS."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.set_verbosity(logging.ERROR)


def load_tensorflow():
    """Imports TensorFlow without the startup messages of its C++ code."""
    stderr = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow  # noqa: F401, PLC0415
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def run(main, takes_names=False):
    """Parses the flags and runs an entry point.

    Errors of the user end with status 1, and a signal with 128 plus its number.

    Args:
        main: Function of the entry point. Its result is the exit status.
        takes_names: Boolean. Whether `main` receives the positional arguments. Defaults to `False`.
    """

    def guarded(argv):
        quiet()
        _expand_home()
        try:
            with Signals():
                if takes_names:
                    return main(argv[1:])
                if len(argv) > 1:
                    raise ZooError(f"Unexpected argument {argv[1]!r}; flags look like --model=NAME.")
                return main()
        except ZooError as error:
            return fail(error.spelled(as_flag, "Use"))
        except Stopped as stopped:
            print(f"\n{stopped}", file=sys.stderr, flush=True)
            return stopped.code
        except Exception as error:
            found = explain(error) or _missing_file(error)
            if found is None:
                raise
            return fail(found.spelled(as_flag, "Use"))

    steady_streams()
    app.run(guarded)


def _expand_home():
    """Expands a leading `~/` in flags. Shells leave it unchanged after `--out=`."""
    for name in FLAGS:
        if str(FLAGS[name].value).startswith("~/"):
            FLAGS[name].value = os.path.expanduser(FLAGS[name].value)


def _missing_file(error):
    """Returns the `ZooError` for a file that does not exist, or None."""
    if isinstance(error, FileNotFoundError) and error.filename:
        return ZooError(f"{error.filename} does not exist. Choose another path.")
    return None


def as_flag(name, value):
    """Spells a setting as a flag of this command, or with `--set` if the command has it."""
    quote = str if value == "…" else shlex.quote
    if name in FLAGS:
        return f"--{name}={quote(str(value))}"
    return f"--set {quote(f'{name}={value}')}" if "set" in FLAGS else f"{name}={value}"


def fail(message, status=1):
    """Prints an error and returns the exit status."""
    sys.stdout.flush()
    print(f"error: {message}", file=sys.stderr, flush=True)
    return status


def recipe_flags():
    """Defines the flags that select and change a recipe."""
    flags.DEFINE_string("model", None, "A model, a recipe, or the path of a recipe file.")
    flags.DEFINE_multi_string("set", [], "field=value for a field of the recipe. May be repeated.")
    flags.DEFINE_string("dataset", None, "Embedded dataset, dataset of TFDS, or folder of images.")
    flags.DEFINE_integer("batch_size", None, "Examples per batch, over all replicas.")
    flags.DEFINE_integer("seed", None, "Random seed of initial weights, data order and all draws.")
    flags.DEFINE_string("precision", None, "float32, mixed_bfloat16, mixed_float16 or auto.")
    flags.DEFINE_integer("steps", None, "Number of updates of the generator.")
    flags.DEFINE_string("data_dir", None, "Folder of the datasets of TFDS; default: TFDS' own.")


def chosen_recipe():
    """Returns the recipe of the flags, with their changes."""
    name = required(FLAGS.model, "model", "cgan")
    if name.endswith(".py"):
        load_tensorflow()  # the file may hold its model, too
    recipe = recipes.find(name)
    fields = ("dataset", "batch_size", "seed", "precision", "steps")
    given = [f"{f}={FLAGS[f].value!r}" for f in fields if FLAGS[f].value is not None]
    return recipe.changed(given + FLAGS.set)


def parse(assignments):
    """Parses conditions: `["label=[3,7]"]` to `{"label": [3, 7]}`.

    Values that are not Python literals are text.

    Raises:
        ZooError: A missing name or value.
    """
    given = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not name or not equals:
            raise ZooError(f"--given wants condition=value, not {assignment!r}.")
        try:
            given[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            given[name] = text
    return given


def required(value, flag, example):
    """Returns the value of a required flag.

    Args:
        value: The value.
        flag: String. Name of the flag.
        example: String. Example of a value, for the message.

    Raises:
        ZooError: The value is missing.
    """
    if not value:
        raise ZooError(f"--{flag} is missing, for example --{flag}={example}.")
    return value


FLAGS = flags.FLAGS

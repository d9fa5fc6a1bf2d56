"""What the entry points share: one clear line for a mistake, and no traceback."""

import ast
import errno
import os
import shlex
import sys

from absl import app, flags, logging

from zoo import recipe as recipes
from zoo.errors import ZooError, is_denied


def quiet():
    """Keeps TensorFlow's 's, oneDNN's and TFDS' greetings out of the terminal."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.set_verbosity(logging.ERROR)


def load_tensorflow():
    """Imports TensorFlow without the greetings that its C++ prints before it reads any setting."""
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow  # noqa: F401, PLC0415
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def run(main, takes_names=False):
    """Runs `main()` after the flags are parsed; a mistake of the user's ends with status 1.

    Args:
        main: the entry point; its result is the exit status.
        takes_names: whether it is given what was written besides the flags.
    """

    def guarded(argv):
        quiet()
        _expand_home()
        try:
            if takes_names:
                return main(argv[1:])
            if len(argv) > 1:
                raise ZooError(f"Unexpected argument {argv[1]!r}; flags look like --model=NAME.")
            return main()
        except ZooError as error:
            return fail(error.spelled(as_flag, "Use"))
        except KeyboardInterrupt:
            return fail("Stopped. What was checkpointed is kept.", status=130)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whoever read has seen enough
            return 0
        except OSError as error:
            return _fail_on_file(error)

    app.run(guarded)


def _expand_home():
    """Expands a leading `~/` in flags. Shells leave it unchanged after `--out=`."""
    for name in FLAGS:
        if str(FLAGS[name].value).startswith("~/"):
            FLAGS[name].value = os.path.expanduser(FLAGS[name].value)


def _fail_on_file(error):
    """Prints the error of a file and returns the exit status. Raises an error without a file name."""
    if error.errno == errno.ENOSPC:
        return fail(f"The disk is full ({error.filename or 'while writing'}). {space}")
    if is_denied(error):
        return fail(f"{error.filename} cannot be written. Choose another folder.")
    if error.filename:  # a file in place of a folder, a missing folder, …
        return fail(f"{error.filename}: {error.strerror}. Choose another path.")
    raise error


def as_flag(name, value):
    """Spells a setting as this command takes it: as its own flag, or with `--set` if it has that flag."""
    quote = str if value == "…" else shlex.quote
    if name in FLAGS:
        return f"--{name}={quote(str(value))}"
    return f"--set {quote(f'{name}={value}')}" if "set" in FLAGS else f"{name}={value}"


space = "Free some space and run the same command again; what was checkpointed is kept."


def fail(message, status=1):
    sys.stdout.flush()
    print(f"error: {message}", file=sys.stderr, flush=True)
    return status


def recipe_flags():
    """The flags that say what to train."""
    flags.DEFINE_string("model", None, "A model, a recipe, or the path of a recipe file.")
    flags.DEFINE_multi_string("set", [], "field=value for anything in the recipe; may be repeated.")
    flags.DEFINE_string("dataset", None, "Embedded or TFDS set, or a folder of pictures.")
    flags.DEFINE_integer("batch_size", None, "Examples a batch, over all replicas.")
    flags.DEFINE_integer("seed", None, "Decides initial weights, data order and all draws.")
    flags.DEFINE_string("precision", None, "float32, mixed_bfloat16, mixed_float16 or auto.")
    flags.DEFINE_integer("steps", None, "Updates of the generator.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its sets.")


def chosen_recipe():
    """The recipe that those flags name, with what they change."""
    name = required(FLAGS.model, "model", "cgan")
    if name.endswith(".py"):
        load_tensorflow()  # the file may hold its model, too
    recipe = recipes.find(name)
    fields = ("dataset", "batch_size", "seed", "precision", "steps")
    given = [f"{f}={FLAGS[f].value!r}" for f in fields if FLAGS[f].value is not None]
    return recipe.changed(given + FLAGS.set)


def parse(assignments):
    """Conditions as they are typed: ["label=[3,7]"] to {"label": [3, 7]}; what is no literal is text.

    Raises:
        ZooError: no name, or no value.
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
    """Raises a ZooError where a flag that is needed was not given."""
    if not value:
        raise ZooError(f"--{flag} is missing, for example --{flag}={example}.")
    return value


FLAGS = flags.FLAGS

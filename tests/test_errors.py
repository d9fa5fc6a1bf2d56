"""Errors name their settings, and only the entry points spell flags."""

import ast
import errno
import os
import pathlib
import pickle
import re

import keras
import pytest
import tensorflow as tf
from absl import flags

import zoo
from zoo import cli
from zoo.errors import MissingData, ZooError, explain, explained

package = pathlib.Path(zoo.__file__).parent


_flag = re.compile(r"(?<![\w-])--[a-z_]+")
_command = re.compile(r"python -m zoo\.|\bdocker |\bsrun |\biconv ")


@pytest.fixture
def command(monkeypatch):
    """A command with the flags batch_size and out, as `as_flag` sees them."""
    known = flags.FlagValues()
    flags.DEFINE_integer("batch_size", None, "", flag_values=known)
    flags.DEFINE_string("out", None, "", flag_values=known)
    flags.DEFINE_multi_string("set", [], "", flag_values=known)
    monkeypatch.setattr(cli, "FLAGS", known)


settings = [
    ({}, "Fact.", "Fact."),
    ({"batch_size": 60}, "Fact. Set batch_size=60.", "Fact. Use --batch_size=60."),
    ({"image_size": 64}, "Fact. Set image_size=64.", "Fact. Use --set image_size=64."),
    ({"network.k": 50}, "Fact. Set network.k=50.", "Fact. Use --set network.k=50."),
    ({"network.k": ...}, "Fact. Set network.k=….", "Fact. Use --set network.k=…."),
    ({"out": "my runs"}, "Fact. Set out=my runs.", "Fact. Use --out='my runs'."),
    ({"dataset": "my images"}, "Fact. Set dataset=my images.", "Fact. Use --set 'dataset=my images'."),
    ({"out": ...}, "Fact. Set out=….", "Fact. Use --out=…."),
    ({"batch_groups": []}, "Fact. Set batch_groups=[].", "Fact. Use --set 'batch_groups=[]'."),
    ({"stages": (3, 5)}, "Fact. Set stages=(3, 5).", "Fact. Use --set 'stages=(3, 5)'."),
    (
        {"batch_size": 60, "image_size": 64, "out": ...},
        "Fact. Set batch_size=60 or image_size=64 or out=….",
        "Fact. Use --batch_size=60 or --set image_size=64 or --out=….",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("repair, in_code, on_the_command_line", settings)
def test_settings_in_code_and_on_the_command_line(repair, in_code, on_the_command_line, command):
    error = ZooError("Fact.", **repair)
    assert str(error) == in_code
    assert error.spelled(cli.as_flag, "Use") == on_the_command_line


def test_command_without_set_names_the_setting(monkeypatch):
    monkeypatch.setattr(cli, "FLAGS", flags.FlagValues())
    assert ZooError("Fact.", image_size=64).spelled(cli.as_flag, "Use") == "Fact. Use image_size=64."


def test_settings_survive_pickling():
    error = pickle.loads(pickle.dumps(MissingData("Fact.", data_dir=..., dataset="digits")))
    assert isinstance(error, MissingData) and str(error) == "Fact. Set data_dir=… or dataset=digits."


def test_keras_raises_the_error_of_a_layer_unchanged():
    class Failing(keras.layers.Layer):
        def call(self, x):
            raise ZooError("Fact.", batch_size=60)

    with pytest.raises(ZooError) as error:
        Failing()(keras.ops.ones((1, 1)))
    assert str(error.value) == "Fact. Set batch_size=60."
    assert error.value.settings == {"batch_size": 60}


def _text(node):
    """Returns the constant text of a string, of an f-string, or of all strings below a node."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    separator = "" if isinstance(node, ast.JoinedStr) else " "
    return separator.join(filter(None, map(_text, ast.iter_child_nodes(node))))


def _flags_outside_commands(node):
    """Yields each string below a node that spells a flag and is not part of a command.

    A string is part of a command if the string itself, or the list that contains the string, is a command.
    """
    for child in ast.iter_child_nodes(node):
        text = _text(child) if isinstance(child, (ast.Constant, ast.JoinedStr, ast.List)) else ""
        if _command.search(text) or re.search(r"-m zoo\.", text):
            continue
        if isinstance(child, (ast.Constant, ast.JoinedStr)):
            if _flag.search(text):
                yield child.lineno, text
        else:
            yield from _flags_outside_commands(child)


def test_only_entry_points_spell_flags():
    spelled = []
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if path.name == "__main__.py" or name in ("cli.py", "commands/spelling.py"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        spelled += [f"zoo/{name}:{line}: {text}" for line, text in _flags_outside_commands(tree)]
    assert not spelled, "\n".join(spelled)


def test_flags_are_recognized_in_strings_and_f_strings():
    source = """
def f(name):
    '''Takes --dataset=FOLDER.'''
    print("Set --out.", f"Set --{name}=3 or --seed={name}.")
    run = ["python", "-m", "zoo.train", f"--model={name}", *(f"--set={k}" for k in name)]
    help = f"Train it (python -m zoo.train --model={name}).", "---", "<!-- comment -->"
    return run, help, ["--steps"]
"""
    texts = [text for _, text in _flags_outside_commands(ast.parse(source))]
    assert texts == ["Takes --dataset=FOLDER.", "Set --out.", "Set --=3 or --seed=.", "--steps"]


codes = (
    errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM,
    errno.ENAMETOOLONG, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENOTEMPTY,
)  # fmt: skip


@pytest.mark.parametrize("code", codes, ids=errno.errorcode.get)
@pytest.mark.parametrize("kind", [tf.errors.ResourceExhaustedError, tf.errors.UnknownError, OSError])
def test_errors_of_disks_and_paths_are_one_line_with_the_path(kind, code):
    text = os.strerror(code)
    if kind is OSError:
        error = OSError(code, text, "/runs/a/step-1.index")
    else:
        error = kind(None, None, f"/runs/a/step-1.index; {text} [Op:SaveV2]")
    line = str(explain(error, out=...))
    assert "/runs/a/step-1.index" in line and "\n" not in line and "Out of memory" not in line
    assert line.endswith(" Set out=….") != ("What was saved is kept." in line)
    with pytest.raises(ZooError, match="/runs/a/step-1.index"), explained():
        raise error


def test_full_memory_is_one_line():
    full = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[9]\nHint: …")
    with pytest.raises(ZooError, match=r"^Out of memory \(OOM.*\[9\]\).* Set batch_size=…"), explained():
        raise full
    assert "Out of memory" in str(explain(MemoryError()))


def raised(error, cause=None, context=None):
    """Returns an error with a cause or a context."""
    error.__cause__, error.__context__ = cause, context
    error.__suppress_context__ = cause is not None
    return error


def test_full_disks_are_found_among_the_causes():
    full = OSError(errno.ENOSPC, "No space left on device")
    for error in (raised(RuntimeError("x"), cause=full), raised(RuntimeError("x"), context=full)):
        assert "The disk is full." in str(explain(error))


def test_errors_that_the_program_has_handled_explain_nothing():
    handled = FileExistsError(errno.EEXIST, "File exists", "/runs")
    assert explain(raised(RuntimeError("x"), context=handled)) is None
    assert "cannot be a folder" in str(explain(raised(RuntimeError("x"), cause=handled)))  # not handled
    assert explain(FileNotFoundError(errno.ENOENT, "No such file", "/a")) is None
    assert explain(ConnectionError(errno.ECONNREFUSED, "refused")) is None
    assert explain(ValueError("No space left on device")) is None

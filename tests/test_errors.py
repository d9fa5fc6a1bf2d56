"""Errors name their settings, and only the entry points spell flags."""

import ast
import pathlib
import pickle
import re

import keras
import pytest
from absl import flags

import zoo
from zoo import cli
from zoo.errors import MissingData, ZooError

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
        if path.name == "__main__.py" or name in ("cli.py", "commands.py"):
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

"""Every command and every block of code in the README and the guides does what it says.

Blocks of `sh` and `python` are run in the README's order, in a folder that is not the clone, by their very
lines; only `shorter` is added to what would take long, and pip and pytest are left to .ci/run. A comment
before a block says what else is done with it: <!-- tests: saved as FILE -->, or <!-- tests: read only,
REASON -->. Of what is not run, commands in the text among it, the flags and the models' names are checked.
"""

import itertools
import pathlib
import re
import shlex

import numpy as np
import pytest
from PIL import Image
from processes import run_command

from zoo import inspect, paths, recipe
from zoo.document import papers
from zoo.document import readme as documentation
from zoo.models.build import list_models
from zoo.saved.card import list_trained

guides = (documentation.readme, papers.guide, pathlib.Path(inspect.__file__).parent / "README.md")
text = "\n".join(page.read_text(encoding="utf-8") for page in guides)
fence = re.compile(r"(?:<!-- tests: ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
blocks = fence.findall(text)
prose = re.sub(r"<!--.*?-->", "", fence.sub("", text))
inline = [" ".join(code.split()) for code in re.findall(r"`([^`]*python -m zoo\.[^`]+)`", prose)]
shorter = {  # commands of a module that begin so, and what is added to them
    ("zoo.train", ""): ["--steps=2", "--set=period=2", "--set=steps_per_execution=1"],
    ("zoo.evaluate", "--model="): ["--seeds=1", "--count=100"],
    ("zoo.evaluate", "--suite="): ["--sets=ring", "--methods=GAN", "--runs=1", "--steps=50"],
    ("zoo.verify", ""): ["--seeds=1", "--metrics=label_agreement"],
    ("zoo.benchmark", ""): ["--timed_steps=1", "--models=gan"],
}


def shortened(command):
    """A command that does no more than a test needs."""
    for (ours, start), flags in shorter.items():
        if ours == module(command) and any(word.startswith(start) for word in command[3:] or [""]):
            command = [*command, *flags]
    return command


def commands(block):
    """The commands of a block, each a list of words."""
    for line in block.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        for is_and, command in itertools.groupby(words, lambda word: word == "&&"):
            if not is_and:
                command = list(command)
                yield command[command.index("python") :] if "python" in command else command


def module(command):
    """Which of our modules a command runs, if any."""
    ours = command[:2] == ["python", "-m"] and command[2].startswith("zoo.")
    return command[2] if ours else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where a reader might be: with trained models at hand, and pictures of their own."""
    place = tmp_path_factory.mktemp("reader")
    (place / "saved_models").symlink_to(paths.saved_models)
    for name in ("wanted", "restored"):
        (place / name).mkdir()
        pixels = np.random.default_rng(0).integers(0, 256, (192, 192, 3), np.uint8)
        Image.fromarray(pixels).save(place / name / "one.png")
    for note, _, code in blocks:
        if note.startswith("saved as "):
            (place / note.removeprefix("saved as ")).write_text(code)
    return place


@pytest.fixture(scope="module")
def run(folder, data_dir):
    def run(arguments):
        done = run_command(arguments, folder, {"TFDS_DATA_DIR": data_dir})
        assert done.returncode == 0, f"{shlex.join(arguments)}\n{done.stdout}\n{done.stderr}"

    return run


def is_run(block):
    note, language, _ = block
    return language in ("sh", "python") and not note


@pytest.mark.slow
@pytest.mark.parametrize("block", filter(is_run, blocks), ids=lambda block: block[2].split("\n")[0][:40])
def test_a_block_of_the_readme_runs(block, run):
    _, language, code = block
    if language == "python":
        run(["-c", code])
    else:
        for command in commands(code):
            ours = module(command)
            assert ours or command[0] == "pip" or command[2] == "pytest", f"who runs {command}?"
            if ours:
                run(shortened(command)[1:])


@pytest.mark.slow
def test_all_flags_and_models_that_the_readme_names_are_known(run):
    known = {*list_models(), *recipe.list_recipes(), *list_trained()}
    found = [c for code in [*inline, *(block[2] for block in blocks)] for c in commands(code) if module(c)]
    assert len(found) > 20
    for command in found:
        run([*command[1:], "--only_check_args"])
        for word in command:
            name = word.removeprefix("--model=")
            someones = name.isupper() or "/" in name or name.endswith(".py")
            assert name == word or name in known or someones, command

"""The structure of the package: its parts, their sizes and their imports."""

import configparser
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

import zoo
from zoo import __main__ as listing

root = pathlib.Path(zoo.__file__).parent
clone = root.parent
in_clone = pytest.mark.skipif(not (clone / "setup.cfg").is_file(), reason="not a clone")
verbs = sorted(listing.commands())


@in_clone
def test_setup_names_every_package():
    setup = configparser.ConfigParser()
    setup.read(clone / "setup.cfg")
    named = set(setup["options"]["packages"].split())
    folders = {".".join(file.parent.relative_to(clone).parts) for file in root.rglob("__init__.py")}
    assert named == folders | {"zoo.recipes", "zoo.saved_models"}


def test_package_is_small():
    entries = [path for path in root.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert len(entries) <= 30
    lines = {file.relative_to(root): len(file.read_text().splitlines()) for file in root.rglob("*.py")}
    assert {file for file, count in lines.items() if count > 400} <= {
        pathlib.Path("datasets/shapes/scenes.py")
    }


@in_clone
def test_import_contracts_hold():
    command = shutil.which("lint-imports", path=str(pathlib.Path(sys.executable).parent))
    if command is None:
        pytest.skip("import-linter is not installed")
    done = subprocess.run([command], cwd=clone, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_commands_are_listed():
    done = subprocess.run([sys.executable, "-m", "zoo"], capture_output=True, text=True, check=True)
    assert [line.split()[2] for line in done.stdout.splitlines()] == [f"zoo.{verb}" for verb in verbs]
    assert len(verbs) == 11


@pytest.mark.parametrize("verb", verbs)
def test_help_is_fast(verb):
    def seconds(*arguments):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True)
        return time.perf_counter() - start

    # The best of three, less the start of Python itself, which differs between machines.
    taken = min(seconds("-m", f"zoo.{verb}", "--help") for _ in range(3))
    assert taken - min(seconds("-c", "pass") for _ in range(3)) < 0.3

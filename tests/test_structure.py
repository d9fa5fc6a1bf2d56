"""The structure of the package: its parts, their sizes and their imports."""

import ast
import configparser
import pathlib
import re
import shutil
import subprocess
import sys
import time

import pytest

import zoo
from zoo import __main__ as listing

root = pathlib.Path(zoo.__file__).parent
clone = root.parent
tests = pathlib.Path(__file__).parent
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


@in_clone
@pytest.mark.slow
def test_examples_of_the_contributing_guide_run(tmp_path):
    guide = (clone / ".github" / "CONTRIBUTING.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 5
    file = tmp_path / "guide.py"
    file.write_text("\n".join(blocks))
    done = subprocess.run([sys.executable, file], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def private_names(code):
    """Returns the lines of a test that use a private name of zoo, as `(line, name)`."""
    tree, modules, found = ast.parse(code), {"zoo"}, []
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "zoo":
            modules |= {alias.asname or alias.name for alias in node.names}
            found += [(node.lineno, alias.name) for alias in node.names if is_private(alias.name)]
        elif isinstance(node, ast.Import):
            modules |= {alias.asname for alias in node.names if alias.asname and alias.name[:4] == "zoo."}
    for node in nodes:
        if isinstance(node, ast.Attribute) and is_private(node.attr) and root_name(node) in modules:
            found.append((node.lineno, node.attr))
        elif isinstance(node, ast.Call) and len(node.args) > 1:  # setattr(module, "_name", …)
            target, name = node.args[:2]
            if root_name(target) in modules and isinstance(name, ast.Constant) and is_private(name.value):
                found.append((node.lineno, name.value))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):  # code and targets of patches
            names = re.findall(r"\bzoo[\w.]*(?:\.| import (?:.*, )?)(_[a-z]\w*)", node.value)
            found += [(node.lineno, name) for name in names]
    return found


def is_private(name):
    return isinstance(name, str) and re.fullmatch(r"_[^_]\w*", name) is not None


def root_name(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", None)


@pytest.mark.parametrize(
    "code",
    [
        "from zoo.train.run import _owned",
        "from zoo.train import run\nrun._owned()",
        "import zoo.train.run as run\nrun._owned()",
        "import zoo\nzoo.train.run._owned()",
        "from zoo.train import run\nmonkeypatch.setattr(run, '_owned', None)",
        "monkeypatch.setattr('zoo.train.run._owned', None)",
        "code = 'from zoo.train.run import train, _owned'",
    ],
)
def test_private_names_are_found(code):
    assert [name for _, name in private_names(code)] == ["_owned"]


def test_tests_use_public_names_only():
    found = {
        str(file.relative_to(tests)): names
        for file in sorted(tests.rglob("*.py"))
        if file.name != pathlib.Path(__file__).name and (names := private_names(file.read_text()))
    }
    assert found == {}


def test_commands_are_listed():
    done = subprocess.run([sys.executable, "-m", "zoo"], capture_output=True, text=True, check=True)
    assert [line.split()[2] for line in done.stdout.splitlines()] == [f"zoo.{verb}" for verb in verbs]
    assert len(verbs) == 12


@pytest.mark.slow
@pytest.mark.parametrize("verb", verbs)
def test_help_is_fast(verb):
    def seconds(*arguments):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True)
        return time.perf_counter() - start

    # The best of three, less the start of Python itself, which differs between machines.
    taken = min(seconds("-m", f"zoo.{verb}", "--help") for _ in range(3))
    assert taken - min(seconds("-c", "pass") for _ in range(3)) < 0.3

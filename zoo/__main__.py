"""Lists the commands: `python -m zoo`."""

import ast

from zoo import paths


def commands():
    """Returns the first line of each entry point's docstring, `{command: line}`, sorted."""
    files = sorted(paths.package.glob("*/__main__.py"))
    return {
        file.parent.name: ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))).splitlines()[0]
        for file in files
    }


if __name__ == "__main__":
    for name, summary in commands().items():
        print(f"python -m zoo.{name:10} {summary.rstrip('.')}")

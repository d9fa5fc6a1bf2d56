"""The table of the papers' recipes in recipes/README.md."""

import ast

from zoo import paths, recipe
from zoo.errors import ZooError

begin = "<!-- papers: written by python -m zoo.document --write -->\n"
end = "<!-- end of papers -->\n"
guide = paths.recipes / "README.md"
marker = "Differences from the paper: "


def differences(name):
    """Returns the differences from the paper that the docstring of a recipe lists.

    Raises:
        ZooError: The docstring does not list them.
    """
    text = (paths.recipes / f"{name}.py").read_text(encoding="utf-8")
    documentation = ast.get_docstring(ast.parse(text)) or ""
    _, found, listed = documentation.partition(marker)
    if not found:
        raise ZooError(f"The docstring of recipes/{name}.py has no {marker.strip()!r}.")
    return " ".join(listed.split())


def table():
    """Returns a Markdown table of the papers' recipes, their data and their differences."""
    lines = ["| recipe | data | summary | differences from the paper |", "|---|---|---|---|"]
    for name in recipe.list_recipes():
        if "_paper" in name:
            found = recipe.find(name)
            data = f"`{found.dataset}`"
            lines.append(f"| `{name}` | {data} | {found.summary} | {differences(name)} |")
    return "\n".join(lines) + "\n"


def written(text):
    """Returns the text of recipes/README.md with the current table between its two marks.

    Raises:
        ZooError: The marks are missing.
    """
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ZooError(f"{guide} has no lines {begin.strip()!r} and {end.strip()!r}. Put them back.")
    return f"{before}{begin}\n{table()}\n{end}{after}"

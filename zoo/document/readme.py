"""The README's table of all models."""

import pathlib
import re

import numpy as np

from zoo import paths, recipe
from zoo.errors import ZooError
from zoo.models.build import list_models, model_documentation
from zoo.saved.card import Card, list_trained

begin = "<!-- models: written by python -m zoo.document --write -->\n"
end = "<!-- end of models -->\n"
readme = pathlib.Path(__file__).resolve().parents[2] / "README.md"

_citation = re.compile(r": (?P<who>.+? \d{4}), .+?, arXiv (?P<number>\d{4}\.\d{4,5})")


def paper(model):
    """Returns a link to a model's paper, from the docstring of its file.

    The docstring cites the paper as ": AUTHORS YEAR, TITLE, arXiv NUMBER". Without a citation, the start of
    its first sentence is returned.
    """
    file = " ".join(model_documentation(model).split())
    found = _citation.search(file)
    if found is None:
        return re.split(" ?[.:,(]", file)[0]
    return f"[{found['who']}](https://arxiv.org/abs/{found['number']})"


def figure(result, published=None):
    """Returns a result of a card as text: "metric value ± spread unit (paper: …)".

    Args:
        result: A record. See `zoo.metrics.record`.
        published: String. The paper's result. Defaults to None.
    """
    value = f"{result['value']:#.4g}".removesuffix(".000").replace("-", "−")
    if (result["spread"] or 0.0) > 1e-6 * abs(result["value"]):
        spread = np.format_float_positional(result["spread"], precision=1, fractional=False, trim="-")
        value += f" ± {spread}"
    unit = result.get("unit", "1").removeprefix("1")
    known = f" (paper: {published})" if published else ""
    return f"{result['metric']} {value} {unit}".rstrip() + known


def table():
    """Returns a Markdown table of all models.

    The columns are paper, image, recipes, and trained models with their results. The results are those in
    the recipe's `published`, or the first of the card.
    """
    recipes = [recipe.find(name) for name in recipe.list_recipes()]
    trained = list_trained()
    lines = ["| model | picture | recipes | trained, and what it was measured to do |", "|---|---|---|---|"]
    for model in list_models():
        own = sorted((r for r in recipes if r.model == model), key=lambda r: (not r.default, r.name))
        shipped = [r for r in own if r.name in trained]
        pictures = [r.name for r in shipped if (paths.saved_models / r.name / "picture.png").is_file()]
        picture = f'<img src="saved_models/{pictures[0]}/picture.png" width="140">' if pictures else ""
        names = "<br>".join(f"`{r.name}`" for r in own)
        measured = "<br>".join(
            f"[`{r.name}`](saved_models/{r.name}/card.json): {'; '.join(_figures(r))}" for r in shipped
        )
        lines.append(f"| `{model}`<br>{paper(model)} | {picture} | {names} | {measured} |")
    return "\n".join(lines) + "\n"


def _figures(made):
    card = Card.read(paths.saved_models / made.name)
    results = {r["metric"]: r for r in card.results}
    shown = [metric for metric in results if metric in made.published] or list(results)[:1]
    return [figure(results[metric], made.published.get(metric)) for metric in shown]


def written(text):
    """Returns the text of README.md with the current table between its two marks.

    Raises:
        ZooError: The marks are missing.
    """
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ZooError(f"README.md has no lines {begin.strip()!r} and {end.strip()!r}. Put them back.")
    return f"{before}{begin}\n{table()}\n{end}{after}"

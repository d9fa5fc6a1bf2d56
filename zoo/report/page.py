"""The report of a run: one page of HTML that holds all it shows, opens offline and prints."""

import base64
import dataclasses
import html
import io
import pathlib

from zoo import paths, recipe
from zoo.errors import ZooError
from zoo.images import plots
from zoo.images.files import to_pillow
from zoo.images.sheets import thinned

largest = 4_000_000  # bytes of a picture that is embedded


grids = 8  # of those made during training


_style = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: auto; padding: 1rem; color: CanvasText; background: Canvas }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: bold }
th, td { border-bottom: 1px solid GrayText; padding: .2rem .6rem; text-align: left; vertical-align: top }
td { overflow-wrap: anywhere }
pre { padding: .6rem; border: 1px solid GrayText; white-space: pre-wrap; overflow-wrap: anywhere }
th:last-child, td:last-child { min-width: 12rem }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; vertical-align: top; max-width: 100% }
figcaption { max-width: 20rem }
img { max-width: 100%; background: white; image-rendering: pixelated }
@media print { body { max-width: none } figure, tr, pre { break-inside: avoid } details { display: none } }
"""


_page = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def report(account, out):
    """Writes the report of an `Account` as one HTML file.

    Raises:
        ZooError: it cannot be written.
    """
    sections = (_training, _samples, _abilities, _results, _recipe)
    name = account.recipe.name
    body = f"<h1>{_text(name)}</h1>\n<p>{_text(account.recipe.summary)}</p>\n"
    body += "\n".join(filter(None, (section(account) for section in sections)))
    out = pathlib.Path(out)
    try:
        page = _page.format(title=f"{_text(name)}: report", style=_style, body=body)
        with paths.whole(out) as file:
            file.write_text(page, "utf-8")
    except OSError as error:
        raise ZooError(f"{out} cannot be written ({error.strerror}).", out=...) from error


def _training(account):
    steps, history = account.recipe.steps, account.history or {}
    if account.card:
        told, data, end = account.card.training, account.card.data, ""
    else:
        told = {"seconds": history.get("seconds", [0])[-1]}
        data, end = {"name": account.recipe.dataset}, ": not finished, there is no model yet"
    done = history.get("step", [steps if account.card else 0])[-1]
    facts = {
        "Steps": f"{done:.0f} of {steps}{end}",
        "Time": f"{told['seconds'] / 60:.1f} minutes",
        "Data": ", ".join(f"{k} {v}" for k, v in data.items()),
        **{k.capitalize(): v for k, v in told.items() if k != "seconds"},
    }
    losses = {k: v for k, v in history.items() if k != "seconds"}
    curves = ""
    if losses:
        last = ", ".join(f"{k} {v[-1]:.3g}" for k, v in losses.items() if k != "step")
        curves = _figure(
            _png(plots.curves(losses)), "png", "Losses", f"Curves of the losses, at last {last}"
        )
    command = "<h3>To reproduce it</h3>\n<pre>" + _text(recipe.command_of(account.recipe)) + "</pre>"
    return f"<h2>Training</h2>\n{_table('The run', facts)}\n{curves}\n{command}"


def _samples(account):
    figures = [
        _file(path, f"Step {int(path.stem.removeprefix('step_'))}: the same requests each time")
        for path in thinned(account.stages, grids)
    ]
    return "<h2>Samples over time</h2>\n" + "\n".join(figures) if figures else ""


_captions = {
    "picture": "Chosen for its card",
    "curves": "Losses over training",
    "samples": "Samples over time",
    "scatter": "Points of the generator",
    "grid": "Samples; where there are classes, a row each",
    "walk": "A closed walk through the noise",
}


def _abilities(account):
    captions = dict(_captions)
    for name in account.card.interface.get("priors", ()) if account.card else ():
        told = f"{name}, one of its numbers from low to high, all else held along a row"
        captions.update({p.stem: told for p in account.shown if p.stem.startswith(f"{name}_")})
    figures = [_file(path, captions.get(path.stem, path.stem)) for path in account.shown]
    return "<h2>What it can do</h2>\n" + "\n".join(figures) if figures else ""


def _results(account):
    if account.card is None:
        return ""
    if not account.card.results:
        return "<h2>Results</h2>\n<p>Not measured yet: python -m zoo.evaluate --model=RUN</p>"
    rows = []
    for result in account.card.results:
        spread = "" if result["spread"] is None else f" ± {result['spread']:.3g}"
        value = f"{result['value']:.5g}{spread} {result.get('unit', '')}"
        known = ("metric", "value", "spread", "unit", "protocol")
        rest = {k.replace("_", " "): v for k, v in result.items() if k not in known}
        beside = "<br>".join(f"{_text(k)}: {_text(v)}" for k, v in rest.items())
        cells = (_text(value), _text(result["protocol"]), beside)
        rows.append(_row(_text(result["metric"]), *cells))
    head = _row("Metric", "Value", "Protocol", "Beside it", tag="th")
    return f"<h2>Results</h2>\n<table>\n<thead>{head}</thead>\n<tbody>{''.join(rows)}</tbody>\n</table>"


def _recipe(account):
    changes = recipe.differences(account.recipe)
    if changes is None:
        changed = "<p>The zoo has no recipe of that name.</p>"
    elif not changes:
        changed = "<p>All settings are those of the zoo's recipe.</p>"
    else:
        told = {k: f"{now!r}, not {named!r}" for k, (now, named) in changes.items()}
        changed = _table("Otherwise than in the zoo's recipe", told)
    settings = recipe.flat(dataclasses.asdict(account.recipe))
    settings = {k: repr(v) for k, v in settings.items() if k not in ("name", "summary")}
    return f"<h2>Recipe</h2>\n{changed}\n{_table('All settings', settings)}"


def _text(value):
    return html.escape(str(value))


def _row(first, *cells, tag="td"):
    rest = "".join(f"<{tag}>{cell}</{tag}>" for cell in cells)
    return f'<tr><th scope="{"col" if tag == "th" else "row"}">{first}</th>{rest}</tr>\n'


def _table(caption, facts):
    rows = "".join(_row(_text(k), _text(v)) for k, v in facts.items())
    return f"<table>\n<caption>{_text(caption)}</caption>\n{rows}</table>"


def _png(image):
    file = io.BytesIO()
    to_pillow(image).save(file, "png")
    return file.getvalue()


def _file(path, caption):
    """A figure of a picture's file; animations wait until they are opened, and stay out of print."""
    data = path.read_bytes()
    if len(data) > largest:
        return f"<p>{_text(caption)}: {len(data) / 1e6:.1f} MB, left in {_text(path)}</p>"
    figure = _figure(data, path.suffix[1:], caption)
    if path.suffix != ".gif":
        return figure
    return f"<details>\n<summary>Animation. {_text(caption)}</summary>\n{figure}\n</details>"


def _figure(data, kind, caption, alt=None):
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    image = f'<img src="{source}" alt="{_text(alt or caption)}">'
    return f"<figure>\n{image}\n<figcaption>{_text(caption)}</figcaption>\n</figure>"

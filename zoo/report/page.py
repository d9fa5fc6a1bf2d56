"""The report of a run as one self-contained HTML file."""

import base64
import dataclasses
import io
import pathlib

import jinja2

from zoo import paths
from zoo.commands import spelling
from zoo.errors import explained
from zoo.images import plots
from zoo.images.files import to_pillow
from zoo.images.sheets import thinned

largest = 4_000_000  # bytes of an embedded image
grids = 8  # previews of the training that are shown

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("zoo", "report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


@dataclasses.dataclass(frozen=True)
class Figure:
    """An image of the page.

    Attributes:
        caption: String.
        source: String. `data:` URL of the image, or `None` if the file is too large to embed.
        alt: String. Alternative text. Defaults to the caption.
        animated: Boolean. Whether the image is folded away and left out of print.
        path: Path of the image file.
        megabytes: String. Size of the file in MB.
    """

    caption: str
    source: str | None
    alt: str | None = None
    animated: bool = False
    path: pathlib.Path | None = None
    megabytes: str = ""


def report(account, out):
    """Writes the report of a run as one HTML file.

    Args:
        account: The `Account` of the run.
        out: Path of the file.

    Raises:
        ZooError: The file cannot be written.
    """
    page = _templates.get_template("page.html.j2").render(
        recipe=account.recipe,
        run=_run(account),
        losses=_losses(account),
        command=spelling.command_of(account.recipe),
        stages=_stages(account),
        shown=_shown(account),
        results=_results(account),
        changes=_changes(account),
        settings=_settings(account),
    )
    out = pathlib.Path(out)
    with explained(out=...), paths.whole(out) as file:
        file.write_text(page, encoding="utf-8")


def _run(account):
    steps, history = account.recipe.steps, account.history or {}
    if account.card:
        training, data, end = account.card.training, account.card.data, ""
    else:
        training = {"seconds": history.get("seconds", [0])[-1]}
        data, end = {"name": account.recipe.dataset}, ": not finished, there is no model yet"
    done = history.get("step", [steps if account.card else 0])[-1]
    return {
        "Steps": f"{done:.0f} of {steps}{end}",
        "Time": f"{training['seconds'] / 60:.1f} minutes",
        "Data": ", ".join(f"{k} {v}" for k, v in data.items()),
        **{k.capitalize(): v for k, v in training.items() if k != "seconds"},
    }


def _losses(account):
    losses = {k: v for k, v in (account.history or {}).items() if k != "seconds"}
    if not losses:
        return None
    file = io.BytesIO()
    to_pillow(plots.curves(losses)).save(file, "png")
    last = ", ".join(f"{k} {v[-1]:.3g}" for k, v in losses.items() if k != "step")
    return Figure("Losses", _embedded(file.getvalue(), "png"), f"Curves of the losses, at last {last}")


def _stages(account):
    return [
        _file(path, f"Step {int(path.stem.removeprefix('step_'))}: the same requests each time")
        for path in thinned(account.stages, grids)
    ]


_captions = {
    "picture": "The image of its card",
    "curves": "Losses over training",
    "samples": "Samples over time",
    "scatter": "Points of the generator",
    "grid": "Samples; one row per class if there are classes",
    "walk": "A closed walk through the noise",
}


def _shown(account):
    captions = dict(_captions)
    for name in account.card.interface.get("priors", ()) if account.card else ():
        caption = f"{name}, one of its numbers from low to high, the other inputs fixed in each row"
        captions.update({p.stem: caption for p in account.shown if p.stem.startswith(f"{name}_")})
    return [_file(path, captions.get(path.stem, path.stem)) for path in account.shown]


def _results(account):
    """Returns the rows of the table of results, or `None` before the export."""
    if account.card is None:
        return None
    rows = []
    for result in account.card.results:
        spread = "" if result["spread"] is None else f" ± {result['spread']:.3g}"
        columns = ("metric", "value", "spread", "unit", "protocol")
        rows.append(
            {
                "metric": result["metric"],
                "value": f"{result['value']:.5g}{spread} {result.get('unit', '')}",
                "protocol": result["protocol"],
                "details": {k.replace("_", " "): v for k, v in result.items() if k not in columns},
            }
        )
    return rows


def _changes(account):
    """Returns the differences from the zoo's recipe, or `None` if the zoo has no such recipe."""
    changes = spelling.differences(account.recipe)
    if changes is None:
        return None
    return {name: f"{value!r}, not {default!r}" for name, (value, default) in changes.items()}


def _settings(account):
    settings = spelling.flat(dataclasses.asdict(account.recipe))
    return {k: repr(v) for k, v in settings.items() if k not in ("name", "summary")}


def _file(path, caption):
    data = path.read_bytes()
    if len(data) > largest:
        return Figure(caption, None, path=path, megabytes=f"{len(data) / 1e6:.1f}")
    return Figure(caption, _embedded(data, path.suffix[1:]), animated=path.suffix == ".gif")


def _embedded(data, kind):
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"

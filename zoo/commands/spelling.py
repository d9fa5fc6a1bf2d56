"""Command lines of the zoo, for messages, cards and reports."""

import dataclasses
import functools
import operator
import shlex

from zoo import recipe as recipes

_unset = ("name", "summary", "default", "metrics", "export", "published", *recipes.speed)


def differences(made):
    """Returns the settings of a run that differ from the recipe of its name.

    Args:
        made: The `Recipe` of the run.

    Returns:
        Dict, `{"network.width": (value of the run, value of the recipe), …}`. `None` without such a recipe.
    """
    if made.name not in recipes.list_recipes():
        return None
    now, named = (flat(dataclasses.asdict(r)) for r in (made, recipes.find(made.name)))
    keys = [k for k in {**named, **now} if k.split(".")[0] not in _unset and named.get(k) != now.get(k)]
    return {k: (now.get(k), named.get(k)) for k in keys}


def command_of(made):
    """Returns the command that trains a resolved recipe again."""
    changes, fields = differences(made), dataclasses.asdict(made)
    there = flat(fields)
    # A setting that only the zoo's recipe has is replaced together with the dict that contains it.
    places = dict.fromkeys(k if k in there else k.rpartition(".")[0] or k for k in changes or {})
    places = [p for p in places if not any(p.startswith(f"{other}.") for other in places)]
    values = {place: functools.reduce(operator.getitem, place.split("."), fields) for place in places}
    model = made.name if changes is not None else f"{made.name}.py"
    return command("train", {"model": model}, values)


def command(verb, flags, settings=()):
    """Returns a command line of the zoo, for messages and reports.

    Args:
        verb: String. "train", "benchmark", ….
        flags: Dict, `{flag: value}`.
        settings: Dict, `{setting of a recipe: value}`.

    Example:

    >>> command("train", {"model": "gan"}, {"steps": 10})
    'python -m zoo.train --model=gan --set=steps=10'
    """
    given = [f"--{name}={value}" for name, value in flags.items()]
    given += [f"--set={name}={value}" for name, value in dict(settings).items()]
    return shlex.join(["python", "-m", f"zoo.{verb}", *given])


def flat(fields, prefix=""):
    """Returns nested settings by their dotted names, with tuples for lists."""
    settings = {}
    for name, value in fields.items():
        if isinstance(value, dict) and value:
            settings.update(flat(value, f"{prefix}{name}."))
        else:
            settings[prefix + name] = tuple(value) if isinstance(value, list) else value
    return settings

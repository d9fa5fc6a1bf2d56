"""Recipes: which model on which data, for how long.

A recipe is one file in recipes/, `<model>_<dataset>.py`, that holds a `recipe`. Its docstring
gives the paper, the command, the time and the result to expect; its first line is what
`python -m zoo.train --list` shows.
"""

import ast
import dataclasses
import functools
import importlib.util
import itertools
import json
import math
import operator
import pathlib
import shlex
import sys
import traceback
import typing

from zoo import paths
from zoo.errors import ZooError, unknown


def adam(learning_rate, beta_1=0.9, beta_2=0.999):
    """The description of an Adam. See zoo/game/optimizers.py."""
    return {"name": "adam", "learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2}


def linear_decay(start, constant=0.5):
    """The description of a learning rate. See `zoo.game.optimizers.LinearDecay`."""
    return locals()


def annealed_sgd(learning_rate, decay, minimum, momentum, final_momentum, ramp, clip_columns=0.0):
    """The description of the GAN authors' SGD. See `zoo.game.optimizers.SGD`."""
    return {"name": "sgd", **locals()}


FORMAT = 1  # of recipe.json: grows when fields change their meaning


@dataclasses.dataclass(frozen=True)
class Recipe:
    """All that decides a training run.

    Attributes:
        model: a name in the registry.
        dataset: what `zoo.datasets.load` takes.
        batch_size: examples a batch, over all replicas.
        steps: updates of the generator.
        optimizers: {side: description of its optimizer}.
        network: options of the model's build function.
        parts: Dict, `{name: options}`, of the extensions of the paper's algorithm. See `zoo/parts`.
        examples: Tuple of captions that sample grids show, for models that take captions.
        weights: Dict, `{network: trained model}`, of networks that start with the weights of a trained
            model (its name or its run folder). "vgg19" names the file of VGG19's weights.
        stages: when the scheme goes on to its next stage, where it has several: steps, or decimals
            below 1, shares of all steps; 0 leaves the stage before out.
        split: of the dataset.
        image_size: side of the pictures (of photographs: of the crops); None: as they are stored.
        channels: 1 or 3; None: as they are stored.
        augment: what is done to training pictures; see zoo/datasets/augmentation.py.
        alike: of described pictures, factors that the pictures of a group in a batch share; see
            `zoo.datasets.descriptions.Alike`.
        direction: of pairs that lie side by side: "ab" makes the right from the left, "ba" the left.
        period: steps between sample grids, records of the losses and checkpoints.
        average: decay of the averaged weights of the generator (a classifier's: of its own), for samples
            and export; 0: none.
        seed: decides initial weights, data order and all draws.
        precision: "float32", "mixed_bfloat16", "mixed_float16", or "auto" for the fastest here.
        steps_per_execution: how many steps one call of the graph makes, at most, on one replica; see
            `at_once`. More than 1 helps small networks; noted are then the losses of each call's last step.
        side_by_side: on a CPU, how many operations compute beside each other, each on its share of the
            cores. Two suit schemes of two games whose networks are too small to keep all cores busy.
        metrics: names of the protocols that `python -m zoo.evaluate` runs.
        export: names of the signatures to export; none: all that the model has.
        half_weights: whether the exported weights are stored as float16, in half the space;
            computations stay float32.
        default: whether its model trains this recipe when called by its own name.
        published: what the paper reports, as text, {metric of a card: value}.
        name, summary: from the file; never set by hand.
    """

    model: str
    dataset: str
    batch_size: int
    steps: int
    optimizers: dict
    network: dict = dataclasses.field(default_factory=dict)
    parts: dict = dataclasses.field(default_factory=dict)
    examples: tuple = ()
    weights: dict = dataclasses.field(default_factory=dict)
    stages: tuple = ()
    split: str = "train"
    image_size: int | None = None
    channels: int | None = None
    augment: tuple = ()
    alike: tuple = ()
    direction: str = "ab"
    period: int = 500
    average: float = 0.0
    seed: int = 0
    precision: str = "auto"
    steps_per_execution: int = 1
    side_by_side: int = 1
    metrics: tuple = ()
    export: tuple = ()
    half_weights: bool = False
    default: bool = False
    published: dict = dataclasses.field(default_factory=dict)
    name: str = ""
    summary: str = ""

    @property
    def at_once(self):
        """How many steps one call of the graph makes: so many that between calls all else can happen."""
        return math.gcd(self.steps_per_execution, self.period, self.steps, *self.starts)

    @property
    def starts(self):
        """The steps at which the second stage, the third, … begin."""
        return tuple(int(s * self.steps) if isinstance(s, float) else s for s in self.stages)

    @classmethod
    def restore(cls, fields):
        """A recipe from a card; fields that came later have their defaults."""
        tuples = {k: tuple(v) for k, v in fields.items() if isinstance(v, list)}
        return cls(**{**fields, **tuples})

    @classmethod
    def read(cls, file):
        """Reads the recipe of a run.

        Args:
            file: Path. The `recipe.json` of a run folder.

        Raises:
            ZooError: The file cannot be read, or another version of zoo wrote it.
        """
        try:
            fields = json.loads(pathlib.Path(file).read_text())
            found = fields.pop("format", 0)
            if found != FORMAT:
                raise ZooError(f"{file} was made by another version of zoo. Train in another folder.")
            return cls.restore(fields)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ZooError(f"{file} cannot be read ({error}).", out=...) from error

    def write(self, file):
        """Writes the recipe of a run as JSON, in one piece."""
        with paths.whole(file) as partial:
            partial.write_text(json.dumps({"format": FORMAT, **self.plain()}, indent=2) + "\n")

    def plain(self):
        """The fields as JSON holds them: tuples are lists."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    def changed(self, assignments):
        """A copy with fields set from text.

        Args:
            assignments: ["field=value", …]; a dot reaches into a field: "network.width=32".
                Values are Python literals; what is none is taken as text. "parts.r1=None" removes a part.

        Raises:
            ZooError: no such field, or a value of the wrong type.
        """
        fields = dataclasses.asdict(self)
        for assignment in assignments:
            path, equals, text = assignment.partition("=")
            if not equals:
                raise ZooError(f"{assignment!r} does not have the form field=value.")
            try:
                value = ast.literal_eval(text)
            except (ValueError, SyntaxError):
                value = text
            _assign(fields, path.strip(), value)
        recipe = Recipe(**fields)
        recipe.check()
        return recipe

    def check(self):
        """Checks the types and the ranges of all fields.

        Raises:
            ZooError: A field has another type or is out of range.
        """
        self._check_types()
        self._check_ranges()
        self._check_stages()

    def _check_types(self):
        for field, wanted in _types.items():
            _typed(field, getattr(self, field), wanted)
        for side, described in self.optimizers.items():
            _typed(f"optimizers.{side}", described, dict)
        for name, options in self.parts.items():
            _typed(f"parts.{name}", options, dict)
        named = (
            self.network,
            self.parts,
            self.weights,
            self.examples,
            self.optimizers,
            *self.optimizers.values(),
            self.metrics,
            self.augment,
            self.alike,
            self.export,
        )
        for name in itertools.chain(*named):
            _typed("a name in network, parts, optimizers, metrics, augment, alike or export", name, str)

    def _check_ranges(self):
        for field in ("batch_size", "steps", "period", "steps_per_execution", "side_by_side", "image_size"):
            if getattr(self, field) is not None and getattr(self, field) < 1:
                raise ZooError(f"{field} must be at least 1, not {getattr(self, field)}.")
        if not 0 <= self.seed < 2**31:
            raise ZooError(f"seed lies in 0..{2**31 - 1}, not {self.seed}.")
        if self.channels not in (None, 1, 3):
            raise ZooError(f"channels are 1, 3 or None (as they are stored), not {self.channels}.")
        if not 0 <= self.average < 1:
            raise ZooError(f"average is a decay in [0, 1), not {self.average}.")
        precisions = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
        if self.precision not in precisions:
            raise unknown("precision", self.precision, precisions)

    def _check_stages(self):
        for start in self.stages:
            _typed("stages", start, (int, float))
        falling = list(self.starts) != sorted(self.starts)
        shares = [s for s in self.stages if isinstance(s, float)]
        if falling or any(not 0 < s < 1 for s in shares) or any(s < 0 for s in self.starts):
            raise ZooError(
                "stages are rising steps from 0 on, or shares of the steps between 0 and 1, not "
                f"{self.stages}."
            )


def _settable():
    """Returns `{field: type or tuple of types}` of the fields that a user may set."""
    hints = typing.get_type_hints(Recipe)
    fixed = ("default", "name", "summary")
    return {name: typing.get_args(hint) or hint for name, hint in hints.items() if name not in fixed}


_types = _settable()


def _assign(fields, path, value):
    """Sets `path` in nested dictionaries, where it is and as the type it has."""
    *outer, last = path.split(".")
    known = _types
    if outer[:1] == ["parts"] and len(outer) == 2:
        fields["parts"].setdefault(outer[1], {})  # an option of a part adds the part
    for key in outer:
        fields = fields.get(key)
        if not isinstance(fields, dict):
            raise unknown("field of a recipe named", path, _types)
        known = fields
    if outer in (["parts"], ["weights"]) and value is None:
        fields.pop(last, None)
        return
    checked_later = outer[:1] in (["network"], ["parts"], ["weights"], ["optimizers"])
    if last not in known and not checked_later:
        raise unknown("field of a recipe named", path, known)
    wanted = _types[last] if not outer else type(fields.get(last, value))
    if outer[:1] == ["optimizers"] and last == "learning_rate":
        wanted = (float, dict)  # a constant one, or its course
    fields[last] = _typed(path, value, wanted)


def _typed(path, value, wanted):
    """A value as a field takes it: whole numbers where decimals are wanted, one or a list for a tuple.

    Raises:
        ZooError: it is of another type.
    """
    kinds = wanted if isinstance(wanted, tuple) else (wanted,)
    if float in kinds and int not in kinds and type(value) is int:
        value = float(value)
    if wanted is tuple and isinstance(value, (list, str)):
        value = tuple(value) if isinstance(value, list) else (value,)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        names = " or ".join("None" if k is type(None) else k.__name__ for k in kinds)
        raise ZooError(f"{path} takes {names}, not {value!r}.")
    return value


def _load(file):
    """The recipe of one file, which may register its own model and import its neighbours."""
    spec = importlib.util.spec_from_file_location(f"zoo_recipe_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a user's file can do wrong
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)]
        line = getattr(error, "lineno", None) or (lines or [1])[-1]
        raise ZooError(f"{file}, line {line}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.pop(0)
    if not isinstance(getattr(module, "recipe", None), Recipe):
        raise ZooError(f"{file} holds no `recipe = Recipe(…)`.")
    summary = (module.__doc__ or "").strip().splitlines()
    recipe = dataclasses.replace(module.recipe, name=file.stem, summary=summary[0] if summary else "")
    recipe.check()
    return recipe


def _all():
    files = sorted(p for p in paths.recipes.glob("*.py") if p.name != "__init__.py")
    return {recipe.name: recipe for recipe in map(_load, files)}


def list_recipes():
    """The names of all recipes, sorted."""
    return sorted(_all())


def find(name):
    """The recipe of that name; for a model's name, its default recipe; for a .py file, its own.

    Raises:
        ZooError: there is none.
    """
    if str(name).endswith(".py"):
        file = pathlib.Path(name)
        if not file.is_file():
            raise ZooError(f"There is no recipe file {file}.")
        return _load(file)
    recipes = _all()
    by_model = {r.model: r for r in recipes.values() if r.default}
    if name not in recipes and name not in by_model:
        raise unknown("model or recipe", name, {*recipes, *by_model})
    return recipes.get(name) or by_model[name]


def table():
    """All recipes as text, a line each; * marks the one its model's name trains."""
    rows = [(r.name + (" *" if r.default else ""), r.model, r.dataset, r.summary) for r in _all().values()]
    rows.insert(0, ("RECIPE", "MODEL", "DATASET", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths)), row[3]]) for row in rows]
    return "\n".join(line.rstrip() for line in [*lines, "* trained by the model's own name"])


# Of a recipe, what changes no weight, but for rounding.
speed = ("steps_per_execution", "side_by_side")
_unset = ("name", "summary", "default", "metrics", "export", "published", *speed)


def differences(made):
    """What a run has otherwise than the zoo's recipe of its name.

    Returns:
        {"network.width": (64, 32), …}, its own value first; None where there is no such recipe.
    """
    if made.name not in list_recipes():
        return None
    now, named = (flat(dataclasses.asdict(r)) for r in (made, find(made.name)))
    keys = [k for k in {**named, **now} if k.split(".")[0] not in _unset and named.get(k) != now.get(k)]
    return {k: (now.get(k), named.get(k)) for k in keys}


def command_of(made):
    """The command that trains a resolved recipe anew."""
    changes, fields = differences(made), dataclasses.asdict(made)
    there = flat(fields)
    # What the zoo's recipe has and this has not goes with all that is beside it.
    places = dict.fromkeys(k if k in there else k.rpartition(".")[0] or k for k in changes or {})
    places = [p for p in places if not any(p.startswith(f"{other}.") for other in places)]
    values = {place: functools.reduce(operator.getitem, place.split("."), fields) for place in places}
    model = made.name if changes is not None else f"{made.name}.py"  # a file that whoever trained it has
    return shlex.join(
        ["python", "-m", "zoo.train", f"--model={model}", *(f"--set={k}={v}" for k, v in values.items())]
    )


def flat(fields, prefix=""):
    """Nested settings by their dotted names; lists and tuples alike."""
    settings = {}
    for name, value in fields.items():
        if isinstance(value, dict) and value:
            settings.update(flat(value, f"{prefix}{name}."))
        else:
            settings[prefix + name] = tuple(value) if isinstance(value, list) else value
    return settings

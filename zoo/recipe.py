"""Recipes: a model, its data and its training.

A recipe is one file in recipes/, `<model>_<dataset>.py`, that defines `recipe`. The first line of its
docstring is its summary in `python -m zoo.train --list`.
"""

import ast
import dataclasses
import importlib.util
import itertools
import json
import math
import pathlib
import sys
import traceback
import typing

from zoo import paths
from zoo.errors import ZooError, unknown


def adam(learning_rate, beta_1=0.9, beta_2=0.999):
    """Returns the description of an Adam optimizer. See `zoo/game/optimizers.py`."""
    return {"name": "adam", "learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2}


def linear_decay(start, constant=0.5, every=1):
    """Returns the description of a learning rate. See `zoo.game.optimizers.LinearDecay`."""
    return {"start": start, "constant": constant, **({"every": every} if every > 1 else {})}


def step_decay(start, factor, every):
    """Returns the description of a learning rate. See `zoo.game.optimizers.StepDecay`."""
    return locals()


def rmsprop(learning_rate, rho=0.9):
    """Returns the description of an RMSProp optimizer. See `keras.optimizers.RMSprop`."""
    return {"name": "rmsprop", **locals()}


def annealed_sgd(learning_rate, decay, minimum, momentum, final_momentum, ramp, clip_columns=0.0):
    """Returns the description of the GAN authors' SGD. See `zoo.game.optimizers.SGD`."""
    return {"name": "sgd", **locals()}


FORMAT = 1  # of recipe.json: grows when fields change their meaning


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The settings of a training run.

    Attributes:
        model: String. Name of a model.
        dataset: String. See `zoo.datasets.load`.
        batch_size: Integer. Examples per batch, over all replicas.
        steps: Integer. Number of updates of the generator.
        optimizers: Dict, `{side: description of its optimizer}`.
        network: Dict. Options of the model's build function.
        parts: Dict, `{name: options}`, of the extensions of the paper's algorithm. See `zoo/parts`.
        examples: Tuple of captions that sample grids show, for models that take captions.
        weights: Dict, `{network: trained model}`, of networks that start with the weights of a trained
            model (its name or its run folder). "vgg19" names the file of VGG19's weights.
        stages: Tuple. First step of the second stage, the third, … Decimals below 1 are shares of all
            steps. 0 skips the stage before.
        split: String. Split of the dataset. Defaults to "train".
        image_size: Integer. Side of the images, or of the crops of photographs. Defaults to the stored
            size.
        channels: Integer. 1 or 3. Defaults to the stored channels.
        augment: Tuple of strings. See `zoo/datasets/augmentation.py`.
        batch_groups: Tuple of strings. Factors that groups of described images share. See
            `zoo.datasets.descriptions.GroupedData`.
        distinct: String. Factor in which the described images of a batch differ. See
            `zoo.datasets.load_descriptions`. Defaults to "", none.
        layout: String. "classes" or "splits" says what the subfolders of a folder are. Defaults to "", by
            their names.
        holdout: Float. Share of the images of a folder that is its split "test", chosen by the hashes of
            the files. Defaults to 0.
        skip_broken: Boolean. Whether broken files of a folder are left out. Defaults to `False`.
        direction: String. For pairs, "ab" generates the right half from the left, "ba" the left from the
            right.
        period: Integer. Steps between sample grids, history rows and checkpoints. Defaults to 500.
        average: Float. Decay of the EMA of the generator's (or classifier's) weights, which samples and
            exports use. 0 disables it. Defaults to 0.
        early_stopping: String. Split of validation images. If it is set, the run exports the weights of the
            period with the best Parzen estimate on them. See `zoo.train.selection`.
        seed: Integer. Seed of initial weights, data order and random draws. Defaults to 0.
        precision: String. "float32", "mixed_bfloat16", "mixed_float16", or "auto" for the fastest here.
        steps_per_execution: Integer. Maximum number of steps per call of the graph on one replica. More
            speeds up small networks. The history has the losses of each call's last step. Defaults to 1.
        side_by_side: Integer. Number of operations that run in parallel on a CPU. See
            `zoo.train.machine.share_cores`. Defaults to 1.
        metrics: Tuple of strings. Protocols that `python -m zoo.evaluate` runs.
        export: Tuple of strings. Signatures to export. Defaults to all.
        half_weights: Boolean. Whether exported weights are stored as float16. Computations stay in float32.
        default: Boolean. Whether the name of the model selects this recipe.
        published: Dict, `{metric of a card: result of the paper as text}`.
        name, summary: Strings from the file.
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
    batch_groups: tuple = ()
    distinct: str = ""
    layout: str = ""
    holdout: float = 0.0
    skip_broken: bool = False
    direction: str = "ab"
    period: int = 500
    average: float = 0.0
    early_stopping: str = ""
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
        """Number of steps per call of the graph, so that calls end at periods and stages."""
        return math.gcd(self.steps_per_execution, self.period, self.steps, *self.starts)

    @property
    def starts(self):
        """First steps of the second and later stages."""
        return tuple(int(s * self.steps) if isinstance(s, float) else s for s in self.stages)

    @classmethod
    def restore(cls, fields):
        """Returns the recipe of a card. Missing fields have their defaults."""
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
            fields = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
            found = fields.pop("format", 0)
            if found != FORMAT:
                raise ZooError(f"{file} was made by another version of zoo. Train in another folder.")
            return cls.restore(fields)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ZooError(f"{file} cannot be read ({error}). Delete it to continue the run.") from error

    def write(self, file):
        """Writes the recipe of a run as JSON, in one piece."""
        with paths.whole(file) as partial:
            partial.write_text(
                json.dumps({"format": FORMAT, **self.plain()}, indent=2) + "\n", encoding="utf-8"
            )

    def plain(self):
        """Returns the fields as JSON types, with lists for tuples."""
        return json.loads(json.dumps(dataclasses.asdict(self)))

    def changed(self, assignments):
        """Returns a copy with fields set from text.

        Args:
            assignments: List of "field=value". A dot selects an entry of a field: "network.width=32".
                Values are Python literals, or otherwise text. "parts.r1=None" removes a part.

        Raises:
            ZooError: An unknown field, or a value of another type.
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
        self._check_data()
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
            self.batch_groups,
            self.export,
        )
        for name in itertools.chain(*named):
            _typed(
                "a name in network, parts, optimizers, metrics, augment, batch_groups or export", name, str
            )

    def _check_ranges(self):
        for field in ("batch_size", "steps", "period", "steps_per_execution", "side_by_side", "image_size"):
            if getattr(self, field) is not None and getattr(self, field) < 1:
                raise ZooError(f"{field} must be at least 1, not {getattr(self, field)}.")
        if not 0 <= self.seed < 2**31:
            raise ZooError(f"seed lies in 0..{2**31 - 1}, not {self.seed}.")
        if not 0 <= self.average < 1:
            raise ZooError(f"average is a decay in [0, 1), not {self.average}.")
        if self.average and self.early_stopping:
            raise ZooError(
                "early_stopping selects weights, but average exports averages. Use one.", average=0
            )
        if self.batch_groups and self.distinct:
            raise ZooError("batch_groups and distinct exclude each other. Use one.", distinct="")
        precisions = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
        if self.precision not in precisions:
            raise unknown("precision", self.precision, precisions)

    def _check_data(self):
        if self.channels not in (None, 1, 3):
            raise ZooError(f"channels are 1, 3 or None (as they are stored), not {self.channels}.")
        if not 0 <= self.holdout < 1:
            raise ZooError(f"holdout is a share in [0, 1), not {self.holdout}.")
        if self.layout not in ("", "classes", "splits"):
            raise unknown("layout", self.layout, ("classes", "splits"))

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
    """Sets `path` in nested dicts, with the type of the field."""
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
    """Returns a value in the type of a field.

    Integers become floats, and a list or a string becomes a tuple, if the field has that type.

    Raises:
        ZooError: The value has another type.
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
    """Loads the recipe of a file, which may register a model and import its neighbors."""
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
    """Returns the names of all recipes, sorted."""
    return sorted(_all())


files = {}  # path of the file of each recipe that is not the zoo's, by its name


def find(name):
    """Returns a recipe.

    Args:
        name: String. Name of a recipe, of a model (its default recipe), or path of a .py file.

    Raises:
        ZooError: The recipe does not exist.
    """
    if str(name).endswith(".py"):
        file = pathlib.Path(name)
        if not file.is_file():
            raise ZooError(f"There is no recipe file {file}.")
        files[file.stem] = file
        return _load(file)
    recipes = _all()
    by_model = {r.model: r for r in recipes.values() if r.default}
    if name not in recipes and name not in by_model:
        raise unknown("model or recipe", name, {*recipes, *by_model})
    return recipes.get(name) or by_model[name]


def table():
    """Returns all recipes as text, one line each. * marks default recipes."""
    rows = [(r.name + (" *" if r.default else ""), r.model, r.dataset, r.summary) for r in _all().values()]
    rows.insert(0, ("RECIPE", "MODEL", "DATASET", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths)), row[3]]) for row in rows]
    return "\n".join(line.rstrip() for line in [*lines, "* trained by the model's own name"])


# Fields that change weights only by rounding.
speed = ("steps_per_execution", "side_by_side")

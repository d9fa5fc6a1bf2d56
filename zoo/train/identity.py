"""The identity of a run: its recipe, its data and its code."""

import ast
import hashlib
import json
import pathlib
import sys

from zoo import __version__
from zoo import recipe as recipes
from zoo.datasets.folder.index import files_of_digest
from zoo.errors import ZooError, unknown
from zoo.recipe import Recipe, speed
from zoo.train.checkpoints import newest_facts

kinds = ("recipe", "data", "code")
# Fields of a recipe that may change when a run resumes. See `check_progress` for steps and stages.
_free = ("name", "summary", "default", "published", "metrics", "export", "half_weights", "period")
_progress = ("steps", "stages")
# Fields that alter the variables of a model or its data.
_fixed = ("model", "network", "parts", "weights", "image_size", "channels", "direction")


class Identity:
    """The recipe, the data and the code of a run.

    Args:
        recipe: A `Recipe`.
        data: The training data.
        data_dir: Path of the folder of prepared data, or None.
        accepted: Tuple of strings. Kinds of differences that are accepted, of `kinds`.

    Attributes:
        accepted: List of dicts `{"step", "kind", "change"}`. The differences that were accepted so far.
    """

    def __init__(self, recipe, data, data_dir=None, accepted=()):
        for kind in accepted:
            if kind not in kinds:
                raise unknown("kind of change", kind, kinds)
        self.recipe, self.data, self._data_dir = recipe, data, data_dir
        self._accepts, self.accepted = accepted, []
        self._code = code_digest(recipes.files.get(recipe.name))

    def facts(self):
        """Returns the facts of the identity that a checkpoint stores."""
        shape, origin = list(self.data.shape), self.data.origin
        return {
            "recipe": self.recipe.plain(),
            "data": {"digest": origin.digest, "shape": shape, "count": self.data.count},
            "names": list(self.data.names or ()),
            "code": self._code,
            "zoo": __version__,
            "accepted": self.accepted,
        }

    def check(self, out):
        """Compares the identity with that of the run in a folder.

        Args:
            out: Path of the run folder. It has a checkpoint.

        Returns:
            The `Recipe` of the run so far, or `None` if it is not known.

        Raises:
            ZooError: The run has another recipe, other data or other code, which is not accepted.
        """
        step, facts = newest_facts(out / "checkpoints")
        file = out / "recipe.json"
        before = Recipe.read(file) if file.is_file() else None
        if "recipe" in facts:  # which a state of an older version of zoo does not have
            before = Recipe.restore(facts["recipe"])
        self.accepted = list(facts.get("accepted", ()))
        same_data = bool(self.data.origin.digest) and self._digest(facts) == self.data.origin.digest
        if before is not None:
            self._compare_recipes(out, before, same_data, step)
        self._compare_data(out, facts, step)
        if facts.get("code", self._code) != self._code:
            self._refuse(out, "code", "the recipe's file, or a file that it imports, has changed", step)
        if facts.get("zoo", __version__) != __version__:
            print(f"The run was begun with zoo {facts['zoo']}. This is {__version__}.", file=sys.stderr)
        return before

    @staticmethod
    def _digest(facts):
        return facts.get("data", {}).get("digest", "")

    def _compare_recipes(self, out, before, same_data, step):
        before, now = before.plain(), self.recipe.plain()
        free = {*_free, *_progress, *speed, *(("dataset",) if same_data else ())}
        changed = [key for key in now if before.get(key) != now[key] and key not in free]
        if not changed:
            return
        change = "; ".join(f"{key}: {before.get(key)!r} there, {now[key]!r} now" for key in changed)
        if set(changed) & set(_fixed) and "recipe" in self._accepts:
            raise ZooError(
                f"{out} holds a run of another model ({change}). Its weights do not fit. Train in another "
                "folder.",
                out=...,
            )
        self._refuse(out, "recipe", change, step)

    def _compare_data(self, out, facts, step):
        there, here = facts.get("data", {}), self.facts()["data"]
        if there.get("shape", here["shape"]) != here["shape"]:
            raise ZooError(
                f"The run in {out} has examples of shape {there['shape']}, and {self.data.name} has "
                f"{here['shape']}. Train in another folder.",
                out=...,
            )
        names, own = facts.get("names", []), list(self.data.names or ())
        if names and own and names != own:
            self._refuse(
                out, "data", f"the classes were {', '.join(names)}, and are {', '.join(own)}", step
            )
        elif there and there != here:
            self._refuse(out, "data", self._difference(there["digest"], here), step)

    def _difference(self, digest, here):
        """Returns a text about added, removed and changed files."""
        before, now = (files_of_digest(d, self._data_dir) for d in (digest, here["digest"]))
        if before is None or now is None:
            return f"the files of {self.data.name} have changed"
        kinds_of_files = {
            "added": now.keys() - before.keys(),
            "removed": before.keys() - now.keys(),
            "changed": {name for name in before.keys() & now.keys() if before[name] != now[name]},
        }
        texts = [
            f"{len(names)} files {what}, such as {min(names)}"
            for what, names in kinds_of_files.items()
            if names
        ]
        return f"{self.data.name}: {'; '.join(texts)}"

    def _refuse(self, out, kind, change, step):
        """Raises the error for a difference, or records that it is accepted."""
        if kind not in self._accepts:
            raise ZooError(
                f"{out} holds a run of another {kind} ({change}). Restore it, or train in another folder.",
                out=...,
                accept_changes=kind,
            )
        print(f"Accepted at step {step}: another {kind} ({change}).", file=sys.stderr)
        self.accepted.append({"step": step, "kind": kind, "change": change})


def code_digest(file):
    """Returns a hash of the code of a user's recipe and of the files next to it that it imports.

    Docstrings, comments and positions do not count.

    Args:
        file: Path of the recipe, or `None` for the zoo's own recipes.

    Returns:
        String, or "" for the zoo's own recipes.
    """
    if file is None:
        return ""
    trees, waiting = {}, [pathlib.Path(file).resolve()]
    while waiting:
        path = waiting.pop()
        if path.name in trees or not path.is_file():
            continue
        tree = ast.parse(path.read_bytes())
        trees[path.name] = ast.dump(_without_docstrings(tree))
        waiting += [path.with_name(f"{name}.py") for name in _imported(tree)]
    return hashlib.sha256(json.dumps(sorted(trees.items())).encode()).hexdigest()


def _without_docstrings(tree):
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        value = getattr(first, "value", None) if isinstance(first, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            node.body = body[1:] or [ast.Pass()]
    return tree


def _imported(tree):
    """Yields the first parts of the names of imported modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def check_progress(before, recipe, done):
    """Rejects settings that are incompatible with the progress of a run.

    Args:
        before: The `Recipe` of the run so far, or None.
        recipe: The new `Recipe`.
        done: Integer. Number of steps so far.

    Raises:
        ZooError: The recipe has fewer steps, or moves a stage that has started.
    """
    if done > recipe.steps:
        raise ZooError(
            f"This run has made {done} steps already, more than {recipe.steps}. Train for at least as many "
            "steps, or in another folder.",
            steps=done,
            out=...,
        )
    were = before.starts if before else recipe.starts
    begun, now = ([s for s in starts if s < done] for starts in (were, recipe.starts))
    if begun != now:
        raise ZooError(
            f"A stage that has started cannot move: in its first {done} steps the run has stages at "
            f"{begun}, the recipe at {now}.",
            stages=were,
        )


def same_recipe(a, b):
    """Returns whether two recipes make the same model, with the same steps and export."""
    free = dict.fromkeys(("name", "summary", "default", "published", "metrics", "period", *speed))
    return {**a.plain(), **free} == {**b.plain(), **free}

"""Parts: extensions of a paper's algorithm that a recipe names.

    parts={"r1": {"weight": 0.03, "share": 0.25}, "projection_head": {}}

There are four kinds, and each kind enters at one place:

* `LossPart`: changes the loss of a side (`Adversarial.extended`).
* `InputPart`: changes an input of a network (`Adversarial.view`).
* `UpdatePart`: acts after an update of a side (`Adversarial.turn`).
* `NetworkPart`: fills a keyword-only argument of a build function.

A new part is a class in this package that is registered under a name.
"""

import dataclasses
import typing

from zoo.errors import ZooError, unknown

registered = {}


def part(name):
    """Registers a dataclass as a part. Its fields are the options of the part.

    Args:
        name: String. Name in recipes.
    """

    def decorate(kind):
        kind.name = name
        registered[name] = dataclasses.dataclass(frozen=True)(kind)
        return registered[name]

    return decorate


class Part:
    """The base class of all parts."""

    name: typing.ClassVar[str]

    def attach(self, model):
        """Prepares the part for a model that is built. Returns the part to use.

        Raises:
            ZooError: The part does not fit the model.
        """
        return self


class LossPart(Part):
    """Changes the loss of a side.

    Fields of every loss part:

        side: String. The side. Empty for every side that passes the values the part needs. Defaults to "".

    Attributes:
        needs: Tuple of strings. Values that the model must pass to `Adversarial.extended`.
        stage: Integer. First stage in which the part acts.
        memory: Tuple of frozen networks that a checkpoint keeps.
    """

    needs: typing.ClassVar[tuple] = ()
    side = ""
    stage = 0
    memory: typing.ClassVar[tuple] = ()

    def sides(self, model):
        """Returns the sides of a model on which the part acts."""
        able = [side for side, names in model.values.items() if set(self.needs) <= set(names)]
        return [side for side in able if self.side in ("", side)]

    def attach(self, model):
        """Checks that the model has the side and passes the values of the part."""
        if self.side and self.side not in model.sides:
            raise unknown(f"side of {type(model).__name__} named", self.side, model.sides)
        if not self.sides(model):
            raise ZooError(
                f"The part {self.name} needs {', '.join(self.needs)}, which {type(model).__name__} does "
                f"not pass{' on the side ' + self.side if self.side else ''}. Remove parts.{self.name}."
            )
        return self

    def __call__(self, model, side, loss, values):
        """Returns the new loss.

        Args:
            model: The `Adversarial`.
            side: String. The side whose loss this is.
            loss: Scalar tensor. The loss so far.
            values: Dict of the named values of the model.
        """
        raise NotImplementedError


class InputPart(Part):
    """Changes an input of a network.

    Attributes:
        input: String. The name under which a model asks for the change.
    """

    input: typing.ClassVar[str]

    def attach(self, model):
        """Checks that the model has the input."""
        if self.input not in model.views:
            raise ZooError(
                f"The part {self.name} changes an input that {type(model).__name__} does not have. "
                f"Remove parts.{self.name}."
            )
        return self

    def view(self, model):
        """Samples the random values of the change once.

        Returns:
            Function of images `[B, H, W, C]` that makes the change.
        """
        raise NotImplementedError


class UpdatePart(Part):
    """Acts after each update of a side."""

    def after(self, model, side):
        """Acts on the model after an update of `side`."""
        raise NotImplementedError


class NetworkPart(Part):
    """Fills a keyword-only argument of a build function."""

    def slots(self):
        """Returns `{argument: value}`. A build function takes those that it has, at least one."""
        raise NotImplementedError


def make_parts(described):
    """Makes parts from a recipe's description.

    Args:
        described: Dict, `{name: options}`.

    Returns:
        List of parts, in the order of the dict.

    Raises:
        ZooError: An unknown part or option, or a value of another type.
    """
    parts = []
    for name, options in described.items():
        if name not in registered:
            raise unknown("part", name, registered)
        kind = registered[name]
        fields = {field.name: field for field in dataclasses.fields(kind)}
        if not isinstance(options, dict):
            raise ZooError(f"parts.{name} takes a dict of options, not {options!r}.")
        for option, value in options.items():
            if option not in fields:
                raise unknown(f"option of part {name!r} named", option, fields or {"none"})
            wanted = fields[option].type
            if wanted is float and type(value) is int:
                value = float(value)
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                raise ZooError(f"parts.{name}.{option} takes {wanted.__name__}, not {value!r}.")
        missing = [
            option
            for option, field in fields.items()
            if field.default is dataclasses.MISSING and option not in options
        ]
        if missing:
            raise ZooError(
                f"The part {name} needs {', '.join(missing)}.", **{f"parts.{name}.{missing[0]}": ...}
            )
        parts.append(kind(**options))
    return parts

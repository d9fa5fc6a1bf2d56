"""Names of labels."""

from __future__ import annotations

import numpy as np

from zoo.errors import ZooError, unknown
from zoo.saved.trained import Trained


def label_names(trained: Trained, name: str) -> list[str] | None:
    """Returns the names of the labels of an input, or `None` if it does not take labels of the data."""
    if not name or name != trained.interface.get("data_label"):
        return None
    return trained.card.data.get("names")


def labels_by_name(trained: Trained, name: str, values: np.ndarray) -> np.ndarray:
    """Replaces the names of labels by their numbers. `"#3"` is the label with the number 3.

    Args:
        trained: A `Trained`.
        name: String. Name of an input.
        values: Array of its values.

    Raises:
        ZooError: An unknown name.

    Example:

    >>> labels_by_name(trained, "label", np.array(["dog", "#0"]))
    array([1, 0], dtype=int32)
    """
    names = label_names(trained, name)
    if values.dtype.kind != "U" or names is None:
        return values

    def number(text: str) -> int:
        if text in names:
            return names.index(text)
        if text[:1] == "#" and text[1:].isdecimal():
            return int(text[1:])
        raise unknown(name, text, names)

    return np.asarray([number(str(text)) for text in values.reshape(-1)], np.int32).reshape(values.shape)


def check_numbers(trained: Trained, given: dict[str, object]) -> None:
    """Rejects numbers of labels that may also be the names of other labels.

    Args:
        trained: A `Trained`.
        given: Dict of values from a command line, in which `1` may be a number or a name.

    Raises:
        ZooError: A number has two meanings.
    """
    for key, value in given.items():
        names = label_names(trained, key)
        if names is None:
            continue
        for number in np.ravel(np.asarray(value)):
            text = str(number)
            if isinstance(number, np.integer) and text in names and names.index(text) != number:
                other = names.index(text)
                raise ZooError(
                    f"{key}={text} is ambiguous, because the class {text} has the number {other}. "
                    f'Write {key}="{text}" with the quotes for the name, or {key}=#{text} for the number.'
                )

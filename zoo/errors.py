"""Errors that a user can repair."""

import difflib
import errno
from collections.abc import Callable, Iterable


class ZooError(Exception):
    """An error with one line that states the fact and the fix.

    The entry points print the line without a traceback and exit with status 1. They spell the settings as
    flags.

    Args:
        message: The fact, as a sentence.
        **settings: Settings that repair it, as `image_size=28` or `**{"network.k": 50}`. Any one of them is
            enough. `...` stands for a value of the user's choice.

    Example:

    >>> str(ZooError("The images are 28x28.", image_size=28))
    'The images are 28x28. Set image_size=28.'
    """

    _keras_call_info_injected = True  # Keras raises the error from a layer unchanged

    def __init__(self, message: str, **settings: object) -> None:
        super().__init__(message)
        self.message, self.settings = message, settings

    def __str__(self) -> str:
        """Returns the message, with settings as `name=value`."""
        return self.spelled(lambda name, value: f"{name}={value}")

    def spelled(self, spell: Callable[[str, object], str], verb: str = "Set") -> str:
        """Returns the line, with each setting as `spell(name, value)` writes it after `verb`."""
        if not self.settings:
            return self.message
        choices = [spell(name, "…" if value is ... else value) for name, value in self.settings.items()]
        return f"{self.message} {verb} {' or '.join(choices)}."


class MissingData(ZooError):
    """Data that is not on this machine."""


class MissingAbility(ZooError, AttributeError):
    """A method that models of this task do not have."""


def unknown(kind: str, name: str, known: Iterable[str]) -> ZooError:
    """Returns the error for an unknown name, with the nearest known names.

    Args:
        kind: String. Kind of the name ("model", "recipe", …).
        name: String. The unknown name.
        known: Iterable of the known names.

    Returns:
        A `ZooError` to raise.
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {', '.join(near)}?" if near else f"Known: {', '.join(known)}."
    return ZooError(f"There is no {kind} {name!r}. {hint}")


def is_denied(error: OSError) -> bool:
    """Returns whether an `OSError` means that a place is not writable."""
    return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)

"""Mistakes a user can mend."""

import difflib
import errno


class ZooError(Exception):
    """One line that says what is wrong and what to do about it.

    The entry points print it without a traceback and exit with status 1.
    """


class MissingData(ZooError):
    """Data that is not here, though all else may be in order."""


def unknown(kind, name, known):
    """The error for a name that is not there, with the nearest that are.

    Args:
        kind: what is named, in words ("model", "recipe", …).
        name: the name asked for.
        known: the names there are.

    Returns:
        A `ZooError` to raise.
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {', '.join(near)}?" if near else f"Known: {', '.join(known)}."
    return ZooError(f"There is no {kind} {name!r}. {hint}")


def is_denied(error):
    """Whether an `OSError` says that a place may not be written: by its rights, or read-only altogether."""
    return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)

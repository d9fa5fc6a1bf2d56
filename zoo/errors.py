"""Errors that a user can repair."""

import contextlib
import difflib
import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator


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


class BrokenImage(ZooError):
    """An image file that cannot be read."""


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


_again = "and run the same command again. What was saved is kept."
# Errors of a disk: the fact, and the fix.
_disk = {
    errno.ENOSPC: ("The disk is full{at}.", f"Free some space {_again}"),
    errno.EDQUOT: ("The disk quota is used up{at}.", f"Delete files or get a larger quota, {_again}"),
    errno.EIO: ("The disk reports an input/output error{at}.", f"Use another disk, or repair it {_again}"),
}
# Errors of a path: the fact. Another path is the fix.
_path = {
    errno.EFBIG: "{path} is larger than a file may be here (see `ulimit -f`).",
    errno.EROFS: "{path} cannot be written, because the file system is read-only.",
    errno.EACCES: "{path} cannot be read or written, because permission is denied.",
    errno.EPERM: "{path} cannot be read or written, because the operation is not permitted.",
    errno.ENAMETOOLONG: "{path} cannot be opened, because the name is too long.",
    errno.ENOTDIR: "{path} cannot be opened, because a part of the path is a file and not a folder.",
    errno.EEXIST: "{path} cannot be a folder, because a file with this name exists.",
    errno.EISDIR: "{path} cannot be opened, because it is a folder and not a file.",
    errno.ENOTEMPTY: "{path} cannot be replaced, because the folder is not empty.",
}
_codes = {os.strerror(code): code for code in (*_disk, *_path)}


def explain(error: BaseException, **place: object) -> ZooError | None:
    """Returns the `ZooError` for an error of the disk, of a path or of full memory.

    It also finds such errors in the messages of TensorFlow and TFDS, and in the causes of other errors.

    Args:
        error: The error.
        **place: Settings that select another path, such as `out=...`.

    Returns:
        The `ZooError`, or `None` for all other errors.

    Example:

    >>> print(explain(OSError(errno.EROFS, "Read-only file system", "/runs"), out="/tmp/runs"))
    /runs cannot be written, because the file system is read-only. Set out=/tmp/runs.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    raised = True  # the error itself, or what it was raised from
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        found = _explain_one(cause, raised, place)
        if found:
            return found
        raised = raised and cause.__cause__ is not None
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return None


def _explain_one(error: BaseException, raised: bool, place: dict[str, object]) -> ZooError | None:
    """Returns the `ZooError` for one error, or `None`.

    Args:
        error: The error.
        raised: Boolean. Whether the error was raised, or is the cause of the raised one. Of all other
            errors, which the program may have handled, only those of the disk count.
        place: Dict of settings that select another path.
    """
    if isinstance(error, ZooError):
        return None
    names = {kind.__name__ for kind in type(error).__mro__}
    code, path = None, None
    if isinstance(error, OSError):
        code, path = error.errno, error.filename2 or error.filename
    elif "OpError" in names:  # of TensorFlow, whose messages end with that of the system
        code = next((code for text, code in _codes.items() if text in str(error)), None)
        path = (re.findall(r"(?<![\w/])[\w.~-]*/[^\s;,'\"]+", str(error)) or [None])[0]
    if code in _disk:
        fact, fix = _disk[code]
        return ZooError(f"{fact.format(at=f' ({path})' if path else '')} {fix}")
    if raised and code in _path:
        fact = _path[code].format(path=path or "A file")
        return ZooError(fact, **place) if place else ZooError(f"{fact} Choose another path.")
    if raised and ("ResourceExhaustedError" in names or isinstance(error, MemoryError)):
        first = (str(error) or "of Python").splitlines()[0][:120]
        return ZooError(f"Out of memory ({first}). Use smaller batches.", batch_size=...)
    return None


@contextlib.contextmanager
def explained(**place: object) -> Iterator[None]:
    """Replaces errors of the disk, of a path and of full memory. See `explain`."""
    try:
        yield
    except Exception as error:
        found = explain(error, **place)
        if found is None:
            raise
        raise found from error

"""Standard streams of a command."""

import io
import os
import sys


class SteadyStream:
    """A text stream that discards its text once its reader is gone.

    The reader may be a closed pipe, a closed terminal or a file on a full disk.

    Args:
        stream: Text stream.
    """

    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        """Returns an attribute of the stream."""
        return getattr(self._stream, name)

    def write(self, text):
        """Writes text, or discards it. Returns its length."""
        try:
            self._stream.write(text)
        except (OSError, ValueError):  # ValueError: the stream is closed
            self._discard()
        return len(text)

    def flush(self):
        """Flushes the stream, or discards its text."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._discard()

    def _discard(self):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, self._stream.fileno())
        except (OSError, ValueError):
            self._stream = io.StringIO()
        finally:
            os.close(nowhere)


def steady_streams():
    """Keeps a command running when its output is closed, at its start or later.

    Characters that a stream cannot encode are replaced.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is that of the stream
        mode = "r" if name == "stdin" else "w"
        stream = getattr(sys, name) or os.fdopen(number, mode, encoding="utf-8", closefd=False)
        if name == "stdin":
            sys.stdin = stream
        if name == "stdin" or isinstance(stream, SteadyStream):
            continue
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
        setattr(sys, name, SteadyStream(stream))

"""Signals that end a command: Ctrl-C, SIGTERM, SIGHUP and SIGUSR1."""

import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time

from zoo import paths

# SIGUSR1 is the usual choice for Slurm's `--signal`, which announces the end of a job's time.
ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


class Stopped(SystemExit):
    """The end of a command by a signal. The exit status is 128 plus the number of the signal.

    Args:
        number: Integer. Number of the signal.
        message: String. One line for the user.
    """

    def __init__(self, number, message):
        super().__init__(128 + number)
        self.number, self.message = number, message

    def __reduce__(self):
        """Returns how to copy the exception from another process."""
        return Stopped, (self.number, self.message)

    def __str__(self):
        """Returns the message."""
        return self.message


class Signals:
    """Raises `Stopped` for a signal inside a `with` block.

    `Stopped` is raised at once, or at the end of `held`. If the `with` block does not end in time, for
    example because of a long call of TensorFlow, a thread ends the process. It does so at once after a
    second Ctrl-C. Signals that are ignored, for example by `nohup`, stay ignored. Outside the main thread,
    this class has no effect.

    Args:
        seconds: Float. Time from a signal to the end of the block, after which the thread ends the process.
            Defaults to 2.
        seconds_to_save: Float. The same time after `extend` has been called. Defaults to `seconds`.
        state: Function without arguments. Returns a sentence about the state of the work for the message.
        before: Function without arguments that replaces handlers itself. It is called before the handlers
            are set. Signals wait until then.

    Attributes:
        number: Integer. The first signal, or `None`.
        made: Result of `before`.

    Example:

    >>> with Signals(seconds=20, seconds_to_save=28) as signals, signals.held():
    ...     while not signals.number:
    ...         call()  # after 20 s of a call that does not end, the process ends
    ...     signals.extend()
    ...     save()  # ends 28 s after the signal at the latest; then `Stopped` is raised
    """

    active = []

    def __init__(self, seconds=2, seconds_to_save=None, state=str, before=lambda: None):
        self.seconds, self.state, self._before = seconds, state, before
        self.seconds_to_save = seconds if seconds_to_save is None else seconds_to_save
        self.number = None
        self._held = self._extended = False
        self._previous = {}

    def __enter__(self):
        """Installs the handlers."""
        if threading.current_thread() is not threading.main_thread():
            self.made = self._before()
            return self
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        try:
            self.made = self._before()
            self._install()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        return self

    def _install(self):
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        for number in ends:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._receive)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        self.active.append(self)

    def __exit__(self, *error):
        """Restores the previous handlers."""
        if self in self.active:
            self.forget()
            self._writer.send(b"\0")
            self._thread.join()
            self._writer.close()
            self._reader.close()

    def forget(self):
        """Restores the previous handlers, without an end of the thread."""
        self.active.remove(self)
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._previous.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    @contextlib.contextmanager
    def held(self):
        """Lets signals wait for the end of a `with` block."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self.number:
            raise self.stopped()

    def extend(self):
        """Gives the process more time for saving, after a signal."""
        self._extended = self.number is not None

    def stopped(self):
        """Returns the `Stopped` to raise."""
        return Stopped(self.number or signal.SIGTERM, self._message())

    def _message(self, reason=""):
        by = signal.Signals(self.number).name if self.number else "a signal to another worker"
        return f"Stopped by {by}{reason}. {self.state()}".strip()

    def _receive(self, number, frame):
        if self.number is None:
            self.number = number
            if not self._held:
                raise self.stopped()

    def _watch(self):
        """Runs in the thread. Python passes each signal on to its socket, also during a long call."""
        first, began = None, 0.0
        while True:
            limit = self.seconds_to_save if self._extended else self.seconds
            if first and time.monotonic() - began > limit:
                self._end(first, " before the running call ended")
            if not select.select([self._reader], [], [], 0.1 if first else None)[0]:
                continue
            for number in self._reader.recv(64):
                if number == 0:  # of `__exit__`
                    return
                if number not in self._previous:
                    continue
                if first and number == signal.SIGINT:
                    self._end(number, " at once")
                if not first:
                    first, began = number, time.monotonic()

    def _end(self, number, reason):
        """Ends the process without the main thread."""
        self.number = number
        with contextlib.suppress(Exception):
            paths.remove_unfinished()
        flush = threading.Thread(target=sys.stdout.flush, daemon=True)  # the main thread may hold its lock
        flush.start()
        flush.join(1)
        with contextlib.suppress(OSError):
            os.write(2, f"\n{self._message(reason)}\n".encode())
        os._exit(128 + number)


def _forget_in_child():
    for signals in reversed(Signals.active):
        signals.forget()


os.register_at_fork(after_in_child=_forget_in_child)

"""Commands in new processes that start with TensorFlow and zoo already imported.

A command then starts within a fraction of a second. See `run_command`.
"""

import multiprocessing
import os
import pathlib
import random
import runpy
import subprocess
import sys
import tempfile
import types

server = multiprocessing.get_context("forkserver")
server.set_forkserver_preload(
    ["zoo.train.run", "zoo.models.rebuild", "zoo.images.sheets", "tensorflow_datasets", "sklearn.cluster"]
)


class Command:
    """A running command `python -m MODULE …` or `python -c CODE …`.

    Args:
        arguments: List of strings, `["-m", module, …]` or `["-c", code]`.
        cwd: Path of the working directory. Defaults to this process's.
        env: Dict of further environment variables. `None` removes a variable.
    """

    def __init__(self, arguments, cwd=None, env=None):
        self._folder = tempfile.TemporaryDirectory()
        self._files = [pathlib.Path(self._folder.name, name) for name in ("stdout", "stderr")]
        self.arguments = [str(a) for a in arguments]
        env = {**os.environ, **(env or {})}
        self._task = server.Process(
            target=_work, args=(self.arguments, cwd or os.getcwd(), env, self._files)
        )
        self._task.start()

    @property
    def running(self):
        """Whether the command has not ended."""
        return self._task.exitcode is None

    def kill(self):
        """Kills the command."""
        self._task.kill()

    def send_signal(self, number):
        """Sends a signal to the command."""
        os.kill(self._task.pid, number)

    def wait(self, timeout=None):
        """Waits for the end.

        Returns:
            A `subprocess.CompletedProcess` with text output.

        Raises:
            TimeoutError: The command still runs after `timeout` seconds.
        """
        self._task.join(timeout)
        if self.running:
            raise TimeoutError(f"{self.arguments} still runs after {timeout} s.")
        texts = [file.read_text(encoding="utf-8") if file.exists() else "" for file in self._files]
        return subprocess.CompletedProcess(self.arguments, self._task.exitcode, *texts)


def run_command(arguments, cwd=None, env=None):
    """Runs a command and waits for its end. See `Command`."""
    return Command(arguments, cwd, env).wait()


def _work(arguments, cwd, env, files):
    """Runs in the new process."""
    for stream, file in zip((1, 2), files):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), stream)
    for name, value in env.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    os.chdir(cwd or os.curdir)
    kind, what, *rest = arguments
    if kind == "-m":
        sys.argv = [what, *rest]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        sys.argv = ["-c", *rest]
        exec(compile(what, "<string>", "exec"), main.__dict__)


def seeded(function, *args, **kwargs):
    """Calls a function after seeding `random`, from which TFDS draws the names of unfinished folders."""
    random.seed(0)
    function(*args, **kwargs)

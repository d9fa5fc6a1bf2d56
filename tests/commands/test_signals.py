"""Signals that end a command."""

import contextlib
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time

import pytest

import zoo
from zoo.commands.signals import Signals, Stopped, ends

root = pathlib.Path(zoo.__file__).parent.parent
# A command writes a file, waits for signals in Python or in a long call, and shows how it ended.
script = """
import hashlib, pathlib, sys, time
from zoo import paths
from zoo.commands.signals import Signals, Stopped

def long_call():
    hashlib.pbkdf2_hmac("sha256", b"", b"", 40_000_000)  # about 10 s, during which Python handles no signal

try:
    with Signals(float(sys.argv[2]), state=lambda: "A sentence.") as signals:
        with paths.whole(sys.argv[3]) as file:
            file.write_text("half")
            if sys.argv[1] == "held":
                with signals.held():
                    print("begun", flush=True)
                    while not signals.number:
                        time.sleep(0.01)
                    print("held", flush=True)
            elif sys.argv[1] == "call":
                print("begun", flush=True)
                long_call()
            else:
                print("begun", flush=True)
                time.sleep(60)
except Stopped as stopped:
    print(stopped)
    raise
"""


@contextlib.contextmanager
def start(tmp_path, mode="python", seconds=60.0, **options):
    command = [sys.executable, "-c", script, mode, str(seconds), str(tmp_path / "file")]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    ) as process:
        try:
            assert process.stdout.readline() == "begun\n"
            time.sleep(0.3)  # until the call has begun
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", ends)
@pytest.mark.parametrize("mode", ["python", "held"])
def test_a_signal_ends_a_command_with_its_status_and_removes_partial_files(mode, number, tmp_path):
    with start(tmp_path, mode) as process:
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    held = "held\n" if mode == "held" else ""
    assert out == f"{held}Stopped by {number.name}. A sentence.\n"
    assert list(tmp_path.iterdir()) == []


def test_the_statuses_are_those_of_shells():
    statuses = {name: Stopped(getattr(signal, name), "").code for name in ("SIGINT", "SIGTERM", "SIGHUP")}
    assert statuses == {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
    assert Stopped(signal.SIGUSR1, "").code == 138 or sys.platform != "linux"


def test_the_end_by_a_signal_passes_between_processes():
    found = pickle.loads(pickle.dumps(Stopped(signal.SIGTERM, "Stopped by SIGTERM.")))
    assert (found.code, str(found)) == (143, "Stopped by SIGTERM.")


def test_a_long_call_is_ended_after_the_time_limit(tmp_path):
    with start(tmp_path, "call", seconds=0.5) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 143 and 0.4 < time.monotonic() - began < 5
    assert err == "\nStopped by SIGTERM before the running call ended. A sentence.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_second_interrupt_ends_a_long_call_at_once(tmp_path):
    with start(tmp_path, "call") as process:
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130 and time.monotonic() - began < 3
    assert "Stopped by SIGINT at once." in err and list(tmp_path.iterdir()) == []


def test_ignored_signals_stay_ignored(tmp_path):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with start(tmp_path, preexec_fn=ignore) as process:
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 143


def handlers():
    return [signal.getsignal(number) for number in ends]


def test_handlers_are_restored():
    before, wakeup = handlers(), signal.set_wakeup_fd(-1)
    with Signals() as outer, Signals() as inner:
        assert handlers() != before and Signals.active[-2:] == [outer, inner]
    assert handlers() == before and signal.set_wakeup_fd(wakeup) == -1


def test_other_threads_have_no_handlers():
    before, found = handlers(), []

    def enter():
        with Signals():
            found.extend(handlers())

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found == before


def test_a_signal_to_a_child_does_not_reach_its_parent():
    with Signals(seconds=0.2) as signals:
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        time.sleep(0.5)
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
        time.sleep(0.5)
        assert os.WIFSIGNALED(status) and signals.number is None

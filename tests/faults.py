"""A sweep of faults: python tests/faults.py [--count=30] [--seed=0] [--only=killed,…]

Each fault strikes a training of seconds in a process of its own, at a random moment or place:

killed        kill -9, again and again until a run ends; half of the times while it exports
signaled      SIGTERM, SIGHUP, SIGUSR1 or Ctrl-C; a third of the times in a preview, a third in the export
together      two trainings begin in one folder at once
power         the power is cut: the disk is as its last syncs left it (a loop-mounted ext4; needs root)
full          the disk (a small tmpfs; needs root) is full; then it is made larger
disk          writing fails (EDQUOT, EIO, …, by a library of tests/faults.c; needs gcc)
closed        the reader of the standard output goes away
alone         another worker is missing
recipes       a field of a recipe is something else
flags         an entry point is given something else
pictures      a picture of a training folder is damaged
exports       a byte of an exported model or of its card is another

What must hold: a run that went on ends bit for bit as the one that nothing happened to, a folder has one
writer, mistakes are `ZooError`s, and what loads is what was exported. Prints what was tried, how often and
what came of it; status 1 where something did not hold.
"""

import argparse
import collections
import contextlib
import ctypes
import dataclasses
import errno
import io
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import numpy as np
from PIL import Image

from zoo import cli, recipe
from zoo.commands.signals import Signals, Stopped, ends
from zoo.commands.streams import steady_streams
from zoo.errors import ZooError
from zoo.models.build import model_options
from zoo.tasks import load
from zoo.train.checkpoints import Checkpoints, states
from zoo.train.run import train

cli.quiet()
cli.load_tensorflow()

import tensorflow as tf  # noqa: E402

library = os.environ.get("ZOO_FAULTS", "")  # set by `start_with_library`
tiny = dataclasses.replace(
    recipe.find("gan"),
    steps=8,
    period=1,
    batch_size=8,
    precision="float32",
    network={"z_dim": 4, "generator_units": (8,), "discriminator_units": (8,), "dropout": (0.2, 0.5)},
)
longer = dataclasses.replace(tiny, steps=70, period=20)  # stops within periods
nasty = [
    None, True, -1, 0, 1, 3, 2**70, 0.5, -1.0, 1e308, float("nan"), float("inf"), "", "x", "../..", "\0",
    "ü", (), (0,), (-1,), ("x",), (2**40,), [], [1, "x"], {}, {"x": 1},
    {"name": "adam", "learning_rate": "x"}, {"generator": {}}, {"width": {}}, b"x",
]  # fmt: skip


class Forked:
    """A call in a process of its own, which begins with TensorFlow loaded and not yet used."""

    def __init__(self, function, *arguments):
        context = multiprocessing.get_context("fork")
        self._here, there = context.Pipe(duplex=False)
        self.process = context.Process(target=self._run, args=(there, function, arguments))
        self.process.start()
        there.close()

    @staticmethod
    def _run(there, function, arguments):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            with Signals():
                there.send(("fine", function(*arguments)))
        except ZooError as error:
            there.send(("refused", str(error)))
        except Stopped as error:
            there.send(("stopped", error.code))
        except BaseException:
            there.send(("FAILED", traceback.format_exc()))

    def outcome(self, timeout=300):
        """Returns a pair: "fine" and the result, "refused" and the line of a `ZooError`, "stopped" and the
        exit status, "FAILED" and a traceback, or "killed" and `None`.
        """
        with contextlib.suppress(EOFError):
            if self._here.poll(timeout):
                found = self._here.recv()
                self.process.join()
                return found
            self.process.kill()
            self.process.join()
            return "FAILED", f"nothing after {timeout} s"
        self.process.join()
        return "killed", None


def train_recipe(made, out, data_dir):
    train(made, out, data_dir=data_dir)


def result(out):
    """All that a run has to show, as bytes: its last checkpoint, its history and what its export makes."""
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(out / "checkpoints")))
    names = sorted(n for n in reader.get_variable_to_shape_map() if n.startswith("state"))
    rows = [row.split(",") for row in (out / "history.csv").read_text().splitlines()]
    losses = [[*row[:1], *row[2:]] for row in rows]  # without the seconds
    trained = load(out)
    return {
        "checkpoint": [reader.get_tensor(n).tobytes() for n in names],
        "losses": losses,
        "pictures": [p.read_bytes() for p in [*sorted(out.glob("samples/*.png")), *out.glob("*.gif")]],
        "export": trained.sample(4, seed=1).tobytes(),
    }


class Sweep:
    def __init__(self, seed, folder):
        self.random, self.folder = random.Random(seed), folder
        self.data_dir = str(folder / "data")
        self.tried, self.wrong = collections.Counter(), []
        start = time.monotonic()
        self.whole = folder / "whole"
        self.must(Forked(train_recipe, tiny, self.whole, self.data_dir))
        again = folder / "timed"  # the first one prepared the data
        start = time.monotonic()
        self.must(Forked(train_recipe, tiny, again, self.data_dir))
        self.seconds = time.monotonic() - start
        self.expected = {tiny.steps: self.must(Forked(result, self.whole))}
        self.must_be_expected(again, "an undisturbed run")

    def must(self, forked):
        kind, value = forked.outcome()
        if kind != "fine":
            raise RuntimeError(f"{kind}: {value}")
        return value

    def note(self, what, kind, detail=""):
        self.tried[f"{what}: {kind}"] += 1
        if kind == "FAILED":
            self.wrong.append(f"{what}: {detail}")
            print(f"FAILED {what}: {detail}", flush=True)

    def must_be_expected(self, out, what, without=(), made=tiny):
        kind, value = Forked(result, out).outcome()
        if kind != "fine":
            return self.note(what, "FAILED", value)
        expected = self.expected[made.steps]
        differ = [name for name in value if name not in without and value[name] != expected[name]]
        return self.note(what, "FAILED" if differ else "the same, bit for bit", f"other {differ}")

    def goes_on(self, out, what, without=(), made=tiny):
        kind, value = Forked(train_recipe, made, out, self.data_dir).outcome()
        if kind != "fine":
            return self.note(what, "FAILED", value)
        return self.must_be_expected(out, what, without, made)

    def absent(self, name):
        """Returns a path at which nothing exists."""
        out = self.folder / name
        shutil.rmtree(out, ignore_errors=True)
        return out

    def killed(self, i):
        out = self.absent("killed")
        while True:
            run = Forked(train_recipe, tiny, out, self.data_dir)
            exporting = self.random.random() < 0.5
            while exporting and run.process.is_alive() and not (out / "saved_model").exists():
                time.sleep(0.002)
            run.process.join(self.random.uniform(0, 0.12 if exporting else 0.8) * self.seconds)
            run.process.kill()
            kind, value = run.outcome()
            partial = any((out / "saved_model").glob(".*partial"))
            temporary = any((out / "checkpoints").glob("*_temp"))
            where = "in its export" if partial else "in a checkpoint" if temporary else "elsewhere"
            self.note("kill -9", f"{kind} {where}" if kind == "killed" else kind, value)
            kind, value = Forked(load_and_sample, out).outcome()
            if kind == "fine" and value != self.expected[tiny.steps]["export"]:
                self.note("a model loaded after kill -9", "FAILED", "is another")
            self.note("zoo.load after kill -9", kind, value)
            if self.random.random() < 0.4:
                return self.goes_on(out, "a run killed and gone on")

    def signaled(self, i):
        if longer.steps not in self.expected:
            whole = self.folder / "whole_longer"
            start = time.monotonic()
            self.must(Forked(train_recipe, longer, whole, self.data_dir))
            self.seconds_longer = time.monotonic() - start
            self.expected[longer.steps] = self.must(Forked(result, whole))
        out, number = self.absent("signaled"), self.random.choice(ends)
        run = Forked(train_recipe, longer, out, self.data_dir)
        place = self.random.choice(["samples", "saved_model", None])
        while place and run.process.is_alive() and not (out / place).exists():
            time.sleep(0.001)
        run.process.join(self.random.uniform(0, 0.2 if place else 1) * self.seconds_longer)
        start = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(run.process.pid, number)
        kind, value = run.outcome()
        if kind == "stopped" and (value != 128 + number or time.monotonic() - start > 30):
            kind = "FAILED"
        self.note("a signal", kind, f"{number.name}: {value} after {time.monotonic() - start:.1f} s")
        self.goes_on(out, "a run stopped by a signal and gone on", made=longer)

    def disk(self, i):
        if not library:
            return self.note("a disk with errors", "not tried: gcc is missing")
        codes = [errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EACCES]
        code, calls = codes[i % len(codes)], self.random.randrange(400)
        out = self.absent("disk_errors")
        run = Forked(train_with_errors, tiny, out, self.data_dir, code, calls)
        kind, value = run.outcome()
        if kind == "refused" and not explains(code, value):
            kind = "FAILED"
        self.note(f"a disk with {errno.errorcode[code]}", kind, value)
        kind, value = Forked(load_and_sample, out).outcome()
        wrong = kind == "fine" and value != self.expected[tiny.steps]["export"]
        self.note("zoo.load after errors of the disk", "FAILED" if wrong else kind, value)
        # The last files of decoration may be missing where the errors began between them and the end.
        return self.goes_on(out, "a run gone on after errors of the disk", without=["pictures"])

    def closed(self, i):
        out = self.absent("closed")
        reader, writer = os.pipe()
        run = Forked(train_into_pipe, tiny, out, self.data_dir, reader, writer)
        os.close(writer)
        run.process.join(self.random.uniform(0, 1) * self.seconds)
        os.close(reader)
        kind, value = run.outcome()
        self.note("a closed output", kind if kind == "fine" else "FAILED", value)
        self.must_be_expected(out, "a run with a closed output")

    def alone(self, i):
        kind, value = Forked(train_alone, tiny, self.absent("alone"), self.data_dir).outcome(60)
        fine = kind == "refused" and "No worker answers at localhost:" in value
        self.note("a missing worker", "named" if fine else "FAILED", value)

    def together(self, i):
        out = self.absent("together")
        runs = [Forked(train_recipe, tiny, out, self.data_dir) for _ in range(2)]
        kinds = sorted(run.outcome()[0] for run in runs)
        fine = kinds == ["fine", "refused"]
        self.note("two runs in one folder", "one refused" if fine else "FAILED", str(kinds))
        self.must_be_expected(out, "the run of two that went on")

    def power(self, i):
        folder = self.fresh_folder("power")
        disk, image, later = folder / "disk", folder / "image", folder / "later"
        disk.mkdir()
        with open(image, "wb") as file:
            file.truncate(2**26)
        program = shutil.which("mkfs.ext4", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        made = program and subprocess.run([program, "-q", str(image)], capture_output=True)
        if not made or made.returncode or not mount(image, disk):
            return self.note("power cut", "not tried: mkfs.ext4 and mount need root")
        out, seconds = disk / "run", self.random.choice([0, 0.2, 10])
        try:
            run = Forked(train_with_syncs, tiny, out, self.data_dir, seconds)
            run.process.join(self.random.uniform(0.3, 1.1) * self.seconds)
            # A first state is synced at once, and a second one was written after that.
            safe = len(states(out / "checkpoints")) > 1
            shutil.copy(image, later)
            run.process.kill()
            kind, value = run.outcome()
            self.note("a run before the power cut", kind, value)
        finally:
            unmount(disk)
        if not mount(later, disk):
            return self.note("power cut", "FAILED", "the file system cannot be mounted")
        try:
            left = len(states(out / "checkpoints"))
            kind = "FAILED" if safe and not left else "no state yet" if not left else "a state is left"
            self.note("power cut", kind, "no state is left")
            kind, value = Forked(load_and_sample, out).outcome()
            wrong = kind == "fine" and value != self.expected[tiny.steps]["export"]
            self.note("zoo.load after a power cut", "FAILED" if wrong else kind, value)
            kind, value = Forked(train_recipe, tiny, out, self.data_dir).outcome()
            if kind == "refused" and "recipe.json cannot be read" in value:
                (out / "recipe.json").unlink()
            # Pictures of samples are not synced.
            self.goes_on(out, "a run gone on after a power cut", without=["pictures"])
        finally:
            unmount(disk)

    def full(self, i):
        disk = self.absent("disk")
        disk.mkdir()
        size = self.random.randrange(8, 800)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(disk)]
        if subprocess.run(mount, capture_output=True).returncode:
            return self.note("full disk", "not tried: mount needs root")
        try:
            kind, value = Forked(train_recipe, tiny, disk / "run", self.data_dir).outcome()
            if kind == "refused" and "disk is full" not in value:
                kind = "FAILED"
            self.note("full disk", kind, value)
            kind, value = Forked(load_and_sample, disk / "run").outcome()
            wrong = kind == "fine" and value != self.expected[tiny.steps]["export"]
            self.note("zoo.load on a full disk", "FAILED" if wrong else kind, value)
            subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
            self.goes_on(disk / "run", "a run gone on with more space")
        finally:
            subprocess.run(["umount", str(disk)], check=True)

    def recipes(self, i):
        fields = dataclasses.asdict(dataclasses.replace(tiny, steps=1))
        path = self.random.choice([
            *(name for name in fields if name not in ("model", "name", "summary", "steps")),
            *(f"network.{name}" for name in model_options("gan")),
            *(f"optimizers.generator.{name}" for name in ("learning_rate", "name", "beta_1", "beta_2")),
        ])  # fmt: skip
        value = self.random.choice(nasty)
        out = self.absent("recipes")

        def changed():
            train_recipe(
                dataclasses.replace(tiny, steps=1).changed([f"{path}={value!r}"]), out, self.data_dir
            )

        kind, detail = Forked(changed).outcome(120)
        self.note("another value in a recipe", kind, f"{path}={value!r}: {detail}")

    def flags(self, i):
        module = self.random.choice(["train", "sample", "evaluate", "export", "verify", "inspect", "serve"])
        name = self.random.choice(
            ["model", "out", "steps", "seed", "set", "given", "metrics", "count", "zz"]
        )
        value = self.random.choice(
            ["", "x", "-1", "0", "1e400", "..", "None", "ü", "[", "a=b", "cgan", "/proc"]
        )
        command = [sys.executable, "-m", f"zoo.{module}", f"--{name}={value}"]
        done = subprocess.run(
            command, cwd=self.fresh_folder("flags"), capture_output=True, text=True, timeout=300,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        bad = "Traceback" in done.stderr or done.returncode < 0
        self.note(
            "other flags", "FAILED" if bad else f"status {done.returncode}", f"{command} {done.stderr}"
        )

    def fresh_folder(self, name):
        out = self.absent(name)
        out.mkdir()
        return out

    def pictures(self, i):
        folder = self.fresh_folder("pictures")
        for k in range(10):
            (folder / f"class_{k % 2}").mkdir(exist_ok=True)
            kind = self.random.choice(["PNG", "JPEG", "GIF", "BMP"])
            pixels = np.random.default_rng(k).integers(0, 256, (20, 24, 3), np.uint8)
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, kind)
            content = bytearray(file.getvalue())
            if k == 0:
                content = self.damaged(content)
            (folder / f"class_{k % 2}" / f"{k}.{kind.lower()}").write_bytes(content)
        made = dataclasses.replace(tiny, dataset=str(folder), steps=1)
        data_dir = str(self.fresh_folder("pictures_data"))
        kind, value = Forked(train_recipe, made, self.absent("pictured"), data_dir).outcome()
        named = kind != "refused" or str(folder) in value or "class_0/0." in value
        self.note("a damaged picture", kind if named else "FAILED", value)

    def damaged(self, content):
        content = bytearray(content)
        if self.random.random() < 0.3:
            return content[: self.random.randrange(len(content))]
        for _ in range(self.random.choice([1, 1, 4, 40])):
            content[self.random.randrange(len(content))] = self.random.randrange(256)
        return content

    def exports(self, i):
        out = self.absent("exports")
        shutil.copytree(self.whole / "saved_model", out)
        file = self.random.choice([p for p in out.rglob("*") if p.is_file() and p.stat().st_size])
        before = file.read_bytes()
        file.write_bytes(self.damaged(before))
        kind, value = Forked(load_and_sample, out).outcome()
        same = kind != "fine" or value == self.expected[tiny.steps]["export"]
        self.note(f"a damaged {file.name}", kind if same else "FAILED", f"loaded, and is another: {value}")


def mount(image, folder):
    """Mounts the image of a file system. Returns whether that succeeded."""
    return not subprocess.run(
        ["mount", "-o", "loop", str(image), str(folder)], capture_output=True
    ).returncode


def unmount(folder):
    subprocess.run(["umount", str(folder)], check=True)


def train_with_syncs(made, out, data_dir, seconds):
    """Trains with at least `seconds` between the syncs of checkpoints."""
    Checkpoints.seconds_to_sync = seconds
    train(made, out, data_dir=data_dir)


def train_with_errors(made, out, data_dir, code, calls):
    """Trains in a folder in which writing fails after some calls."""
    ctypes.CDLL(library).fault_arm(str(out).encode(), code, ctypes.c_long(calls))
    train(made, out, data_dir=data_dir)


def explains(code, message):
    """Returns whether a message names the error of a disk and a remedy."""
    facts = {
        errno.EDQUOT: "quota is used up",
        errno.EIO: "input/output error",
        errno.ENOSPC: "disk is full",
        errno.EFBIG: "larger than a file may be",
        errno.EROFS: "read-only",
        errno.EACCES: "permission is denied",
    }
    return facts[code] in message and len(message.splitlines()) == 1


def train_into_pipe(made, out, data_dir, reader, writer):
    """Trains with a pipe as its output."""
    os.close(reader)
    os.dup2(writer, 1)
    os.close(writer)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    steady_streams()
    train(made, out, data_dir=data_dir)


def train_alone(made, out, data_dir):
    """Trains as one of two workers."""
    ports = []
    for _ in range(2):
        with socket.create_server(("localhost", 0)) as server:
            ports.append(server.getsockname()[1])
    cluster = {"worker": [f"localhost:{port}" for port in ports]}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 0}})
    train(made, out, spread="multi_worker", data_dir=data_dir, wait_minutes=0.01)


def start_with_library():
    """Starts this program again with the library of tests/faults.c, if gcc can make it."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if library or not compiler:
        return
    made = pathlib.Path(tempfile.mkdtemp()) / "faults.so"
    source = pathlib.Path(__file__).with_suffix(".c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(made), str(source), "-ldl"], check=True)
    os.environ["ZOO_FAULTS"] = str(made)
    os.environ["LD_PRELOAD"] = " ".join(filter(None, [str(made), os.environ.get("LD_PRELOAD")]))
    os.execv(sys.executable, [sys.executable, *sys.argv])


def load_and_sample(folder):
    return load(folder).sample(4, seed=1).tobytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    faults = [
        "killed", "signaled", "together", "power", "full", "disk", "closed", "alone", "recipes", "flags",
        "pictures", "exports",
    ]  # fmt: skip
    parser.add_argument("--only", type=lambda text: text.split(","), default=faults)
    chosen = parser.parse_args()
    start_with_library()
    for number in (signal.SIGTERM, signal.SIGINT):  # of `timeout`; a shell in the background ignores SIGINT
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(chosen.seed, pathlib.Path(folder))
        with contextlib.suppress(KeyboardInterrupt):  # what was tried until then is told
            for name, i in itertools.product(chosen.only, range(chosen.count)):
                getattr(sweep, name)(i)
    if library:
        pathlib.Path(library).unlink()
        pathlib.Path(library).parent.rmdir()
    for what, times in sorted(sweep.tried.items()):
        print(f"{times:5} × {what}")
    return 1 if sweep.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

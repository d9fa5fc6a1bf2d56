"""Streams of commands: closed, broken and in other encodings."""

import os
import pathlib
import subprocess
import sys

import pytest

import zoo

root = pathlib.Path(zoo.__file__).parent.parent
script = """
import sys
from zoo.commands.streams import steady_streams
steady_streams()
print("first", flush=True)
sys.stdin.readline()  # the reader is gone then
for i in range(20000):
    print("± line", i)
    print("± warning", i, file=sys.stderr)
open(sys.argv[1], "w").write("done")
print("last")
"""


def environment(**changes):
    return {**os.environ, "PYTHONPATH": str(root), **changes}


@pytest.mark.slow
@pytest.mark.parametrize("stream", ["stdout", "stderr", "both"])
def test_a_reader_that_goes_away_ends_nothing(stream, tmp_path):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-c", script, str(tmp_path / "file")]
    if stream == "both":
        pipes["stderr"] = subprocess.STDOUT
    with subprocess.Popen(command, env=environment(), **pipes) as process:
        assert process.stdout.readline() == b"first\n"
        for name in ("stdout", "stderr"):
            if name == stream or (stream == "both" and name == "stdout"):
                getattr(process, name).close()
        process.stdin.write(b"\n")
        process.stdin.close()
        others = {"stdout": process.stderr, "stderr": process.stdout}.get(stream)
        text = others.read().decode() if others else ""
        assert process.wait(60) == 0 and (tmp_path / "file").read_text() == "done"
    assert "BrokenPipe" not in text and ("± warning 19999" in text) == (stream == "stdout")


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"])
def test_closed_and_full_streams_end_nothing(closed, tmp_path):
    command = f'"{sys.executable}" -c "$SCRIPT" {tmp_path}/file {closed}'
    done = subprocess.run(
        ["sh", "-c", command], env=environment(SCRIPT=script), stdin=subprocess.DEVNULL, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "file").read_text() == "done"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
def test_streams_in_other_encodings_replace_characters(encoding, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "file")],
        env=environment(PYTHONIOENCODING=encoding, LC_ALL="C"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    expected = "± line 7".encode(encoding, "replace").decode(encoding)
    assert expected in done.stdout.decode(encoding)


@pytest.mark.slow
def test_a_training_whose_reader_goes_away_ends_as_another(tmp_path, data_dir):
    command = [sys.executable, "-m", "zoo.train", "--model=gan", "--steps=20", "--set=period=5"]
    command += [f"--out={tmp_path}", f"--data_dir={data_dir}"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=environment(), **pipes) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(300) == 0
    assert (tmp_path / "saved_model" / "card.json").is_file()

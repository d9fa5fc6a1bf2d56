"""Atomic replacement of files and folders."""

import errno
import os
import time

import pytest

from zoo import paths
from zoo.errors import ZooError, explain


def test_whole_folder_appears_once_it_is_complete(tmp_path):
    target = tmp_path / "runs" / "1"
    target.parent.mkdir()
    with paths.whole_folder(target) as partial:
        assert not target.exists() and list(partial.iterdir()) == []
        (partial / "file").write_text("new")
    assert [path.name for path in target.parent.iterdir()] == ["1"]
    assert (target / "file").read_text() == "new"


def test_leftovers_of_others_are_removed_after_a_day(tmp_path):
    leftovers = [tmp_path / f".{name}.zoo-elsewhere-7.partial" for name in ("file", "folder")]
    leftovers[0].write_text("half")
    (leftovers[1] / "content").mkdir(parents=True)
    names = (
        "incomplete.ABC_1.0",
        "notes.partial",
        ".film.mkv.partial",
        ".backup.partial",
        ".a.partial.txt",
    )
    others = [tmp_path / name for name in names]
    for path in others:
        path.mkdir()
    an_hour_ago, two_days_ago = (time.time() - hours * 3600 for hours in (1, 48))
    for path in [*leftovers, *others]:
        os.utime(path, (an_hour_ago, an_hour_ago))
    paths.remove_leftovers(tmp_path)
    assert all(path.exists() for path in [*leftovers, *others])
    for path in [*leftovers, *others]:
        os.utime(path, (two_days_ago, two_days_ago))
    with paths.whole(tmp_path / "new") as partial:  # removes leftovers next to it
        partial.write_text("new")
        assert not any(path.exists() for path in leftovers)
        paths.remove_leftovers(tmp_path, 0)  # not that which is being written
    assert (tmp_path / "new").read_text() == "new" and all(path.exists() for path in others)


def test_errors_of_writing_name_the_file(tmp_path):
    with pytest.raises(OSError, match="history") as error, paths.whole(tmp_path / "history.csv"):
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    assert str(explain(error.value)).startswith(f"{tmp_path}/history.csv is larger than a file may be")


def test_unfinished_files_are_removed_before_an_early_end(tmp_path):
    def end_early():
        with paths.whole(tmp_path / "file") as file, paths.whole_folder(tmp_path / "folder") as folder:
            for path in (file, folder / "file"):
                path.write_text("half")
            paths.remove_unfinished()
            assert list(tmp_path.iterdir()) == []

    with pytest.raises(FileNotFoundError):
        end_early()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_has_one_owner(tmp_path):
    with (
        paths.locked(tmp_path / "a", 0, "It is in use."),
        pytest.raises(ZooError, match="It is in use"),
        paths.locked(tmp_path / "a", 0, "It is in use."),
    ):
        pass
    with paths.locked(tmp_path / "a", 0, "It is in use."):
        pass


def test_only_listed_results_are_replaced(tmp_path):
    for text in ("old", "new"):
        paths.result(tmp_path / "out", "images/0.png").parent.mkdir(exist_ok=True)
        paths.result(tmp_path / "out", "images/0.png").write_text(text)
    (tmp_path / "out" / "mine.png").write_text("mine")
    (tmp_path / "out" / "link.png").symlink_to("nowhere")
    for name in ("mine.png", "link.png"):
        with pytest.raises(ZooError, match=f"{name} exists, and zoo did not write it"):
            paths.result(tmp_path / "out", name)
    listing = tmp_path / "out" / ".zoo_files"
    assert listing.read_text() == '"images/0.png"\n'
    with open(listing, "a") as file:
        file.write('"half')
    assert paths.result(tmp_path / "out", "images/0.png").exists()


def test_whole_folder_leaves_nothing_behind_after_an_error(tmp_path):
    def fail_halfway():
        with paths.whole_folder(tmp_path / "1") as partial:
            (partial / "file").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []

"""Atomic replacement of files and folders."""

import pytest

from zoo import paths


def test_whole_folder_appears_once_it_is_complete(tmp_path):
    target = tmp_path / "runs" / "1"
    leftover = tmp_path / "runs" / ".1.partial" / "old"
    leftover.mkdir(parents=True)
    with paths.whole_folder(target) as partial:
        assert not target.exists() and list(partial.iterdir()) == []
        (partial / "file").write_text("new")
    assert [path.name for path in target.parent.iterdir()] == ["1"]
    assert (target / "file").read_text() == "new"


def test_whole_folder_leaves_nothing_behind_after_an_error(tmp_path):
    def fail_halfway():
        with paths.whole_folder(tmp_path / "1") as partial:
            (partial / "file").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []

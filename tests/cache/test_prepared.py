"""The list of prepared data, and its removal."""

import pathlib

import pytest
from PIL import Image
from processes import run_command

from zoo import datasets
from zoo.cache.prepared import list_prepared


def image(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), value).save(path)


@pytest.fixture
def prepared(tmp_path):
    """Prepared data of two folders of images. The first one has changed since."""
    for value, name in enumerate(("first", "second")):
        image(tmp_path / name / "0.png", value)
    options = {"image_size": 4, "channels": 1, "data_dir": str(tmp_path / "data")}
    datasets.load(str(tmp_path / "first"), **options)
    image(tmp_path / "first" / "1.png", 9)
    for name in ("first", "second"):
        datasets.load(str(tmp_path / name), **options)
    return tmp_path


def test_stale_data_is_listed_with_its_reason(prepared):
    found = list_prepared(prepared / "data")
    assert [pathlib.Path(one.name).name for one in found] == ["first", "first", "second"]
    assert sorted(one.stale for one in found) == ["", "", "a newer one exists"]
    assert all(one.size > 100 for one in found)
    (prepared / "second").rename(prepared / "moved")
    assert [one.stale for one in list_prepared(prepared / "data")][
        2
    ] == "the folder of images does not exist"
    old = found[0].folder.with_name("1.0.0")
    found[0].folder.rename(old)
    replaced = [one.stale for one in list_prepared(prepared / "data") if one.folder == old]
    assert len(replaced) == 1 and "version 1.0.0 is replaced by" in replaced[0]


@pytest.mark.slow
def test_stale_data_can_be_removed(prepared):
    command = ["-m", "zoo.cache", f"--data_dir={prepared / 'data'}"]
    assert "3 datasets, of which 1 are stale" in run_command(command).stdout
    assert "Removed 1 datasets" in run_command([*command, "--remove=stale"]).stdout
    assert len(list_prepared(prepared / "data")) == 2
    assert "Removed 2 datasets" in run_command([*command, "--remove=all"]).stdout
    assert list_prepared(prepared / "data") == []


def test_data_of_others_is_not_listed(tmp_path):
    (tmp_path / "mnist" / "3.0.1").mkdir(parents=True)
    (tmp_path / "mnist" / "3.0.1" / "dataset_info.json").write_text("{}")
    assert list_prepared(tmp_path) == []

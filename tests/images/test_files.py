"""Pictures as files."""

import numpy as np
import pytest
from PIL import Image

from zoo.images import files
from zoo.images.files import save_image


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("height", [1, 64, 150])
def test_a_large_png_is_read_back_as_it_was(channels, height, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "large", 0)
    monkeypatch.setattr(files, "to_pillow", None)  # is not asked
    image = np.random.default_rng(0).integers(0, 256, (height, 37, channels), np.uint8)
    save_image(tmp_path / "large.png", image)
    with Image.open(tmp_path / "large.png") as opened:
        opened.verify()
    read = np.asarray(Image.open(tmp_path / "large.png"))
    np.testing.assert_array_equal(read.reshape(image.shape), image)
    assert [file.name for file in tmp_path.iterdir()] == ["large.png"]


def test_the_ending_names_the_format(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "large", 0)
    save_image(tmp_path / "some.jpg", np.zeros((8, 8, 3), np.uint8))
    assert Image.open(tmp_path / "some.jpg").format == "JPEG"


def test_what_cannot_be_written_whole_leaves_what_was_there(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "large", 0)
    path = tmp_path / "some.png"
    save_image(path, np.zeros((8, 8, 3), np.uint8))
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.zlib, "crc32", full)
    with pytest.raises(OSError, match="No space"):
        save_image(path, np.ones((8, 8, 3), np.uint8))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]

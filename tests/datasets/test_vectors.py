"""Word vectors in files."""

import numpy as np
import pytest

from zoo.datasets.vectors import read_word_vectors
from zoo.errors import ZooError


def test_spaces_empty_lines_and_marks(tmp_path):
    file = tmp_path / "vectors.txt"
    file.write_text("\ufeff2 2\nnew york 1 2\n\nb 3 4\n\n", encoding="utf-8")
    assert list(read_word_vectors(file)) == ["new york", "b"]


@pytest.mark.parametrize("head", ["", "2 3\n"])
def test_words_and_coordinates(tmp_path, head):
    file = tmp_path / "vectors.txt"
    file.write_text(f"{head}sky 1 -2 0.5\nrosé 0 1e-3 4 \n", encoding="utf-8")
    found = read_word_vectors(file)
    assert list(found) == ["sky", "rosé"]
    np.testing.assert_allclose(found["sky"], [1, -2, 0.5])
    np.testing.assert_allclose(found["rosé"], [0, 1e-3, 4])


@pytest.mark.parametrize(
    "text, message",
    [
        ("a 1 2\nb 1\n", r"line 2: a word and 2 finite"),
        ("a 1 2\n 1 2\n", r"line 2: a word and 2 finite"),
        ("3 2\na 1 2\nb 1 2\n", r"has 2 words, but its first line says 3"),
        ("2 2\na 1 2\nb 1 x\n", r"line 3: a word and 2 finite"),
        ("a 1 nan\n", r"line 1: a word and 2 finite"),
        ("a\n", r"line 1: a word and its finite"),
        ("a 1 2\na 1 2\n", r"line 2: 'a' occurs twice"),
        ("", "does not have word vectors"),
        ("2 3\n", "does not have word vectors"),
    ],
)
def test_broken_files(tmp_path, text, message):
    file = tmp_path / "vectors.txt"
    file.write_text(text)
    with pytest.raises(ZooError, match=message):
        read_word_vectors(file)


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "latin.txt").write_bytes("rosé 1 2\n".encode("latin-1"))
    for name in ("none.txt", "latin.txt"):
        with pytest.raises(ZooError, match="cannot be read as word vectors in UTF-8"):
            read_word_vectors(tmp_path / name)

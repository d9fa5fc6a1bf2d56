"""Word vectors in files."""

import numpy as np

from zoo.errors import ZooError


def read_word_vectors(file):
    """Reads word vectors in the text format of word2vec, GloVe and fastText.

    A line is a word and its coordinates, separated by spaces. The first line may have the number of words
    and of coordinates. With it, words may contain spaces. Empty lines are skipped.

    Args:
        file: Path.

    Returns:
        Dict, `{word: float32 array [size]}`, in the order of the file.

    Raises:
        ZooError: The file cannot be read or is incomplete, a line has other coordinates, or a word occurs
            twice.
    """
    vectors: dict[str, np.ndarray] = {}
    size = count = None
    try:
        with open(file, encoding="utf-8-sig") as opened:
            for number, line in enumerate(opened, start=1):
                fields = line.rstrip().split(" ")
                if number == 1 and len(fields) == 2 and all(field.isdecimal() for field in fields):
                    count, size = map(int, fields)
                    continue
                if fields == [""]:
                    continue
                size = size or len(fields) - 1
                word, vector = " ".join(fields[:-size]), _coordinates(fields[-size:])
                where = f"{file}, line {number}"
                if not (size and word.strip()) or vector is None:
                    raise ZooError(f"{where}: a word and {size or 'its'} finite coordinates are expected.")
                if word in vectors:
                    raise ZooError(f"{where}: {word!r} occurs twice.")
                vectors[word] = vector
    except (OSError, UnicodeDecodeError) as error:
        raise ZooError(f"{file} cannot be read as word vectors in UTF-8: {error}") from error
    if not vectors:
        raise ZooError(f"{file} does not have word vectors.")
    if count not in (None, len(vectors)):
        raise ZooError(f"{file} has {len(vectors)} words, but its first line says {count}. Copy it again.")
    return vectors


def _coordinates(fields: list[str]) -> np.ndarray | None:
    """Returns finite coordinates, or None for other fields."""
    try:
        vector = np.array(fields, np.float32)
    except ValueError:
        return None
    return vector if np.isfinite(vector).all() else None

"""Word vectors in files."""

import numpy as np

from zoo.errors import ZooError


def read_word_vectors(file):
    """Reads word vectors in the text format of word2vec, GloVe and fastText.

    A line is a word and its coordinates, separated by spaces. The first line may have the number of words
    and of coordinates.

    Args:
        file: Path.

    Returns:
        Dict, `{word: float32 array [size]}`, in the order of the file.

    Raises:
        ZooError: The file cannot be read, a line has another number of coordinates, or a word occurs twice.
    """
    try:
        with open(file, encoding="utf-8") as opened:
            lines = [line.rstrip().split(" ") for line in opened]
    except (OSError, UnicodeDecodeError) as error:
        raise ZooError(f"{file} cannot be read as word vectors in UTF-8: {error}") from error
    headed = bool(lines) and len(lines[0]) == 2 and all(field.isdecimal() for field in lines[0])
    vectors: dict[str, np.ndarray] = {}
    size = None
    for number, (word, *coordinates) in enumerate(lines[headed:], start=1 + headed):
        try:
            vector = np.array(coordinates, np.float32)
        except ValueError:
            vector = np.zeros(0, np.float32)
        size = size or vector.size
        if not size or vector.size != size or not np.isfinite(vector).all():
            raise ZooError(
                f"{file}, line {number}: a word and {size or 'its'} finite coordinates are expected."
            )
        if word in vectors:
            raise ZooError(f"{file}, line {number}: {word!r} occurs twice.")
        vectors[word] = vector
    if not vectors:
        raise ZooError(f"{file} does not have word vectors.")
    return vectors

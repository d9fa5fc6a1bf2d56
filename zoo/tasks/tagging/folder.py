"""Tags of image files."""

import json
import pathlib

import numpy as np

from zoo.images.files import read_image
from zoo.images.folders import files_of


def tag_files(trained, source, out, seed=0):
    """Tags a picture, or every picture of a folder.

    Args:
        trained: a `zoo.saved.trained.Trained`.
        source: a picture file, or a folder of them (and of sub-folders).
        out: the folder of `tags.json`, {file: words}.
        seed: decides the draws.

    Returns:
        The paths written.

    Raises:
        ZooError: nothing to read, a broken file.
    """
    found = {}
    for path in files_of(source):
        picture = np.asarray(read_image(path))
        found[str(path)] = trained.tag(picture, seed)
    target = pathlib.Path(out) / "tags.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return [target]

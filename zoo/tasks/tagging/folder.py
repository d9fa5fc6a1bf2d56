"""Tags of image files."""

import json

import numpy as np

from zoo import paths
from zoo.images.files import read_image
from zoo.images.folders import files_of


def tag_files(trained, source, out, seed=0):
    """Tags an image file, or every image file of a folder.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        source: Path of an image file, or of a folder with image files at any depth.
        out: Path of the folder of `tags.json`, `{file: words}`.
        seed: Integer. Random seed. Defaults to 0.

    Returns:
        List of the paths of the files.

    Raises:
        ZooError: There are no images, or a file is broken.
    """
    found = {}
    for path in files_of(source):
        picture = np.asarray(read_image(path))
        found[str(path)] = trained.tag(picture, seed)
    target = paths.result(out, "tags.json")
    with paths.whole(target) as file:
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return [target]

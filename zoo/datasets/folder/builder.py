"""`folder`: a folder of images, with one subfolder per class or without labels.

The images are prepared once, in the size of training. Broken files are found at that time.
"""

import hashlib
import pathlib
import re
import sys

import numpy as np
import tensorflow_datasets as tfds

from zoo.errors import ZooError
from zoo.images.files import files_below, list_images, read_image


def image_files(folder):
    """Returns the image files below a folder, sorted.

    Args:
        folder: Path.

    Returns:
        List of pairs of a path and the name of its class, or None without classes.

    Raises:
        ZooError: The folder does not have images, or only some of them are in subfolders.
    """
    folder, found = pathlib.Path(folder).expanduser(), list_images(folder)
    loose = [p for p in found if p.parent == folder]
    if loose and len(loose) < len(found):
        raise ZooError(
            f"{folder} holds pictures in sub-folders and beside them ({loose[0].name}). Move all "
            "into sub-folders, one a class, or all into the folder itself."
        )
    return [(p, None if loose else p.relative_to(folder).parts[0]) for p in found]


def texts(folder, files):
    """Reads the text files below a folder that describe images.

    A file NAME.txt describes the image NAME. A file in a folder whose name starts with text (such as
    text_c10 of Reed et al.'s captions of CUB and Oxford-102) has one caption per line. A file in a folder
    named tags has one tag per line. MIR Flickr's names, such as tags7.txt for im7.jpg, are supported. If
    several images or files have the same name, the names of their folders must match.

    Args:
        folder: Path of the folder of the text files, at any depth.
        files: Paths of the images.

    Returns:
        List of one dict per image, `{"captions": lines, "tags": lines}`, with the entries that any image
        has.

    Raises:
        ZooError: A text file is not UTF-8, two files describe the same image, or no file describes an
            image.
    """
    folder = pathlib.Path(folder).expanduser()
    lines = {"captions": {}, "tags": {}}
    for path in sorted(p for p in files_below(folder) if p.suffix == ".txt"):
        above = path.relative_to(folder).parts[:-1]
        kind = "tags" if "tags" in above else "captions"
        if kind == "captions" and not any(part.startswith("text") for part in above):
            continue  # a licence, a list of files
        try:
            said = path.read_text(encoding="utf-8-sig").splitlines()  # Windows' editors put a mark first
        except UnicodeDecodeError as error:
            raise ZooError(f"{path} is not UTF-8 ({error}). Convert it: iconv -t UTF-8.") from error
        flickrs = kind == "tags" and re.fullmatch(r"tags(\d+)", path.stem)
        stem = f"im{flickrs[1]}" if flickrs else path.stem
        lines[kind].setdefault(stem, {})[path] = [line.strip() for line in said if line.strip()]
    known = {kind: said for kind, said in lines.items() if said}
    folders = {}
    for path in files:
        folders.setdefault(path.stem, set()).add(path.parent)
    shared = {stem for stem, of_that_name in folders.items() if len(of_that_name) > 1}
    found = [
        {kind: _said_of(path, said.get(path.stem, {}), path.stem in shared) for kind, said in known.items()}
        for path in files
    ]
    for kind, said in known.items():
        without = [path for path, lines in zip(files, found) if not lines[kind]]
        if len(without) == len(files):
            a = next(iter(next(iter(said.values()))))
            raise ZooError(f"{a} speaks of no picture, nor do other {kind}: name it {files[0].stem}.txt.")
        if without and kind == "captions":
            print(
                f"warning: {len(without)} of {len(files)} pictures have no captions, such as {without[0]}: "
                f"in a folder text {without[0].stem}.txt is missing.",
                file=sys.stderr,
            )
    return found


def _said_of(picture, said, shared):
    """Returns the lines of the text file of an image.

    Args:
        picture: Path of the image.
        said: Dict, `{path: lines}`, of the text files with the name of the image.
        shared: Boolean. Whether another folder has an image of that name.

    Raises:
        ZooError: It is ambiguous which file describes the image.
    """
    own = {path: lines for path, lines in said.items() if path.parent.name == picture.parent.name}
    said = own or said
    if len(said) > 1 or (said and shared and not own):
        raise ZooError(
            f"It is ambiguous whether {next(iter(said))} describes {picture} or another image of that name."
            f" Put it into a folder {picture.parent.name}."
        )
    return next(iter(said.values()), [])


class Builder(tfds.core.GeneratorBasedBuilder):
    """Images of one folder, prepared once per content and size.

    Args:
        folder: Path. See `image_files`.
        image_size: Integer. Side of the stored squares. `None` keeps the size of each image.
        channels: Integer. 1 or 3. Defaults to 1 if all files are grayscale, else 3.
        aspect: Integer. Number of squares side by side in an image. Defaults to 1.
        described: Boolean. Whether text files below the folder are read. See `texts`.
    """

    name = "folder"
    VERSION = tfds.core.Version("1.1.0")

    def __init__(self, *, folder, image_size, channels=None, aspect=1, described=False, **kwargs):
        self.files = image_files(folder)
        self.said = texts(folder, [path for path, _ in self.files]) if described else [{}] * len(self.files)
        self.image_size, self.aspect = image_size, aspect
        self.channels = channels or (
            1 if all(read_image(path).mode == "L" for path, _ in self.files) else 3
        )
        self.names = sorted({name for _, name in self.files if name is not None})
        # The same pictures at the same size are prepared once; a changed folder anew.
        key = [
            (str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns, name, *said.items())
            for (path, name), said in zip(self.files, self.said)
        ]
        digest = hashlib.sha256(repr((key, image_size, self.channels, aspect)).encode()).hexdigest()[:16]
        config = tfds.core.BuilderConfig(
            name=f"{digest}_{image_size}x{self.channels}", description=str(folder)
        )
        super().__init__(config=config, **kwargs)

    def _info(self):
        size = self.image_size
        shape = (size, size and self.aspect * size, self.channels)
        features = {"image": tfds.features.Image(shape=shape)}
        if self.names:
            features["label"] = tfds.features.ClassLabel(names=self.names)
        features |= {kind: tfds.features.Sequence(tfds.features.Text()) for kind in self.said[0]}
        return self.dataset_info_from_configs(
            description="Pictures of a folder.",
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label") if self.names else None,
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        mode = "L" if self.channels == 1 else "RGB"
        for i, ((path, name), said) in enumerate(zip(self.files, self.said)):
            if self.aspect > 1 and (whole := read_image(path)).width <= whole.height:
                raise ZooError(
                    f"{path} is {whole.width}×{whole.height}, not a pair side by side. Give a folder of "
                    "such pairs, or train cyclegan, which needs none."
                )
            image = np.asarray(read_image(path, self.image_size, self.aspect).convert(mode))
            example = {"image": image.reshape(*image.shape[:2], -1), **said}
            yield i, example if name is None else {**example, "label": name}

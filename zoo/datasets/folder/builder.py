"""`folder`: a folder of images, with one subfolder per class or without labels.

The images are prepared once, in the size of training. Broken files are found at that time.
"""

import hashlib
import pathlib
import re
import sys

import numpy as np
import tensorflow_datasets as tfds

from zoo.datasets.folder.index import digest_of, facts_of, keep_digest
from zoo.errors import BrokenImage, ZooError
from zoo.images.files import files_below, find_images, read_image


def image_files(folder, found=None):
    """Returns the image files below a folder, sorted.

    Args:
        folder: Path.
        found: A `Found`. Defaults to the files below the folder.

    Returns:
        List of pairs of a path and the name of its class, or None without classes.

    Raises:
        ZooError: The folder does not have images, or only some of them are in subfolders.
    """
    folder = pathlib.Path(folder).expanduser()
    images = (found or find_images(folder)).required(folder)
    loose = [p for p in images if p.parent == folder]
    if loose and len(loose) < len(images):
        raise ZooError(
            f"{folder} has images in subfolders and beside them ({loose[0].name}). Move all of them into "
            "subfolders, one per class, or into the folder itself."
        )
    return [(p, None if loose else p.relative_to(folder).parts[0]) for p in images]


def held_out(files, facts, share):
    """Selects images by the hash of their bytes, so that the selection stays when images are added.

    Args:
        files: List of pairs of a path and a class.
        facts: List of `Facts`.
        share: Float. Expected share of each class. At least one image of each class is selected.

    Returns:
        List of booleans.

    Raises:
        ZooError: A class has images of one content only.
    """
    hashes = [fact.sha256 for fact in facts]
    by_class = {}
    for (_, name), digest in zip(files, hashes):
        by_class.setdefault(name, set()).add(digest)
    chosen = {}
    for name, digests in by_class.items():
        if len(digests) < 2:
            raise ZooError(
                f"{name or 'The folder'} has one image only, so none can be held out.", holdout=0
            )
        ordered = sorted(digests)
        limit = share * 16**8
        low = [digest for digest in ordered if int(digest[:8], 16) < limit]
        chosen[name] = set(low[: len(ordered) - 1] or ordered[:1])
    return [digest in chosen[name] for (_, name), digest in zip(files, hashes)]


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
    for path in sorted(p for p in files_below(folder) if p.suffix.lower() == ".txt"):
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
        place: A `Place`. The folder, and which part of it.
        reading: A `Reading`.
        image_size: Integer. Side of the stored squares. `None` keeps the size of each image.
        channels: Integer. 1 or 3. Defaults to 1 if all files are grayscale, else 3.
        aspect: Integer. Number of squares side by side in an image. Defaults to 1.
        described: Boolean. Whether text files below the folder are read. See `texts`.

    Attributes:
        found: A `Found`. All files of the folder.
        facts: List of the `Facts` of the images.
        digest: String. Hash of the names and contents of the files.
        has_texts: Boolean. Whether text files below the folder are read.
    """

    name = "folder"
    VERSION = tfds.core.Version("2.0.0")  # of the reader: a new one prepares all data again

    def __init__(
        self, *, place, reading, image_size, channels=None, aspect=1, described=False, data_dir=None
    ):
        self.found = find_images(place.folder)
        files = image_files(place.folder, self.found)
        facts = facts_of(place.folder, [path for path, _ in files])
        if place.part:
            chosen = held_out(files, facts, reading.holdout)
            kept = [held == (place.part == "test") for held in chosen]
            files, facts = ([x for x, keep in zip(xs, kept) if keep] for xs in (files, facts))
        self.files, self.facts = files, facts
        self.described = (
            texts(place.folder, [path for path, _ in files]) if described else [{}] * len(files)
        )
        self.has_texts = described
        self.image_size, self.aspect, self.skip_broken = image_size, aspect, reading.skip_broken
        self.channels = channels or (1 if all(fact.gray for fact in facts) else 3)
        self.names = sorted({name for _, name in files if name is not None})
        self.relative = [path.relative_to(place.folder).as_posix() for path, _ in files]
        self.digest = digest_of(self.relative, facts, self.described if described else None)
        keep_digest(self.digest, self.relative, facts, data_dir)
        made = (self.digest, image_size, self.channels, aspect, self.skip_broken, described)
        key = hashlib.sha256(repr(made).encode()).hexdigest()[:16]
        config = tfds.core.BuilderConfig(
            name=f"{key}_{image_size}x{self.channels}", description=str(place.folder)
        )
        super().__init__(config=config, data_dir=data_dir)

    def _info(self):
        size = self.image_size
        shape = (size, size and self.aspect * size, self.channels)
        features = {"image": tfds.features.Image(shape=shape)}
        if self.names:
            features["label"] = tfds.features.ClassLabel(names=self.names)
        features |= {kind: tfds.features.Sequence(tfds.features.Text()) for kind in self.described[0]}
        return self.dataset_info_from_configs(
            description="Images of a folder.",
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "label") if self.names else None,
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        mode = "L" if self.channels == 1 else "RGB"
        broken = []
        for i, ((path, name), said) in enumerate(zip(self.files, self.described)):
            try:
                if self.aspect > 1 and (whole := read_image(path)).width <= whole.height:
                    raise ZooError(
                        f"{path} is {whole.width}×{whole.height}, not a pair side by side. Give a folder "
                        "of such pairs, or train cyclegan, which does not need pairs."
                    )
                image = np.asarray(read_image(path, self.image_size, self.aspect).convert(mode))
            except BrokenImage as error:
                broken.append(str(error))
                continue
            example = {"image": image.reshape(*image.shape[:2], -1), **said}
            yield i, example if name is None else {**example, "label": name}
        if broken and not self.skip_broken:
            raise BrokenImage(_listed(broken), skip_broken=True)
        if broken:
            print(f"warning: {_listed(broken)} They are left out.", file=sys.stderr)


def _listed(broken):
    """Returns one text about the files that cannot be read."""
    rest = len(broken) - 20
    more = f" {rest} other files cannot be read, either." if rest > 0 else ""
    return " ".join(broken[:20]) + more

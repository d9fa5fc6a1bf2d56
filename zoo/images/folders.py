"""A function applied to every image of a folder."""

import pathlib

import numpy as np

from zoo.errors import ZooError
from zoo.images import pixels
from zoo.images.files import image_suffixes, list_images, read_image, save_image


def files_of(source):
    """The pictures that are asked for: a file alone, or those of a folder."""
    if not source:
        raise ZooError("The input is missing: an image or a folder of images.", input="photo.jpg")
    source = pathlib.Path(source).expanduser()
    if not source.exists():
        raise ZooError(f"{source} does not exist. The input is an image or a folder of images.")
    return list_images(source) if source.is_dir() else [source]


def process_files(source, out, process, channels, longest=None):
    """Makes a picture of each picture that is given.

    Args:
        source: a picture file, or a folder of them (and of sub-folders, but not that of the results).
        out: for a file a file; for a folder a folder, where names are kept, as PNG.
        process: a function from and to uint8 [H, W, C].
        channels: C of what it is given, 1 or 3.
        longest: pictures with a longer side are reduced to this; None: as they are.

    Returns:
        The paths written.

    Raises:
        ZooError: nothing to read, a broken file, a folder asked for as a file, a file that is no
            picture's, an output that would take the place of its input.
    """
    files = files_of(source)
    source, out = pathlib.Path(source).expanduser(), pathlib.Path(out).expanduser()
    as_folder = source.is_dir() or out.is_dir() or not out.suffix
    if out.resolve() == source.resolve():
        raise ZooError(f"{out} would be overwritten.", output=...)
    if not as_folder and out.suffix.lower() not in image_suffixes:
        raise ZooError(f"{out} is no picture's name. Use {', '.join(sorted(image_suffixes))}.")
    if out.exists() and as_folder and not out.is_dir():
        raise ZooError(f"{out} is a file, but several images need a folder.", output=...)
    if source.resolve() in out.resolve().parents:  # results of before are no pictures to translate
        files = [path for path in files if out.resolve() not in path.resolve().parents]
    root = source if source.is_dir() else source.parent
    originals = {path.resolve() for path in files}
    written = []
    for path in files:
        picture = read_image(path)
        if longest and max(picture.size) > longest:
            picture.thumbnail((longest, longest))
        result = process(pixels.as_batch(np.asarray(picture), channels)[0])
        target = (out / path.relative_to(root)).with_suffix(".png") if as_folder else out
        if target in written:  # of a picture that differs in its ending alone
            target = target.with_name(f"{path.name}.png")
        if target.resolve() in originals:
            raise ZooError(f"{target} would be overwritten.", output=...)
        save_image(target, result)
        written.append(target)
    return written

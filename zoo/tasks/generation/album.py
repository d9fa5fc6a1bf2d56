"""Albums of trained models: grids, walks and single images."""

import pathlib

import numpy as np

from zoo import paths
from zoo.errors import ZooError, unknown
from zoo.game.priors import Text
from zoo.images import plots
from zoo.images.files import save_animation, save_image
from zoo.images.sheets import there_and_back, tile
from zoo.tasks.inputs import code_traversals, grid_inputs, text_walk, two_stages, walk_inputs


def write_album(trained, out, seed=0, columns=10, images=0, given=None):
    """Writes images of a trained model's samples.

    * `grid.png`: one row per category or caption, if the model has these conditions.
    * `stages.png`: the images of both stages, if the model has two.
    * `text_walk.png` and `text_walk.gif`: from each caption to the next.
    * `<code>_<i>.png` and `.gif`: one continuous condition from low to high.
    * `walk.png` and `walk.gif`: through the noise.
    * `images/`: single images.
    * `scatter.png`: the only file for points.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        out: Path of the folder.
        seed: Integer. Random seed. Defaults to 0.
        columns: Integer. Images per row. Defaults to 10.
        images: Integer. Number of single images. Defaults to 0.
        given: Dict, `{condition: values}`, for single images or for points. "text" applies to all images.

    Returns:
        List of the paths of the files.

    Raises:
        ZooError: The model does not generate, or a condition does not fit.
    """
    given = dict(given or {})
    _check_conditions(trained, given, images)
    album = _Album(trained, pathlib.Path(out), seed)
    if trained.interface["value_range"] is None:
        album.scatter(given)
        return album.written
    conditions = dict(trained.conditions)
    if "text" in given:
        texts = _captions(given["text"], images)
        conditions["text"] = Text(tuple(texts))
        given["text"] = texts[0] if len(texts) == 1 else texts
    album.grid(conditions, columns)
    album.text_walk(conditions, columns)
    if "generate" in trained.signatures:  # an export may leave out the signature that takes noise
        album.traversals(columns)
        album.walk(conditions)
    if images:
        for i, image in enumerate(trained.sample(images, seed=seed, **given)):
            album.write(f"images/{i:05d}.png", save_image, image)
    return album.written


def _check_conditions(trained, given, images):
    """Rejects conditions that a model or an album does not have."""
    for name, setting in {"seed": "seed", "n": "images"}.items():
        if name in given:
            raise ZooError(f"{name} is not a condition, so given cannot contain {name}.", **{setting: ...})
    if "sample" not in trained.signatures:
        raise ZooError(
            f"{trained.name} does not generate images. Its signatures are {', '.join(trained.signatures)}."
        )
    for name in given:
        if name not in trained.conditions:
            raise unknown(f"condition of {trained.name} named", name, trained.conditions or {"none"})
    of_points = trained.interface["value_range"] is None
    if of_points and images:
        raise ZooError(f"{trained.name} generates points, which share one image.", images=0)
    alone = [name for name in given if name != "text"]
    if alone and not images and not of_points:
        raise ZooError(
            f"The conditions {', '.join(alone)} apply to single images, but images is 0.", images=...
        )


def _captions(text, images):
    """Returns captions as a list, one for all images or one per image."""
    texts = [text] if isinstance(text, str) else text
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise ZooError(f"text is given in words, not as {texts!r}.")
    if images and len(texts) not in (1, images):
        raise ZooError(f"{len(texts)} captions do not fit {images} images.", images=len(texts))
    return texts


class _Album:
    """The files of an album.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        out: Path of the folder.
        seed: Integer. Random seed.

    Attributes:
        written: List of the paths of the files.
    """

    def __init__(self, trained, out, seed):
        self.trained, self.out, self.seed = trained, out, seed
        self.written = []

    def write(self, name, function, *arguments):
        """Writes a file by calling `function` with its path and the arguments."""
        path = paths.result(self.out, name)
        function(path, *arguments)
        self.written.append(path)

    def scatter(self, given):
        """Writes a scatter plot of points."""
        points = self.trained.sample(2000, seed=self.seed, **given)
        if points.shape[1] != 2:
            raise ZooError(
                f"{self.trained.name} has points of {points.shape[1]} coordinates, but a plot needs 2."
            )
        self.write("scatter.png", save_image, plots.scatter(None, points))

    def grid(self, conditions, columns):
        """Writes a grid, with one row per value of a category or caption."""
        inputs, width = grid_inputs(conditions, columns, columns, self.seed)
        images = self.trained.sample(**inputs)
        self.write("grid.png", save_image, tile(images, width))
        if "sketch" in self.trained.signatures:
            rough = self.trained.call("sketch", **inputs)["image"]
            self.write("stages.png", save_image, two_stages(rough, images, width))

    def text_walk(self, conditions, columns):
        """Writes a walk from each caption to the next."""
        texts = conditions["text"].examples if "text" in conditions else ()
        if len(texts) > 1 and {"embed", "paint"} <= set(self.trained.signatures):
            frames = text_walk(self.trained, texts, columns, self.seed)
            self.write("text_walk.png", save_image, tile(frames, columns))
            self.write("text_walk.gif", save_animation, [tile(f[None], 1, least=112) for f in frames])

    def traversals(self, columns):
        """Writes the traversal of each continuous condition."""
        for name, rows in code_traversals(self.trained, self.seed, columns).items():
            self.write(f"{name}.png", save_image, tile(np.concatenate(rows), columns))
            frames = [tile(frame, len(frame)) for frame in rows.swapaxes(0, 1)]
            self.write(f"{name}.gif", save_animation, there_and_back(frames))

    def walk(self, conditions):
        """Writes a walk through the noise."""
        priors = {**self.trained.priors, **conditions}
        inputs = walk_inputs(priors, self.trained.interface["noise"], seed=self.seed)
        steps = self.trained.to_pixels(self.trained.generate(**inputs))
        self.write("walk.png", save_image, tile(steps[::4], 15))
        self.write("walk.gif", save_animation, [tile(step[None], 1, least=112) for step in steps])

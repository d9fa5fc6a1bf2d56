"""The album of a trained model: grids, walks and single images."""

import pathlib

import numpy as np

from zoo.errors import ZooError, unknown
from zoo.game.priors import Text
from zoo.images import plots
from zoo.images.files import save_animation, save_image
from zoo.images.sheets import there_and_back, tile
from zoo.tasks.inputs import code_traversals, grid_inputs, text_walk, two_stages, walk_inputs


def write_album(trained, out, seed=0, columns=10, images=0, given=None):
    """Writes what a trained model can do as pictures.

    `grid.png` (a row a category or a text, where there are any), `stages.png` (beside it, what the first of
    two stages made), `text_walk.png` and `.gif` (from each text to the next), `<code>_<i>.png` and `.gif`
    (one continuous condition from low to high), `walk.png` and `walk.gif` (through the noise); with
    `images`, so many single pictures under `images/`. For points: `scatter.png`, and no single pictures.

    Args:
        trained: a `zoo.saved.trained.Trained`.
        out: the folder.
        seed: decides all of them.
        columns: pictures a row.
        images: how many single pictures.
        given: {condition: values} for the single pictures, or for points; texts for all pictures.

    Returns:
        The paths written.

    Raises:
        ZooError: the model does not sample, or a condition does not fit.
    """
    for name, setting in {"seed": "seed", "n": "images"}.items():
        if name in (given or {}):
            raise ZooError(f"{name} is not a condition, so given cannot contain {name}.", **{setting: ...})
    if "sample" not in trained.signatures:
        raise ZooError(f"{trained.name} does not make pictures; it has {', '.join(trained.signatures)}.")
    given, conditions = dict(given or {}), dict(trained.conditions)
    of_points = trained.interface["value_range"] is None
    alone = [name for name in given if name != "text"]
    for name in given:
        if name not in conditions:
            raise unknown(f"condition of {trained.name} named", name, conditions or {"none"})
    if of_points and images:
        raise ZooError(f"{trained.name} generates points, which share one image.", images=0)
    if alone and not images and not of_points:
        raise ZooError(
            f"The conditions {', '.join(alone)} apply to single images, but images is 0.", images=...
        )
    out, written = pathlib.Path(out), []

    def write(name, function, *arguments):
        function(out / name, *arguments)
        written.append(out / name)

    if of_points:
        points = trained.sample(2000, seed=seed, **given)
        if points.shape[1] != 2:
            raise ZooError(f"{trained.name} makes points of {points.shape[1]} dimension(s): no picture.")
        write("scatter.png", save_image, plots.scatter(None, points))
        return written

    def shown(inputs):
        return trained.to_pixels(trained.generate(**inputs))

    if "text" in given:
        texts = [given["text"]] if isinstance(given["text"], str) else given["text"]
        if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
            raise ZooError(f"text is given in words, not as {texts!r}.")
        if images and len(texts) not in (1, images):
            raise ZooError(f"{len(texts)} captions do not fit {images} images.", images=len(texts))
        conditions["text"] = Text(tuple(texts))
        given["text"] = texts[0] if len(texts) == 1 else texts
    inputs, width = grid_inputs(conditions, columns, columns, seed)
    made = trained.sample(**inputs)
    write("grid.png", save_image, tile(made, width))
    if "sketch" in trained.signatures:
        rough = trained.call("sketch", **inputs)["image"]
        write("stages.png", save_image, two_stages(rough, made, width))
    texts = conditions["text"].examples if "text" in conditions else ()
    if len(texts) > 1 and {"embed", "paint"} <= set(trained.signatures):
        frames = text_walk(trained, texts, columns, seed)
        write("text_walk.png", save_image, tile(frames, columns))
        write("text_walk.gif", save_animation, [tile(f[None], 1, least=112) for f in frames])
    if "generate" in trained.signatures:  # an export may leave out what takes the noise itself
        for name, rows in code_traversals(trained, seed, columns).items():
            write(f"{name}.png", save_image, tile(np.concatenate(rows), columns))
            there = [tile(frame, len(frame)) for frame in rows.swapaxes(0, 1)]
            write(f"{name}.gif", save_animation, there_and_back(there))
        steps = shown(walk_inputs({**trained.priors, **conditions}, trained.interface["noise"], seed=seed))
        write("walk.png", save_image, tile(steps[::4], 15))
        write("walk.gif", save_animation, [tile(step[None], 1, least=112) for step in steps])
    if images:
        for i, image in enumerate(trained.sample(images, seed=seed, **given)):
            write(f"images/{i:05d}.png", save_image, image)
    return written

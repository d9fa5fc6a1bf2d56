"""What to ask of a sampler to see what it can do: grids and walks, for any set of priors.

A sampler is a function from {name: values [B, …]} (seed and conditions, or all priors) to
examples; a model in training and a loaded one both are.
"""

import json
import pathlib

import numpy as np
from PIL import Image

from zoo import pictures, pixels
from zoo.errors import ZooError, unknown
from zoo.priors import Categorical, Normal, Text, Uniform


def row_seeds(seed, n):
    """n seeds, int64, of which the first m are the same for every n ≥ m."""
    return np.random.default_rng(seed).integers(2**62, size=n)


def grid(conditions, rows=10, columns=10, seed=0):
    """The inputs of a grid that shows what the conditions do.

    With a category or a text among the conditions a row is a value of it, and a column one seed;
    without, every picture has a seed of its own.

    Args:
        conditions: {name: prior}.
        rows: rows where no category decides how many.
        columns: pictures a row.
        seed: decides everything not shown.

    Returns:
        {"seed": int64 [rows · columns], category: int32 [rows · columns]} and the columns.
    """
    listed = {n: p.listed for n, p in conditions.items() if isinstance(p, (Categorical, Text))}
    if not listed:
        return {"seed": row_seeds(seed, rows * columns)}, columns
    name, values = next(iter(listed.items()))
    if not len(values):
        raise ZooError("Say in words what is wanted: --text=….")
    inputs = {"seed": np.tile(row_seeds(seed, columns), len(values))}
    inputs[name] = np.repeat(values, columns)
    for other, prior in conditions.items():
        if other != name:
            inputs[other] = np.tile(
                _fixed(prior, columns, seed, 1), (len(values),) + (1,) * len(prior.shape)
            )
    return inputs, columns


def _fixed(prior, n, *key):
    rng = np.random.default_rng(key)
    if isinstance(prior, Text):
        if not prior.examples:
            raise ZooError("Say in words what is wanted: --text=….")
        return rng.choice(prior.listed, n)
    if isinstance(prior, Categorical):
        return _category(prior, n, rng)
    if isinstance(prior, Uniform):
        return rng.uniform(prior.low, prior.high, (n, prior.dim)).astype(np.float32)
    return rng.standard_normal((n, prior.dim)).astype(np.float32)


def _category(prior, n, rng):
    if prior.weights is None:
        return rng.integers(prior.classes, size=n).astype(np.int32)
    weights = np.asarray(prior.weights, np.float64)
    return rng.choice(prior.classes, n, p=weights / weights.sum()).astype(np.int32)


def draw(priors, n, seed):
    """n values of every prior, as NumPy."""
    return {name: _fixed(prior, n, seed, i) for i, (name, prior) in enumerate(priors.items())}


def steer(priors, name, dimension, rows=10, columns=10, seed=0):
    """The inputs of a grid in which one continuous prior moves from left to right.

    Each row keeps everything else; a category runs down the rows.

    Returns:
        {prior: values [rows · columns, …]}, for a sampler that takes all priors.
    """
    inputs = {n: v.repeat(columns, 0) for n, v in draw(priors, rows, seed).items()}
    for other, prior in priors.items():
        if isinstance(prior, Categorical):
            inputs[other] = (np.arange(rows) % prior.classes).astype(np.int32).repeat(columns)
    prior = priors[name]
    low, high = (prior.low, prior.high) if isinstance(prior, Uniform) else (-2.0, 2.0)
    inputs[name][:, dimension] = np.tile(np.linspace(low, high, columns), rows)
    return inputs


def codes(trained, seed=0, columns=10):
    """What each continuous condition of a trained model does, from low to high.

    Returns:
        {"<condition>_<i>": uint8 [rows, columns, H, W, C]}; see `steer`.
    """
    found = {}
    for name, prior in trained.conditions.items():
        for i in range(prior.dim if isinstance(prior, (Uniform, Normal)) else 0):
            inputs = steer(trained.priors, name, i, columns, columns, seed)
            images = trained.to_pixels(trained.generate(**inputs))
            found[f"{name}_{i}"] = images.reshape(columns, columns, *images.shape[1:])
    return found


def walk(priors, noise, stops=5, between=12, seed=0):
    """The inputs of a closed walk through the noise, conditions held.

    Normal noise is interpolated on the sphere it concentrates on, uniform noise linearly.

    Returns:
        {prior: values [stops · between, …]}.
    """
    points = draw(priors, stops, seed)
    inputs = {}
    for name, prior in priors.items():
        if name not in noise:
            inputs[name] = np.repeat(points[name][:1], stops * between, 0)
            continue
        parts = []
        for a, b in zip(points[name], np.roll(points[name], -1, 0)):
            t = np.linspace(0, 1, between, endpoint=False)[:, None]
            parts.append((1 - t) * a + t * b if isinstance(prior, Uniform) else slerp(a, b, t))
        inputs[name] = np.concatenate(parts).astype(np.float32)
    return inputs


def text_walk(trained, texts, steps=10, seed=0):
    """From each text to the next, through the embeddings between them, the noise held.

    Args:
        trained: a `zoo.serving.Trained` with the signatures `embed` and `paint`.
        texts: at least two.
        steps: pictures from one to the next, both among them.

    Returns:
        uint8 [(len(texts) − 1) · steps, H, W, C].
    """
    stops = trained.call("embed", text=texts)["embedding"]
    t = np.linspace(0, 1, steps)[:, None]
    path = np.concatenate([(1 - t) * a + t * b for a, b in zip(stops[:-1], stops[1:])])
    noise = {name: trained.priors[name] for name in trained.interface["noise"]}
    held = {name: np.repeat(v, len(path), 0) for name, v in draw(noise, 1, seed).items()}
    return trained.call("paint", embedding=path, **held)["image"]


def two_stages(rough, fine, columns):
    """One picture, a row a text: what the first stage makes, enlarged, left; the second's, right.

    Args:
        rough: uint8 [rows · columns, h, w, C].
        fine: what was made of those, uint8 [rows · columns, H, W, C].
        columns: pictures a row of each.
    """
    stages = pixels.resized(rough, fine.shape[1:3]).numpy(), fine
    sheet = np.concatenate([part.reshape(-1, columns, *part.shape[1:]) for part in stages], 1)
    return pictures.tile(sheet.reshape(-1, *sheet.shape[2:]), 2 * columns)


def slerp(a, b, t):
    """From a to b along the great circle. Shoemake 1985. a, b: [d]; t: [n, 1] in [0, 1]."""
    cosine = np.clip(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)), -1, 1)
    angle = np.arccos(cosine)
    if angle < 1e-4:
        return (1 - t) * a + t * b
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


def translate_files(trained, source, out, direction=None, seed=0, longest=None, beside=False):
    """Translates a picture, or every picture of a folder.

    Args:
        trained: a `zoo.serving.Trained`.
        source, out, longest: as for `process_files`.
        direction: one of `trained.translations`; None: the first.
        seed: decides the noise, where there is any.
        beside: whether the original stands to the left of its translation.

    Returns:
        The paths written.

    Raises:
        ZooError: what `process_files` and `Trained.translate` raise.
    """

    def translated(original):
        result = trained.translate(original, direction, seed)
        return np.concatenate([original, result], axis=1) if beside else result

    return process_files(source, out, translated, trained.interface["x_shape"][-1], longest)


def enlarge_files(trained, source, out, longest=None, beside=False):
    """Enlarges a picture, or every picture of a folder.

    Args:
        trained: a `zoo.serving.Trained`.
        source, out, longest: as for `process_files`.
        beside: whether the original, enlarged bicubically, stands to the left.

    Returns:
        The paths written.

    Raises:
        ZooError: what `process_files` and `Trained.upscale` raise.
    """

    def enlarged(original):
        result = trained.upscale(original)
        if not beside:
            return result
        bicubic = pictures.pillow(original).resize(result.shape[1::-1], Image.Resampling.BICUBIC)
        return np.concatenate([np.asarray(bicubic).reshape(result.shape), result], axis=1)

    return process_files(source, out, enlarged, trained.interface["x_shape"][-1], longest)


def tag_files(trained, source, out, seed=0):
    """Tags a picture, or every picture of a folder.

    Args:
        trained: a `zoo.serving.Trained`.
        source: a picture file, or a folder of them (and of sub-folders).
        out: the folder of `tags.json`, {file: words}.
        seed: decides the draws.

    Returns:
        The paths written.

    Raises:
        ZooError: nothing to read, a broken file.
    """
    from zoo.datasets.folder import builder as folders

    found = {}
    for path in _files(source):
        picture = np.asarray(folders.read(path))
        found[str(path)] = trained.tag(picture, seed)
    target = pathlib.Path(out) / "tags.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return [target]


def _files(source):
    """The pictures that are asked for: a file alone, or those of a folder."""
    from zoo.datasets.folder import builder as folders

    source = pathlib.Path(source).expanduser()
    if not source.exists():
        raise ZooError(f"There is no {source}. --input wants a picture or a folder of pictures.")
    return folders.files(source) if source.is_dir() else [source]


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
    from zoo.datasets.folder import builder as folders

    source, out = pathlib.Path(source).expanduser(), pathlib.Path(out).expanduser()
    files = _files(source)
    as_folder = source.is_dir() or out.is_dir() or not out.suffix
    if out.resolve() == source.resolve():
        raise ZooError(f"{out} would be overwritten. Give another --output.")
    if not as_folder and out.suffix.lower() not in folders.suffixes:
        raise ZooError(f"{out} is no picture's name. Use {', '.join(sorted(folders.suffixes))}.")
    if out.exists() and as_folder and not out.is_dir():
        raise ZooError(f"{out} is a file; several pictures need a folder: --output=FOLDER.")
    if source.resolve() in out.resolve().parents:  # results of before are no pictures to translate
        files = [path for path in files if out.resolve() not in path.resolve().parents]
    root = source if source.is_dir() else source.parent
    originals = {path.resolve() for path in files}
    written = []
    for path in files:
        picture = folders.read(path)
        if longest and max(picture.size) > longest:
            picture.thumbnail((longest, longest))
        result = process(pixels.as_batch(np.asarray(picture), channels)[0])
        target = (out / path.relative_to(root)).with_suffix(".png") if as_folder else out
        if target in written:  # of a picture that differs in its ending alone
            target = target.with_name(f"{path.name}.png")
        if target.resolve() in originals:
            raise ZooError(f"{target} would be overwritten. Give another --output.")
        pictures.save(target, result)
        written.append(target)
    return written


def album(trained, out, seed=0, columns=10, images=0, given=None):
    """Writes what a trained model can do as pictures.

    `grid.png` (a row a category or a text, where there are any), `stages.png` (beside it, what the first of
    two stages made), `text_walk.png` and `.gif` (from each text to the next), `<code>_<i>.png` and `.gif`
    (one continuous condition from low to high), `walk.png` and `walk.gif` (through the noise); with
    `images`, so many single pictures under `images/`. For points: `scatter.png`, and no single pictures.

    Args:
        trained: a `zoo.serving.Trained`.
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
    for name in ("seed", "n"):
        if name in (given or {}):
            raise ZooError(f"--given takes conditions, not {name}: --seed=…, --images=….")
    if "sample" not in trained.signatures:
        raise ZooError(f"{trained.name} does not make pictures; it has {', '.join(trained.signatures)}.")
    given, conditions = dict(given or {}), dict(trained.conditions)
    of_points = trained.interface["value_range"] is None
    alone = [name for name in given if name != "text"]
    for name in given:
        if name not in conditions:
            raise unknown(f"condition of {trained.name} named", name, conditions or {"none"})
    if of_points and images:
        raise ZooError(f"{trained.name} makes points, one picture of all: leave out --images.")
    if alone and not images and not of_points:
        raise ZooError(f"{', '.join(alone)} by --given is for single pictures: --images=….")
    out, written = pathlib.Path(out), []

    def write(name, function, *arguments):
        function(out / name, *arguments)
        written.append(out / name)

    if of_points:
        points = trained.sample(2000, seed=seed, **given)
        if points.shape[1] != 2:
            raise ZooError(f"{trained.name} makes points of {points.shape[1]} dimension(s): no picture.")
        write("scatter.png", pictures.save, pictures.scatter(None, points))
        return written

    def shown(inputs):
        return trained.to_pixels(trained.generate(**inputs))

    if "text" in given:
        texts = [given["text"]] if isinstance(given["text"], str) else given["text"]
        if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
            raise ZooError(f"text is given in words, not as {texts!r}.")
        if images and len(texts) not in (1, images):
            raise ZooError(f"{len(texts)} texts are no words for {images} pictures: --images={len(texts)}.")
        conditions["text"] = Text(tuple(texts))
        given["text"] = texts[0] if len(texts) == 1 else texts
    inputs, width = grid(conditions, columns, columns, seed)
    made = trained.sample(**inputs)
    write("grid.png", pictures.save, pictures.tile(made, width))
    if "sketch" in trained.signatures:
        rough = trained.call("sketch", **inputs)["image"]
        write("stages.png", pictures.save, two_stages(rough, made, width))
    texts = conditions["text"].examples if "text" in conditions else ()
    if len(texts) > 1 and {"embed", "paint"} <= set(trained.signatures):
        frames = text_walk(trained, texts, columns, seed)
        write("text_walk.png", pictures.save, pictures.tile(frames, columns))
        write("text_walk.gif", pictures.animate, [pictures.tile(f[None], 1, least=112) for f in frames])
    if "generate" in trained.signatures:  # an export may leave out what takes the noise itself
        for name, rows in codes(trained, seed, columns).items():
            write(f"{name}.png", pictures.save, pictures.tile(np.concatenate(rows), columns))
            there = [pictures.tile(frame, len(frame)) for frame in rows.swapaxes(0, 1)]
            write(f"{name}.gif", pictures.animate, pictures.there_and_back(there))
        steps = shown(walk({**trained.priors, **conditions}, trained.interface["noise"], seed=seed))
        write("walk.png", pictures.save, pictures.tile(steps[::4], 15))
        write("walk.gif", pictures.animate, [pictures.tile(step[None], 1, least=112) for step in steps])
    if images:
        for i, image in enumerate(trained.sample(images, seed=seed, **given)):
            write(f"images/{i:05d}.png", pictures.save, image)
    return written

"""A loaded model."""

import itertools
import json
import pathlib

import numpy as np
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.game import priors
from zoo.images import pixels
from zoo.saved.card import damage, versions
from zoo.tasks.inputs import row_seeds


def _drawn(prior, seeds, tag):
    """Values of a prior, a row a seed, as `Generative.filled` draws them."""

    @tf.function(autograph=False)
    def rows(seeds):
        spec = tf.TensorSpec(prior.shape, prior.dtype)
        draw = lambda seed: prior.draw(1, tf.stack([seed, tag]))[0]  # noqa: E731
        return tf.map_fn(draw, seeds, fn_output_signature=spec)

    return rows(tf.constant(seeds, tf.int64)).numpy()


class Trained:
    """A trained model: its card, its signatures, and methods that take and return NumPy.

    Attributes:
        name: what it is called.
        version: the path of the SavedModel.
        card: how it was made and what it was measured to do, as plain data.
        signatures: {name: function of named tensors}, as TF Serving offers them.
        priors: what `generate` takes, {name: prior}; empty for models that do not generate.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        try:
            self.card = json.loads((self.folder / "card.json").read_text())
        except (OSError, ValueError) as error:
            raise ZooError(f"The card of {self.folder} cannot be read: {error}") from error
        parts = ("files", "interface", "signatures")
        lost = [p for p in parts if p not in self.card] if isinstance(self.card, dict) else parts
        if lost or not self.card["files"]:
            lost = ", ".join(lost or parts[:1])
            raise ZooError(f"The card of {self.folder} lacks {lost}. Copy it again.")
        # An export that was cut off leaves a version that is newer than the card: the card's one counts.
        newest_first = [self.folder / str(n) for n in sorted(versions(folder), reverse=True)]
        changes = {version: damage(version, self.card) for version in newest_first}
        version = next((v for v, changed in changes.items() if not changed), newest_first[0])
        changed = changes[version]
        if changed:
            raise ZooError(
                f"{version} is damaged: {', '.join(changed)} {'is' if len(changed) == 1 else 'are'} not "
                "what the card says (by SHA-256). Copy it again or export it anew."
            )
        self.version = version
        self.name = self.card.get("name", self.folder.name)
        try:
            self._loaded = tf.saved_model.load(str(version))
        except (OSError, tf.errors.OpError, ValueError, LookupError) as error:
            raise ZooError(
                f"{version} is damaged or incomplete ({str(error).splitlines()[0][:120]}). Copy it "
                "again or export it anew."
            ) from error
        self.signatures = dict(self._loaded.signatures)
        self.interface = self.card["interface"]
        self.priors = priors.restore(self.interface.get("priors", {}))

    def __repr__(self):
        offered = [name for name in self.card["signatures"] if not name.endswith("_bytes")]
        return f"<Trained {self.name}: {', '.join(offered)}>"

    @property
    def conditions(self):
        """What `sample` may be given besides a seed: {name: prior}."""
        noise = self.interface.get("noise", ())
        return {name: prior for name, prior in self.priors.items() if name not in noise}

    def call(self, signature, batch=256, **inputs):
        """Runs a signature in pieces that fit in memory.

        Args:
            signature: its name.
            batch: rows a piece.
            **inputs: arrays that agree in their first axis.

        Returns:
            {output: NumPy array}.

        Raises:
            ZooError: the model has no such signature or input, or an input has the wrong shape.
        """
        if signature not in self.signatures:
            raise unknown(f"signature of {self.name} named", signature, self.signatures)
        described = self.card["signatures"]
        described = {"serving_default": next(iter(described.values())), **described}
        specs = described[signature]["inputs"]
        arrays = {}
        for name, value in inputs.items():
            if name not in specs:
                raise unknown(f"input of {signature} named", name, specs)
            arrays[name] = self._array(name, value, specs[name])
        missing = sorted(set(specs) - set(arrays))
        if missing:
            raise ZooError(f"{signature} of {self.name} also needs {', '.join(missing)}.")
        lengths = {name: len(array) for name, array in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise ZooError(f"The inputs differ in length: {lengths}.")
        n = next(iter(lengths.values()))
        if n == 0:
            raise ZooError("Nothing was asked for: the inputs are empty.")
        parts = [
            self.signatures[signature](**{k: tf.constant(v[i : i + batch]) for k, v in arrays.items()})
            for i in range(0, n, batch)
        ]
        return {k: np.concatenate([part[k].numpy() for part in parts]) for k in parts[0]}

    def _array(self, name, value, spec):
        prior = self.priors.get(name)
        if spec["dtype"] == "string":
            array = np.asarray(value, object)
            if array.ndim != 1 or not all(isinstance(row, (str, bytes)) for row in array):
                raise ZooError(f"{name} must be a list of strings, not {value!r}.")
            # As the shell gave them: bytes that are no UTF-8 are read like letters of no alphabet.
            plain = (r.encode("utf-8", "surrogateescape") if isinstance(r, str) else r for r in array)
            return np.array(list(plain), object)
        try:
            array = np.asarray(value)
            if array.dtype.kind not in "iufb" or (array.dtype.kind == "f" and "int" in spec["dtype"]):
                raise ValueError(f"{array.dtype} is not {spec['dtype']}")
        except ValueError as error:
            raise ZooError(f"{name} must be an array of {spec['dtype']}: {error}.") from error
        if array.ndim != len(spec["shape"]) or any(
            want is not None and have != want for have, want in zip(array.shape, spec["shape"])
        ):
            wanted = "×".join("N" if d is None else str(d) for d in spec["shape"])
            raise ZooError(f"{name} must have shape {wanted}, not {array.shape}.")
        if isinstance(prior, priors.Categorical) and array.size:
            if array.min() < 0 or array.max() >= prior.classes:
                raise ZooError(f"{name} must lie in 0..{prior.classes - 1}, not {array.tolist()}.")
        if array.dtype.kind in "iu" and "int" in spec["dtype"] and array.size:
            least, most = np.iinfo(spec["dtype"]).min, np.iinfo(spec["dtype"]).max
            if array.min() < least or array.max() > most:
                raise ZooError(f"{name} must lie in {least}..{most}, as {spec['dtype']} does.")
        return array.astype(spec["dtype"])

    def sample(self, n=None, seed=0, **conditions):
        """New examples.

        Args:
            n: how many; default: as many as the conditions have rows, or 1.
            seed: a number, or one for each row. The same seed and conditions always give the
                same examples.
            **conditions: values for `conditions`, one row each or one value for all, such as
                label=[3, 7]; those left out are drawn.

        Returns:
            uint8 images [n, H, W, C] (float32 points [n, d] for models of points).

        Raises:
            ZooError: a condition that the model does not have, a value out of range, inputs that
                differ in length, or an n or a seed that is no whole number.
        """
        for name in conditions:
            if name not in self.conditions:
                raise unknown(f"condition of {self.name} named", name, self.conditions or {"none"})
        try:
            rows = {k: np.asarray(v) for k, v in conditions.items()}
        except ValueError as error:
            raise ZooError(f"The rows of a condition differ in length: {error}.") from error
        seeds = np.asarray(seed)
        if seeds.dtype.kind not in "iu" or seeds.ndim > 1 or (seeds.ndim == 0 and seeds < 0):
            raise ZooError(
                f"A seed is a whole number from 0 on, or a list of one for each row, not {seed!r}."
            )
        ranks = {k: len(p.shape) for k, p in self.conditions.items()}
        if n is None:
            lengths = [len(v) for k, v in rows.items() if v.ndim > ranks[k]]
            n = max(lengths, default=seeds.size)
        if not isinstance(n, (int, np.integer)) or n < 1:
            raise ZooError(f"At least one example must be asked for, and a whole number, not {n!r}.")
        inputs = {
            k: np.broadcast_to(v, (n, *v.shape)) if v.ndim == ranks[k] else v for k, v in rows.items()
        }
        if seeds.ndim == 0:
            seeds = row_seeds(int(seed), n)
        if len(seeds) != n:
            raise ZooError(f"{len(seeds)} seeds are given for {n} examples.")
        for tag, (name, prior) in enumerate(self.priors.items()):
            if name in self.conditions and name not in inputs:
                inputs[name] = _drawn(prior, seeds, tag)
        (output,) = self.call("sample", seed=seeds, **inputs).values()
        return output

    @property
    def translations(self):
        """The names of the directions in which the model translates pictures."""
        return self.interface.get("translations", [])

    def translate(self, image, direction=None, seed=0):
        """Pictures of one domain as pictures of another.

        Args:
            image: uint8 [H, W], [H, W, C] or [B, H, W, C], of any size; C may be 1, 3 or 4 (the
                fourth, opacity, is laid on white).
            direction: one of `translations`; default: the first.
            seed: a number, or one a picture. Only models whose noise is their dropout depend on it.

        Returns:
            uint8 [H, W, C], or [B, H, W, C] where a batch was given. Each picture is a function of
            itself and its seed, whatever its neighbours.

        Raises:
            ZooError: a model that does not translate, another direction, not uint8 pictures, or a
                picture too large for the memory.
        """
        if not self.translations:
            raise ZooError(f"{self.name} does not translate; it has {', '.join(self.signatures)}.")
        direction = direction or self.translations[0]
        if direction not in self.translations:
            raise unknown(f"direction of {self.name} named", direction, self.translations)
        batch = pixels.as_batch(image, self.interface["x_shape"][-1])
        height, width = batch.shape[1:3]
        largest, multiple = self.interface["largest_picture"], self.interface.get("multiple", 1)
        padded = -(-height // multiple) * -(-width // multiple) * multiple**2
        if padded > largest:
            shrink = (largest / padded) ** 0.5
            raise ZooError(
                f"A picture of {width}×{height} would take too much memory. Reduce it to "
                f"{int(width * shrink)}×{int(height * shrink)} or less (python -m zoo.sample "
                f"--longest={int(max(height, width) * shrink)})."
            )
        seeds = np.full(len(batch), seed) if np.ndim(seed) == 0 else seed
        noise = {"seed": seeds} if self.interface["noisy"] else {}
        result = self.call(direction, batch=16, image=batch, **noise)["image"]
        return result if np.ndim(image) == 4 else result[0]

    def upscale(self, image, tile=None):
        """Pictures made larger, in tiles that overlap by as much as can reach across an edge: the result
        is that of the whole picture at once, in little memory.

        Args:
            image: uint8 [H, W], [H, W, C] or [B, H, W, C], of any size; C may be 1, 3 or 4 (the
                fourth, opacity, is laid on white).
            tile: the longest side of a tile, in pixels of the small picture; None: 160, but a picture of
                no more than 320×240 pixels is one tile, without the overlaps in a third less time.

        Returns:
            uint8 [scale H, scale W, C], or [B, scale H, scale W, C] where a batch was given.

        Raises:
            ZooError: a model that does not enlarge, not uint8 pictures, or a tile of no size.
        """
        if "upscale" not in self.signatures:
            raise ZooError(f"{self.name} does not enlarge; it has {', '.join(self.signatures)}.")
        batch = pixels.as_batch(image, self.interface["x_shape"][-1])
        n, height, width, channels = batch.shape
        if tile is not None and (not isinstance(tile, (int, np.integer)) or tile < 1):
            raise ZooError(f"A tile has a side of whole pixels, at least 1, not {tile!r}.")
        scale, halo = self.interface["scale"], self.interface["halo"]
        result = np.empty((n, scale * height, scale * width, channels), np.uint8)
        if tile is None:
            tile = max(height, width) if height * width <= 320 * 240 else 160
        high, wide = (-(-side // -(-side // tile)) for side in (height, width))  # alike, and few
        places = itertools.product(range(n), range(0, height, high), range(0, width, wide))
        for picture, y, x in places:
            top, left = max(y - halo, 0), max(x - halo, 0)
            part = batch[picture, None, top : y + high + halo, left : x + wide + halo]
            made = self.call("upscale", image=part)["image"][0, scale * (y - top) :, scale * (x - left) :]
            place = result[picture, scale * y : scale * (y + high), scale * x : scale * (x + wide)]
            place[:] = made[: place.shape[0], : place.shape[1]]
        return result if np.ndim(image) == 4 else result[0]

    def tag(self, image, seed=0):
        """Words for pictures.

        Args:
            image: uint8 [H, W], [H, W, C] or [B, H, W, C], of any size; their centre is seen.
            seed: a number, or one a picture.

        Returns:
            A list of words, the surest first, or a list of such lists where a batch was given.

        Raises:
            ZooError: a model that does not tag, or not uint8 pictures.
        """
        if "tag" not in self.signatures:
            raise ZooError(f"{self.name} does not tag; it has {', '.join(self.signatures)}.")
        side, _, channels = self.interface["x_shape"]
        batch = np.stack([pixels.fitted(x, side, channels) for x in pixels.as_batch(image, channels)])
        seeds = np.full(len(batch), seed) if np.ndim(seed) == 0 else seed
        found = self.call("tag", batch=32, image=batch, seed=seeds)["tag"]
        words = [[word.decode() for word in row] for row in found]
        return words if np.ndim(image) == 4 else words[0]

    def generate(self, **inputs):
        """The generator itself: values of all `priors` to examples, float32, in its own range."""
        (output,) = self.call("generate", **inputs).values()
        return output

    def to_pixels(self, x):
        """What `generate` returns as uint8 pixels; points as they are."""
        if self.interface.get("value_range") is None:
            return x
        low, high = self.interface["value_range"]
        return np.clip(np.round((x - low) * (255 / (high - low))), 0, 255).astype(np.uint8)

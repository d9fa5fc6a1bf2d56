"""Feature maps of the generator, removed."""

import keras
import numpy as np
import tensorflow as tf

from zoo.errors import ZooError
from zoo.evaluate import concepts
from zoo.images import plots
from zoo.images.sheets import tile
from zoo.inspect.subject import hidden_outputs, in_batches, look, over_repeats, require_images
from zoo.tasks.inputs import draw_inputs


class Cuts:
    """Samples of a generator that is cut after each activation, whose maps can be dropped.

    Args:
        subject: A `Subject`.
        n: Integer. Number of samples.
        seed: Integer. Random seed of the samples.

    Attributes:
        maps: List of the shapes of the maps at each cut, `(…, maps)`.
        reading: The `Reading` of the samples.
        objects: Bool array `[n, H, W]`. Pixels that differ from the median color of their image.
    """

    def __init__(self, subject, n, seed):
        self._model, network = subject.model, subject.model.generator
        hidden = hidden_outputs(network)
        self.maps = [h.shape[1:] for h in hidden]
        given = self._model.encode(draw_inputs(self._model.priors, n, seed))
        self._given = [given[x.name] for x in network.inputs]
        self._uppers = [keras.Model(network.inputs, h) for h in hidden]
        # Conditions may join behind a cut.
        self._lowers = [keras.Model([*network.inputs, h], network.output) for h in hidden]
        images = self.samples(np.arange(n))
        self.reading = subject.reader(images)
        self.objects = ~ground(images)

    def _rows(self, which):
        return [tf.gather(values, which) for values in self._given]

    def samples(self, which, cut=0, kept=1.0):
        """Returns samples with the maps at a cut multiplied by factors.

        Args:
            which: Integer array. Indices of the samples.
            cut: Integer. Index of the cut. Defaults to 0.
            kept: Float array `[maps]`. Factors of the maps. Defaults to 1.

        Returns:
            uint8 `[len(which), H, W, C]`.
        """

        def painted(which):
            rows = self._rows(which)
            maps = self._uppers[cut](rows, training=False) * tf.cast(kept, tf.float32)
            return self._model.from_network(self._lowers[cut]([*rows, maps], training=False))

        return in_batches(painted, which).astype(np.uint8)

    def positions(self, cut, which, rng, each=8):
        """Returns the activations at random positions of samples, in and outside of the object.

        Args:
            cut: Integer. Index of the cut.
            which: Integer array. Indices of the samples.
            rng: A NumPy generator.
            each: Integer. Number of positions in the object, and of others, per sample. Defaults to 8.

        Returns:
            Tuple of the activations, float32 `[P, maps]`, the index of the sample of each row, and whether
            the position is in the object. Layers without positions have one row per sample, in the object.
        """
        maps = in_batches(lambda i: self._uppers[cut](self._rows(i), training=False), which)
        if maps.ndim == 2:
            return maps, which, np.ones(len(which), bool)
        inside = np.stack([_reduced(mask, maps.shape[1:3]) for mask in self.objects[which]])
        rows = []
        for i, mask in enumerate(inside.reshape(len(which), -1)):
            for side in (True, False):
                places = rng.permutation(np.flatnonzero(mask == side))[:each]
                rows += [(i, place) for place in places]
        sample, place = np.transpose(rows)
        flat = maps.reshape(len(which), -1, maps.shape[-1])
        return flat[sample, place], which[sample], inside.reshape(len(which), -1)[sample, place]


def ground(images):
    """Returns which pixels are near the median color of their image, bool `[B, H, W]`.

    Args:
        images: uint8 `[B, H, W, C]`.
    """
    return np.abs(images - np.median(images, axis=(1, 2), keepdims=True)).max(-1) < 25


def _reduced(mask, size):
    """Returns which blocks of pixels are `True` in at least half, or in the largest share if none is.

    Args:
        mask: Bool array `[H, W]`.
        size: Pair of the number of rows and columns of blocks.
    """
    rows, columns = (np.array_split(np.arange(side), n) for side, n in zip(mask.shape, size))
    shares = np.array([[mask[np.ix_(r, c)].mean() for c in columns] for r in rows])
    return shares >= min(0.5, max(shares.max(), 1e-9))


@look
def dropping(subject, strengths=(0.0, 0.5), shown=8):
    """Measures the effects of setting the maps of a concept to zero.

    A logistic regression on the activations at single positions separates positions in objects with a
    concept from all others: positions in other objects and on the ground. The maps whose weight exceeds a
    share of the largest are dropped in other samples with the concept. Three shares are measured there:
    samples in which the classifier no longer finds the concept, other factors that stay the same, and the
    change of the ground, which are the pixels near the image's median color. The baseline drops the same
    number of random maps.

    Args:
        subject: A `Subject`.
        strengths: Tuple of floats. Shares of the largest weight. 0 is the paper's. Defaults to `(0.0,
            0.5)`.
        shown: Integer. Number of images per concept. Defaults to 8.

    Reference:
        Radford et al., 2016, section 6.3.1.
    """
    require_images(subject)
    found = {}  # {layer and strength: {factor: the means over its concepts, one a repeat}}
    for repeat in range(subject.repeats):
        cuts = Cuts(subject, 2 * subject.count, subject.seed + repeat)
        rng = np.random.default_rng([subject.seed, repeat])
        for cut, maps in enumerate(cuts.maps):
            losses, panels = measure_losses(cuts, cut, subject.reader, strengths, shown, rng)
            if not repeat:
                subject.save(f"dropping_{cut + 1}.png", plots.panels(panels))
            for strength, by_factor in losses.items():
                shape = "×".join(map(str, maps))
                name = f"layer {cut + 1} ({shape}), weights above {strength:g} of the largest"
                for factor, rows in by_factor.items():
                    found.setdefault(name, {}).setdefault(factor, []).append(_over_concepts(rows))
    return {
        "classifier": subject.reader.name,
        "samples": subject.count,
        "repeats": subject.repeats,
        **{k: {factor: over_repeats(rows) for factor, rows in v.items()} for k, v in found.items()},
    }


def measure_losses(cuts, cut, reader, strengths, shown, rng, least=20, most=100):
    """Measures the effects of dropping the maps of each concept.

    Args:
        cuts: A `Cuts`.
        cut: Integer. Index of the cut.
        reader: A `zoo.evaluate.concepts.Reader`.
        strengths: Tuple of floats. Shares of the largest weight.
        shown: Integer. Number of images per concept.
        rng: A NumPy generator.
        least: Integer. Smallest number of samples of a concept. Defaults to 20.
        most: Integer. Largest number of test samples of a concept. Defaults to 100.

    Returns:
        Tuple of `{strength: {factor: one row per concept}}`, and one panel `[(words, image)]` per factor:
        the whole samples, without the concept's maps, and without random maps.

    Raises:
        ZooError: Too few samples show the concepts.
    """
    n = len(cuts.objects) // 2  # half to learn from, half to try
    activations, sample, inside = cuts.positions(cut, np.arange(n), rng)
    losses, panels = {strength: {"every factor": []} for strength in strengths}, {}
    for factor, value in ((f, v) for f, size in enumerate(reader.sizes) for v in range(size)):
        shows = cuts.reading.having({factor: value})
        learned, tried = shows[shows < n], shows[shows >= n][:most]
        if min(len(learned), len(tried)) < least or len(learned) == n:  # nothing, or nothing else
            continue
        positive = inside & np.isin(sample, learned)
        if positive.all() or not positive.any():
            continue
        weights = concepts.carriers(activations, positive)
        known, whole = cuts.reading.values[tried], cuts.samples(tried)
        for strength in strengths:
            dropped = weights > max(strength * weights.max(), 0)
            without, other = (
                cuts.samples(tried, cut, kept) for kept in (~dropped, rng.permutation(~dropped))
            )
            row = {"maps dropped": dropped.sum(), **_lost(whole, without, known, factor, reader)}
            for what, value_of in _lost(whole, other, known, factor, reader).items():
                row[f"{what} (at random)"] = value_of
            for name in ("every factor", reader.factors[factor]):
                losses[strength].setdefault(name, []).append(row)
            if factor not in panels:
                words = f"without {reader.phrase({factor: value})}: {dropped.sum()} of {len(dropped)} maps"
                sheet = np.concatenate([images[:shown] for images in (whole, without, other)])
                panels[factor] = [(words, tile(sheet, min(shown, len(tried))))]
    if not panels:
        raise ZooError(f"{reader.name} is not certain of any factor in {least} of {n} samples.", count=...)
    return losses, list(panels.values())


def _lost(before, after, known, factor, reader):
    """Returns the differences between images before and after a change, `{name: share}`."""
    same = reader(after).values == known
    others = np.delete(same, factor, axis=1)
    unchanged = ground(before)
    return {
        "concept gone": 1 - same[:, factor].mean(),
        **({"other factors kept": others.mean()} if others.size else {}),
        "change of the ground, of 255": np.abs(np.float32(after) - before).mean(-1)[unchanged].mean(),
    }


def _over_concepts(rows):
    """Returns the mean of each number over rows with equal names."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}

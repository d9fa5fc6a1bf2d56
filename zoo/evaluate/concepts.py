"""Concepts: the contents of images, and their places in a generator's noise or maps.

A concept is a value of a factor, such as the value `red` of `colour`. Factors are numbered in the
classifier's order, values in the order of the data.
"""

import copy
import dataclasses

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from zoo.datasets.shapes import words
from zoo.errors import ZooError
from zoo.images import pixels
from zoo.tasks.inputs import draw_inputs


@dataclasses.dataclass(frozen=True)
class Reading:
    """The factors that a classifier finds in N images.

    Attributes:
        values: Integer array `[N, factors]`. Most probable value of each factor.
        certainty: Float32 array `[N, factors]`. Probability of that value.
    """

    values: np.ndarray
    certainty: np.ndarray

    def having(self, concepts, certain=0.5):
        """Returns the indices of the images that show all of some concepts.

        Args:
            concepts: Dict, `{factor: value}`.
            certain: Float. Smallest probability of each concept. Defaults to 0.5.
        """
        shown = [(self.values[:, f] == v) & (self.certainty[:, f] > certain) for f, v in concepts.items()]
        return np.flatnonzero(np.all(shown, axis=0))


class Reader:
    """A trained classifier as a function from images to concepts.

    Args:
        classifier: A `zoo.saved.trained.Trained` with the signature `read` (`{factor: probabilities}`), or
            `classify`, whose only factor is the label.

    Attributes:
        name: String. Name of the classifier.
        factors: Tuple of strings. Names of the factors.
        sizes: Tuple of integers. Number of values of each factor.

    Raises:
        ZooError: The model is not a classifier.
    """

    _signatures = {"read": {}, "classify": {"probability": "label"}}  # and what outputs are called here

    def __init__(self, classifier):
        self.name, self._classifier = classifier.name, classifier
        offered = [name for name in self._signatures if name in classifier.signatures]
        if not offered:
            raise ZooError(f"{classifier.name} is not a classifier.", classifier=...)
        self._signature = offered[0]
        outputs = classifier.card.signatures[self._signature]["outputs"]
        self._outputs = [name for name in outputs if name != "feature"]
        called = self._signatures[self._signature]
        self.factors = tuple(called.get(name, name) for name in self._outputs)
        self.sizes = tuple(outputs[name]["shape"][-1] for name in self._outputs)

    def about(self, real, most=0.9):
        """Returns a reader of the factors that vary in real images.

        Args:
            real: uint8 `[N, H, W, C]`. Real images.
            most: Float. A factor varies if no value has a larger share of the images. Defaults to 0.9.

        Raises:
            ZooError: All factors are constant.
        """
        values = self(real).values
        kept = [f for f in range(values.shape[1]) if np.bincount(values[:, f]).max() <= most * len(values)]
        if not kept:
            raise ZooError(f"{self.name} reads the same in nearly all real pictures: no concepts.")
        reader = copy.copy(self)
        reader._outputs, reader.factors, reader.sizes = (
            tuple(all_of[f] for f in kept) for all_of in (self._outputs, self.factors, self.sizes)
        )
        return reader

    def __call__(self, images):
        """Returns the `Reading` of images.

        Args:
            images: uint8 `[N, H, W, C]`, of any size.

        Raises:
            ZooError: The classifier takes another number of channels.
        """
        *size, channels = self._classifier.interface["x_shape"]
        if images.shape[-1] != channels:
            raise ZooError(f"{self.name} reads pictures of {channels} channel(s), not {images.shape[-1]}.")
        if list(images.shape[1:3]) != size:
            images = pixels.resized(images, size).numpy()
        found = self._classifier.call(self._signature, image=images)
        probabilities = [found[name] for name in self._outputs]
        return Reading(
            values=np.stack([p.argmax(1) for p in probabilities], 1),
            certainty=np.stack([p.max(1) for p in probabilities], 1),
        )

    def phrase(self, concepts):
        """Returns the words for concepts, `{factor: value}`, such as "red, star, on blue"."""
        called = []
        for factor, value in concepts.items():
            name = self.factors[factor]
            word = words.values[name][value] if name in words.values else str(value)
            called.append(f"on {word}" if name == "ground" else word)
        return ", ".join(called)


class Painter:
    """A generator as a function of one noise vector.

    Args:
        trained: A `zoo.saved.trained.Trained`.

    Raises:
        ZooError: The model has conditions.
    """

    def __init__(self, trained):
        if trained.conditions:
            raise ZooError(
                f"The {' and '.join(trained.conditions)} of {trained.name} decides what it shows, not its "
                "noise. Arithmetic is for models without conditions, such as dcgan_shapes."
            )
        self._trained = trained

    def draw(self, n, seed):
        """Returns noise, float32 `[n, d]`."""
        return np.concatenate(list(draw_inputs(self._trained.priors, n, seed).values()), axis=1)

    def __call__(self, z):
        """Returns images for noise `[n, d]`, uint8 `[n, H, W, C]`."""
        priors = self._trained.priors
        parts = np.split(np.float32(z), np.cumsum([prior.dim for prior in priors.values()])[:-1], axis=1)
        return self._trained.to_pixels(self._trained.generate(**dict(zip(priors, parts))))


@dataclasses.dataclass(frozen=True)
class Equation:
    """An equation a − b + c = asked between concepts, such as smiling woman − woman + man.

    The terms a and b differ in the factor that changes, as do c and the asked concept. If the classifier
    has several factors, a and b share a value of another factor, and c and the asked concept share its
    other value. If it has one factor, b and c are different samples of one concept.

    Attributes:
        terms: Dict, `{"a", "b", "c", "asked": {factor: value}}`. The factor that changes is first.
        members: Dict with the same keys. Indices of samples that show the term, int `[M]`.

    Reference:
        Radford et al., 2016, section 6.3.2.
    """

    terms: dict
    members: dict

    def means(self, z):
        """Returns the mean noise of each term's samples, `{"a", "b", "c", "asked": [d]}`."""
        return {name: z[members].mean(0) for name, members in self.members.items()}


def equations(reading, sizes, members, n, rng):
    """Returns random equations whose terms all have enough samples.

    Args:
        reading: The `Reading` of the samples.
        sizes: Tuple of integers. Number of values of each factor.
        members: Integer. Number of samples per term.
        n: Integer. Number of equations.
        rng: A NumPy generator.

    Returns:
        List of `n` `Equation`.

    Raises:
        ZooError: Too few samples show the concepts.
    """
    found = []
    for _ in range(100 * n):
        changed, *others = rng.permutation(len(sizes))[:2]
        new, old = rng.choice(sizes[changed], 2, replace=False)
        first, second = {}, {}
        for other in others:
            first[other], second[other] = rng.choice(sizes[other], 2, replace=False)
        terms = {
            "a": {changed: new, **first},
            "b": {changed: old, **first},
            "c": {changed: old, **second},
            "asked": {changed: new, **second},
        }
        key = rng.random(len(reading.values))  # the same samples of a concept come first in all its pools
        pools = {name: sorted(reading.having(term), key=key.__getitem__) for name, term in terms.items()}
        if min(map(len, pools.values())) < 2 * members:
            continue
        halves = {"a": 0, "b": 0, "c": members, "asked": members}  # b and c may be of one concept
        found.append(Equation(terms, {k: np.array(pools[k][i : i + members]) for k, i in halves.items()}))
        if len(found) == n:
            return found
    raise ZooError(
        f"The classifier is certain of too few of {len(reading.values)} samples: each concept needs "
        f"{2 * members}. Generate more samples.",
        count=...,
    )


def right(reading, asked):
    """Returns whether images show the asked concepts, bool `[n, factors asked]`.

    Args:
        reading: The `Reading` of n images.
        asked: List of n dicts, `{factor: value}`.
    """
    return np.array([[row[f] == v for f, v in a.items()] for row, a in zip(reading.values, asked)])


def neighbors(result, z, rng, n=8):
    """Returns noise around noise.

    The distance is uniform, ±0.25 for noise in [−1, 1) as in the paper.

    Args:
        result: Array `[m, d]`. The centers.
        z: Array `[N, d]`. Samples of the noise, whose standard deviation scales the distance.
        rng: A NumPy generator.
        n: Integer. Number of neighbors per center. Defaults to 8.

    Returns:
        Array `[m · n, d]`.
    """
    reach = 0.25 * np.sqrt(3) * z.std()  # U(−1, 1) deviates by 1/√3
    return result.repeat(n, 0) + rng.uniform(-reach, reach, (n * len(result), z.shape[1]))


def solved(equations, z, reading, painter, reader, rng):
    """Returns the share of equations whose images show the asked concepts, with baselines.

    Args:
        equations: List of `Equation` with the same number of samples per term.
        z: Array `[N, d]`. Noise of the samples.
        reading: The `Reading` of the samples.
        painter: A `Painter`.
        reader: A `Reader`.
        rng: A NumPy generator.

    Returns:
        Dict, `{name: share of the equations}`.
    """
    a, b, c, ideal = (np.stack(terms) for terms in zip(*(e.means(z).values() for e in equations)))
    members = len(equations[0].members["a"])
    here, there = z[rng.integers(len(z), size=(2, len(equations), members))].mean(2)
    asked = [e.terms["asked"] for e in equations]

    def shown(noise):
        return right(reader(painter(noise)), asked)

    result = a - b + c
    found = shown(result)
    around = reader(painter(neighbors(result, z, rng)))
    changed = np.array([next(iter(concepts)) for concepts in asked])
    return {
        "right": found.all(1).mean(),
        "neighbours right": right(around, np.repeat(asked, 8)).all(1).mean(),
        "a sample at random": np.mean([len(reading.having(c, certain=0)) for c in asked]) / len(z),
        "c as it is": shown(c).all(1).mean(),
        "c and a step at random": shown(c + here - there).all(1).mean(),
        "a mean of samples that show it": shown(ideal).all(1).mean(),
        "the factor to change": found[:, 0].mean(),
        **({"the factor to keep": found[:, 1].mean()} if found.shape[1] > 1 else {}),
        **{
            f"right where {name} changes": found[changed == f].all(1).mean()
            for f, name in enumerate(reader.factors)
            if np.any(changed == f)
        },
    }


def carriers(activations, shows):
    """Returns the weight of each map in a logistic regression of a concept.

    Args:
        activations: Array `[N, maps]`. Activations at N positions of images.
        shows: Bool array `[N]`. Whether the positions show the concept.

    Returns:
        Float array `[maps]`, for activations of unit variance.
    """
    machine = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced"))
    return machine.fit(activations, shows)[-1].coef_[0]

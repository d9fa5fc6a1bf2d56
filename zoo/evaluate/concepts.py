"""Concepts: what a judge reads in pictures, and where a generator carries it, in its noise or its maps.

A concept is a value of a factor: of `colour`, say, `red`. Factors are numbered as the judge lists them,
values as the data number them.
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
    """What a judge reads in N pictures.

    Attributes:
        values: the most probable value of each factor, int [N, factors].
        certainty: its probability, float32 [N, factors].
    """

    values: np.ndarray
    certainty: np.ndarray

    def having(self, concepts, certain=0.5):
        """The pictures that show all of these concepts, {factor: value}, each with more than this
        probability: their indices, int [M]."""
        shown = [(self.values[:, f] == v) & (self.certainty[:, f] > certain) for f, v in concepts.items()]
        return np.flatnonzero(np.all(shown, axis=0))


class Reader:
    """A trained judge that is asked for concepts.

    Args:
        judge: a `zoo.saved.trained.Trained` with the signature `read`, {factor: probabilities}, or
            `classify`, whose one factor is the label.

    Attributes:
        name: the judge's.
        factors: the names of what it reads.
        sizes: how many values each has.

    Raises:
        ZooError: the judge has neither.
    """

    _signatures = {"read": {}, "classify": {"probability": "label"}}  # and what outputs are called here

    def __init__(self, judge):
        self.name, self._judge = judge.name, judge
        offered = [name for name in self._signatures if name in judge.signatures]
        if not offered:
            raise ZooError(f"{judge.name} is not a classifier.", classifier=...)
        self._signature = offered[0]
        outputs = judge.card.signatures[self._signature]["outputs"]
        self._outputs = [name for name in outputs if name != "feature"]
        called = self._signatures[self._signature]
        self.factors = tuple(called.get(name, name) for name in self._outputs)
        self.sizes = tuple(outputs[name]["shape"][-1] for name in self._outputs)

    def about(self, real, most=0.9):
        """A reader of those factors alone that vary: of which no value is read in more than a share `most`
        of these real pictures. What is in all of them is no concept to add or take away.

        Raises:
            ZooError: none varies.
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
        """The `Reading` of pictures of any size, uint8 [N, H, W, C].

        Raises:
            ZooError: the judge sees another number of channels.
        """
        *size, channels = self._judge.interface["x_shape"]
        if images.shape[-1] != channels:
            raise ZooError(f"{self.name} reads pictures of {channels} channel(s), not {images.shape[-1]}.")
        if list(images.shape[1:3]) != size:
            images = pixels.resized(images, size).numpy()
        found = self._judge.call(self._signature, image=images)
        probabilities = [found[name] for name in self._outputs]
        return Reading(
            values=np.stack([p.argmax(1) for p in probabilities], 1),
            certainty=np.stack([p.max(1) for p in probabilities], 1),
        )

    def phrase(self, concepts):
        """What people call {factor: value}: "red, star, on blue"."""
        called = []
        for factor, value in concepts.items():
            name = self.factors[factor]
            word = words.values[name][value] if name in words.values else str(value)
            called.append(f"on {word}" if name == "ground" else word)
        return ", ".join(called)


class Painter:
    """A generator as a function of one vector of noise.

    Args:
        trained: a `zoo.saved.trained.Trained`.

    Raises:
        ZooError: it has conditions besides its noise.
    """

    def __init__(self, trained):
        if trained.conditions:
            raise ZooError(
                f"The {' and '.join(trained.conditions)} of {trained.name} decides what it shows, not its "
                "noise. Arithmetic is for models without conditions, such as dcgan_shapes."
            )
        self._trained = trained

    def draw(self, n, seed):
        """Noise, float32 [n, d]."""
        return np.concatenate(list(draw_inputs(self._trained.priors, n, seed).values()), axis=1)

    def __call__(self, z):
        """Pictures of noise [n, d]: uint8 [n, H, W, C]."""
        priors = self._trained.priors
        parts = np.split(np.float32(z), np.cumsum([prior.dim for prior in priors.values()])[:-1], axis=1)
        return self._trained.to_pixels(self._trained.generate(**dict(zip(priors, parts))))


@dataclasses.dataclass(frozen=True)
class Equation:
    """a − b + c = asked. Radford et al. 2016, §6.3.2: a smiling woman, less a woman, and a man.

    a and b differ in the factor that is to change, and so do c and what is asked. Where the judge reads
    several factors, a and b share a value of another one, and c and what is asked its other value. Where
    it reads one, b and c are different samples of one concept, and the question is whether the step from
    b to a leads others of b's kind there too.

    Attributes:
        terms: {"a", "b", "c", "asked": {factor: value}}, the factor that changes first.
        members: {the same: indices of samples that show it, int [M]}.
    """

    terms: dict
    members: dict

    def means(self, z):
        """The mean noise of each term's samples: {"a", "b", "c", "asked": [d]}."""
        return {name: z[members].mean(0) for name, members in self.members.items()}


def equations(reading, sizes, members, n, rng):
    """Random equations whose terms all have enough samples.

    Args:
        reading: of the samples.
        sizes: how many values each factor has.
        members: samples a term.
        n: how many equations.
        rng: a NumPy generator.

    Returns:
        n of `Equation`.

    Raises:
        ZooError: too few samples show what they should.
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
    """Whether pictures show what was asked: bool [n, factors asked].

    Args:
        reading: of n pictures.
        asked: n times {factor: value}.
    """
    return np.array([[row[f] == v for f, v in a.items()] for row, a in zip(reading.values, asked)])


def neighbours(result, z, rng, n=8):
    """Noise around noise, in the reach of the paper: uniform, ±0.25 where noise lies in [−1, 1).

    Args:
        result: what it is around, [m, d].
        z: draws of the noise, for its deviation, [N, d].
        rng: a NumPy generator.
        n: neighbours each.

    Returns:
        [m · n, d].
    """
    reach = 0.25 * np.sqrt(3) * z.std()  # U(−1, 1) deviates by 1/√3
    return result.repeat(n, 0) + rng.uniform(-reach, reach, (n * len(result), z.shape[1]))


def solved(equations, z, reading, painter, reader, rng):
    """How often pictures of results show what was asked, beside what says how much that is.

    Args:
        equations: of equally many samples a term.
        z: noise of the samples, [N, d]; `reading` is theirs.
        painter, reader: a `Painter` and a `Reader`.
        rng: a NumPy generator.

    Returns:
        {what: share of the equations}.
    """
    a, b, c, ideal = (np.stack(terms) for terms in zip(*(e.means(z).values() for e in equations)))
    members = len(equations[0].members["a"])
    here, there = z[rng.integers(len(z), size=(2, len(equations), members))].mean(2)
    asked = [e.terms["asked"] for e in equations]

    def shown(noise):
        return right(reader(painter(noise)), asked)

    result = a - b + c
    found = shown(result)
    around = reader(painter(neighbours(result, z, rng)))
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
    """How much each map tells of a concept: the weights of a logistic regression.

    Args:
        activations: each map's mean over the picture, [N, maps].
        shows: whether the pictures show the concept, bool [N].

    Returns:
        float [maps], for activations of unit variance.
    """
    machine = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced"))
    return machine.fit(activations, shows)[-1].coef_[0]

"""What people would say of a scene: captions of several phrasings, and tags as users give them."""

import re

import numpy as np

from zoo.datasets.shapes import scenes as s

synonyms = {
    "circle": ("circle", "disc", "round shape"),
    "square": ("square", "box", "block"),
    "triangle": ("triangle", "three-sided shape", "wedge"),
    "star": ("star", "five-pointed star"),
    "heart": ("heart", "love heart"),
    "cross": ("cross", "plus sign", "plus"),
    "red": ("red", "crimson", "scarlet"),
    "orange": ("orange", "tangerine"),
    "yellow": ("yellow", "golden"),
    "green": ("green", "emerald"),
    "blue": ("blue", "azure"),
    "purple": ("purple", "violet"),
    "pink": ("pink", "rose-coloured"),
    "small": ("small", "little", "tiny"),
    "medium": ("medium", "medium-sized", "mid-sized"),
    "large": ("large", "big", "huge"),
    "plain": ("plain", "solid"),
    "striped": ("striped", "banded"),
    "dotted": ("dotted", "spotted"),
    "checked": ("checked", "chequered"),
    "top": ("top", "upper"),
    "middle": ("middle",),
    "bottom": ("bottom", "lower"),
}
_templates = (  # what stands in brackets goes with its factor
    "a[ {size}][ {texture}][ {colour}] {kind}[ at the {place}][ on a {ground} ground]",
    "there is a[ {size}][ {colour}] {kind}[, {texture},][ at the {place}][ on a {ground} background]",
    "this picture shows a[ {texture}][ {colour}] {kind}[ that is {size}][, on {ground}][, {place}]",
    "[{ground} ground with ]a[ {size}][ {colour}][ {texture}] {kind}[ at the {place}]",
    "[on a {ground} ground, ][{place}: ]a {kind}[, {size}][, {colour}][, {texture}]",
    "a[ {colour}] {kind}[, {size}][, {texture}][, on {ground}][, at the {place}]",
)
complete = 3  # of five captions
values = {
    "kind": s.kinds,
    "colour": tuple(s.colours),
    "size": tuple(s.sizes),
    "texture": s.textures,
    "place": s.places,
    "ground": tuple(s.grounds),
}
extra_tags = ("art", "design", "geometry", "nice", "picture", "abstract", "2d", "shape")


def captions(scene, index, n=5):
    """n captions of a scene of one object, in different phrasings, all true: ([caption], [whether it names
    each factor]), in the order of `values`.

    The first `complete` name every factor. As people do, the others leave out each but the shape with
    probability ½.
    """
    rng = np.random.default_rng([0xCA, index])
    names = factors(scene)
    written, named = [], []
    for i, template in enumerate(rng.permutation(len(_templates))[:n]):
        words = {k: rng.choice(synonyms.get(v, (v,))) for k, v in names.items() if k != "ground"}
        row, column = names["place"].split()
        words["ground"] = names["ground"]
        words["place"] = f"{rng.choice(synonyms[row])} {column}"
        told = {k: k == "kind" or i < complete or rng.random() < 0.5 for k in values}
        written.append(_written(_templates[template], words, told))
        named.append(list(told.values()))
    return written, named


def _written(template, words, told):
    """A template with its words, without what is not told."""

    def part(found):
        return found[1] if told[re.search(r"{(\w+)}", found[1])[1]] else ""

    caption = re.sub(r"\[(.*?)\]", part, template).format(**words).rstrip(",")
    return re.sub(r"\ba (?=[aeiou])", "an ", caption)


def tags(scene, index):
    """Tags as users give them: synonyms, some left out, now and then one that says nothing."""
    rng = np.random.default_rng([0x7A, index])
    names = factors(scene)
    given = [
        str(rng.choice(synonyms.get(names[k], (names[k],))))
        for k in ("kind", "colour", "size", "texture")
        if rng.random() < (0.9 if k in ("kind", "colour") else 0.5)
    ]
    if rng.random() < 0.5:
        given.append(names["ground"] + " background")
    if rng.random() < 0.3:
        given.append(str(rng.choice(extra_tags)))
    return [str(t) for t in rng.permutation(given)] if given else []


def factors(scene):
    """The names of a one-object scene's factors: {"kind": "circle", …}."""
    numbers = {name: np.ravel(getattr(scene, name))[0] for name in values}
    return {name: values[name][number] for name, number in numbers.items()}

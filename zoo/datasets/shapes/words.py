"""Captions and tags of scenes."""

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
    """Returns captions of a scene of one object, in different phrasings.

    The first `complete` captions name every factor. The others omit each factor except the shape with
    probability ½.

    Args:
        scene: A `Scenes` of one scene.
        index: Integer. Random seed.
        n: Integer. Number of captions. Defaults to 5.

    Returns:
        Tuple of the list of captions, and a list of whether each caption names each factor, in the order of
        `values`.
    """
    rng = np.random.default_rng([0xCA, index])
    names = factors(scene)
    written, named = [], []
    for i, template in enumerate(rng.permutation(len(_templates))[:n]):
        words = {k: rng.choice(synonyms.get(v, (v,))) for k, v in names.items() if k != "ground"}
        row, column = names["place"].split()
        words["ground"] = names["ground"]
        words["place"] = f"{rng.choice(synonyms[row])} {column}"
        kept = {k: k == "kind" or i < complete or rng.random() < 0.5 for k in values}
        written.append(_written(_templates[template], words, kept))
        named.append(list(kept.values()))
    return written, named


def _written(template, words, kept):
    """Returns a template with its words, without the parts that `kept` omits."""

    def part(found):
        return found[1] if kept[re.search(r"{(\w+)}", found[1])[1]] else ""

    caption = re.sub(r"\[(.*?)\]", part, template).format(**words).rstrip(",")
    return re.sub(r"\ba (?=[aeiou])", "an ", caption)


def tags(scene, index):
    """Returns the tags of a scene, as users give them.

    They are synonyms of some factors, and sometimes an uninformative tag.

    Args:
        scene: A `Scenes` of one scene.
        index: Integer. Random seed.
    """
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
    """Returns the factors of a scene of one object, such as `{"kind": "circle", …}`."""
    numbers = {name: np.ravel(getattr(scene, name))[0] for name in values}
    return {name: values[name][number] for name, number in numbers.items()}

"""`shapes`: synthetic scenes of known factors. No download."""

import dataclasses
import io

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

from zoo.datasets.shapes import scenes, words


@dataclasses.dataclass
class Drawn(tfds.core.BuilderConfig):
    """Scenes of one kind and size.

    Args:
        kind: String. One of `Builder.kinds`.
        size: Integer. Side of the images in pixels. Defaults to 64.
    """

    kind: str = ""
    size: int = 64


def held_out(drawn):
    """Returns whether each scene has a held-out pair of shape and color, bool `[B]`.

    There are six such pairs. Every shape has six colors in training, and every color at least five shapes.
    """
    return (2 * drawn.kind[:, 0] + drawn.colour[:, 0]) % 7 == 3


def _png(pixels):
    """Encodes an image as PNG, faster than TFDS."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "png", compress_level=1)
    return file.getvalue()


class Builder(tfds.core.GeneratorBasedBuilder):
    """Scenes of known factors, in any size. Each is a function of its index.

    Configs, each `<name>` (64 pixels) or `<name>_<pixels>`:

    * `class`: one textured object on a ground, labeled by its shape `kind`, with all factors by name.
    * `aligned`: the same with one large plain object, upright and centered, as aligned faces are.
    * `captions`: as `class`, with five captions (the last two are incomplete), `named` (the factors that
      each caption names) and tags. "train" and "test" lack six pairs of shape and color. "held_out" has
      only these pairs.
    * `segmentation`: several objects in one of three styles, with style and shape of each pixel.
    * `paired`: images of a label map (left) and its scene (right).
    * `unpaired`: paper cut-outs (splits trainA, testA) and neon tubes (trainB, testB). trainA and trainB
      have different scenes. The i-th images of testA and testB show the same scene, for evaluation.
    * `counterparts`: the scenes of trainA and testA as pairs, paper left and neon right.

    The last three have the true segmentation of their scenes, with 0 for the ground, for evaluation.
    """

    name = "shapes"
    VERSION = tfds.core.Version("1.2.0")
    kinds = ("class", "aligned", "captions", "segmentation", "paired", "unpaired", "counterparts")
    BUILDER_CONFIGS = [Drawn(name=kind, kind=kind) for kind in kinds]
    labeled_styles = ("paper", "neon", "toys")

    @classmethod
    def at_size(cls, config, size):
        """Returns a config with images of another size."""
        return Drawn(name=f"{config}_{size}", kind=config, size=size)

    def _info(self):
        kind, size = self.builder_config.kind, self.builder_config.size
        picture = tfds.features.Image(shape=(size, size, 3))
        pair = tfds.features.Image(shape=(size, 2 * size, 3))
        what = ("ground", *scenes.kinds)
        named = [f"{style} {k}" for style in self.labeled_styles for k in what]

        def labeled(names):
            return tfds.features.LabeledImage(labels=list(names), shape=(size, size, 1))

        factors = {
            "kind": tfds.features.ClassLabel(names=list(scenes.kinds)),
            "colour": tfds.features.ClassLabel(names=list(scenes.colours)),
            "size": tfds.features.ClassLabel(names=list(scenes.sizes)),
            "texture": tfds.features.ClassLabel(names=list(scenes.textures)),
            "place": tfds.features.ClassLabel(names=list(scenes.places)),
            "ground": tfds.features.ClassLabel(names=list(scenes.grounds)),
        }
        text = tfds.features.Sequence(tfds.features.Text())
        naming = tfds.features.Tensor(shape=(None, len(factors)), dtype=np.bool_)
        features = {
            "class": {"image": picture, **factors},
            "aligned": {"image": picture, **factors},
            "captions": {"image": picture, **factors, "captions": text, "named": naming, "tags": text},
            "segmentation": {"image": picture, "segmentation": labeled(named)},
            "paired": {"image": pair, "segmentation": labeled(what)},
            "unpaired": {"image": picture, "segmentation": labeled(what)},
            "counterparts": {"image": pair, "segmentation": labeled(what)},
        }[kind]
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("image", "kind" if "kind" in features else "segmentation"),
            disable_shuffling=True,  # scenes of neighbouring indices have nothing in common
        )

    def _split_generators(self, dl_manager):
        kind = self.builder_config.kind
        if kind in ("class", "aligned", "captions"):
            draw = self._described
            # `class` trains the classifier of the others' models: it has three times as many.
            splits = {"train": (30_000 if kind == "class" else 10_000, {}), "test": (2_000, {})}
            if kind == "captions":
                splits["held_out"] = (2_000, {"only_held_out": True})
        elif kind == "segmentation":
            draw = self._segmented
            splits = {"train": (6_000, {}), "test": (800, {})}
        elif kind == "unpaired":
            draw = self._styled
            splits = {
                f"{split}{domain}": (count, {"shown": (style,)})
                for split, count in (("train", 2_000), ("test", 400))
                for domain, style in (("A", "paper"), ("B", "neon"))
            }
        else:
            draw = self._styled
            shown = {"paired": ("map", "toys"), "counterparts": ("paper", "neon")}[kind]
            splits = {"train": (2_000, {"shown": shown}), "test": (400, {"shown": shown})}
        # Each stream of scenes is for one kind of split: none of them shares a scene with another.
        streams = {"train": 0, "trainA": 0, "test": 1, "testA": 1, "testB": 1, "trainB": 2, "held_out": 3}
        return {
            name: self._generate_examples(draw, streams[name], count, **options)
            for name, (count, options) in splits.items()
        }

    def _generate_examples(self, draw, stream, count, **options):
        return draw(stream, count, **options)

    def _chunks(self, make, stream, count, keep=lambda drawn: np.ones(len(drawn), bool)):
        """Yields the first `count` scenes of a stream that satisfy `keep`, as `(indices, scenes)`."""
        start = found = 0
        while found < count:
            indices = np.arange(start, start + 16)
            start += 16
            drawn = make(indices, stream)
            which = np.flatnonzero(keep(drawn))[: count - found]
            found += len(which)
            if len(which):
                yield indices[which], drawn[which]

    def _described(self, stream, count, only_held_out=False):
        with_words = self.builder_config.kind == "captions"
        make = scenes.aligned if self.builder_config.kind == "aligned" else scenes.single

        def keep(drawn):
            return held_out(drawn) == only_held_out if with_words else np.ones(len(drawn), bool)

        for indices, drawn in self._chunks(make, stream, count, keep):
            for i, image in enumerate(scenes.draw(drawn, self.builder_config.size)):
                named = words.factors(drawn[i])
                example = {"image": _png(image), **named}
                if with_words:
                    index = int(indices[i])
                    example["captions"], example["named"] = words.captions(drawn[i], index)
                    example["tags"] = words.tags(drawn[i], index)
                yield int(indices[i]), example

    def _segmented(self, stream, count):
        size, classes = self.builder_config.size, 1 + len(scenes.kinds)
        for indices, drawn in self._chunks(scenes.several, 16 + stream, count):
            labels = scenes.segmentation(drawn, size)
            for s, style in enumerate(self.labeled_styles):
                which = indices % len(self.labeled_styles) == s
                images = scenes.draw(drawn[which], size, style)
                named = labels[which] + np.uint8(s * classes)
                for index, image, label in zip(indices[which], images, named):
                    yield int(index), {"image": _png(image), "segmentation": _png(label)}

    def _styled(self, stream, count, shown):
        size = self.builder_config.size
        for indices, drawn in self._chunks(scenes.several, stream, count):
            images = np.concatenate([scenes.draw(drawn, size, style) for style in shown], axis=2)
            labels = scenes.segmentation(drawn, size)
            for index, image, label in zip(indices, images, labels):
                yield int(index), {"image": _png(image), "segmentation": _png(label)}

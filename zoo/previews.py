"""What a training shows of itself each period: the same request, answered by what was learned so far.

A preview has `draw(step)`, which returns a picture (uint8 [H, W, C], or None) and how much the
generator's answers vary, over how much the data does.
"""

import functools

import numpy as np
import tensorflow as tf

from zoo import pictures, pixels, sampling
from zoo.enlargement import Enlarger
from zoo.generative import Generative
from zoo.models.selfcond import SelfConditionedGAN
from zoo.models.stackgan import StackGAN
from zoo.models.tagcgan import TagCGAN
from zoo.priors import Text
from zoo.texts import captions_of
from zoo.translation import Translator


def variation(x, groups=None):
    """The mean standard deviation of a pixel (or coordinate), within groups where there are any."""
    x = np.asarray(x, np.float32)
    parts = [x] if groups is None else [x[groups == g] for g in np.unique(groups)]
    return float(np.mean([part.std(0).mean() for part in parts])) + 1e-9


class Nothing:
    """Of a model that makes no pictures."""

    def draw(self, step):
        return None, 1.0


@functools.singledispatch
def preview(model, data):
    """The preview of a model on its data."""
    return Nothing()


class Samples:
    """What a generator makes of fixed seeds: a grid, or points among the data's."""

    def __init__(self, model, data):
        self.model = model
        x, y = data.arrays(0, 4000)
        self.real = x
        if data.is_pictures:
            conditions = dict(model.conditions())
            if isinstance(conditions.get("text"), Text) and not conditions["text"].examples:
                said = captions_of(data.columns(0, 6))[:, 0]  # nobody says which texts to show
                conditions["text"] = Text(tuple(text.decode(errors="replace") for text in said))
            inputs, self.columns = sampling.grid(conditions)
        else:
            inputs, self.columns = {"seed": sampling.row_seeds(0, 2000)}, None
        self.inputs = {k: tf.constant(v) for k, v in inputs.items()}
        self.sample = tf.function(model.sample, autograph=False)
        self.reference = variation(x, y if "label" in inputs else None)

    def draw(self, step):
        fake = self.sample(**self.inputs).numpy()
        labels = self.inputs["label"].numpy() if "label" in self.inputs else None
        return self._picture(fake), variation(fake, labels) / self.reference

    def _picture(self, fake):
        if self.columns:
            return pictures.tile(fake, self.columns)
        if fake.shape[1] == 2:
            return pictures.scatter(self.real, fake)
        real, centre = self.real[:, 0], self.real.mean()
        reach = 6 * self.real.std()
        x = np.linspace(centre - reach, centre + reach, 200, dtype=np.float32)
        verdicts = self.model.score(x[:, None]).numpy()[:, 0]
        z = np.sort(sampling.draw(self.model.priors, 24, 0)["z"], 0)
        mapped = self.model.generate({"z": tf.constant(z)}).numpy()[:, 0]
        return pictures.densities(real, fake[:, 0], x, verdicts, z[:, 0], mapped)


class Gallery(Samples):
    """A row a cluster: real pictures that D puts in it, left, and generated ones, right."""

    def _picture(self, fake):
        if not self.columns:
            return super()._picture(fake)
        batches = np.array_split(self.real, -(-len(self.real) // 500))
        owner = np.concatenate([self.model.cluster(self.model.to_network(x)) for x in batches])
        rows = fake.reshape(-1, self.columns, *fake.shape[1:])
        sheet = np.full((len(rows), 2 * self.columns, *fake.shape[1:]), 255, np.uint8)
        sheet[:, self.columns :] = rows
        for row, cluster in zip(sheet, range(len(rows))):
            members = self.real[owner == cluster][: self.columns]
            row[: len(members)] = members
        return pictures.tile(sheet.reshape(-1, *fake.shape[1:]), 2 * self.columns)


class Stacked(Samples):
    """A row a text: what the first stage makes, left, and what the second makes of it, right."""

    def __init__(self, model, data):
        super().__init__(model, data)
        self.sketch = tf.function(model.sketch, autograph=False)

    def draw(self, step):
        stages = [draw(**self.inputs).numpy() for draw in (self.sketch, self.sample)]
        shown = sampling.two_stages(*stages, self.columns)
        rough, fine = stages
        return shown, variation(fine if self.model.stage else rough) / self.reference


class Translations:
    """Eight pictures a direction: the original, its translation, and back again or what was wanted."""

    shown = 8

    def __init__(self, model, data):
        columns = data.columns(0, self.shown)
        self.sources = {"a_to_b": columns["a"], "b_to_a": columns["b"]}
        self.reference = {"a_to_b": variation(columns["b"]), "b_to_a": variation(columns["a"])}
        self.translate = {
            name: tf.function(functools.partial(model.translate, name=name), autograph=False)
            for name in model.translations
        }
        self.seeds = tf.range(self.shown, dtype=tf.int64)

    def draw(self, step):
        rows, ratios = [], []
        for name, translate in self.translate.items():
            source = self.sources[name]
            seeds = self.seeds[: len(source)]
            there = translate(source, seed=seeds).numpy()
            back = self.translate.get("_to_".join(reversed(name.split("_to_"))))
            wanted = self.sources["b_to_a"] if back is None else back(there, seed=seeds).numpy()
            rows.append(np.stack([source, there, wanted]))
            ratios.append(variation(there) / self.reference[name])
        sheet = np.concatenate(rows)  # [3 rows a direction, shown, H, W, C]
        return pictures.tile(sheet.reshape(-1, *sheet.shape[2:]), sheet.shape[1]), min(ratios)


class Enlargements:
    """Centres of pictures: made small and enlarged bicubically, enlarged by the generator, as they were."""

    shown = 8

    def __init__(self, model, data):
        self.sharp = data.columns(0, self.shown)["x"]
        self.small = model.reduce(self.sharp)
        self.bicubic = pixels.resized(self.small, self.sharp.shape[1:3]).numpy()
        self.upscale = tf.function(model.upscale, autograph=False)

    def draw(self, step):
        made = self.upscale(self.small).numpy()
        sheet = np.concatenate([self.bicubic, made, self.sharp])
        return pictures.tile(sheet, len(made)), variation(made) / variation(self.sharp)


class Tagged:
    """Pictures, the tags that users gave them, and those that the model gives."""

    shown = 8

    def __init__(self, model, data):
        columns = data.columns(0, self.shown)
        self.images = columns["x"]
        given = [", ".join(tag.decode() for tag in tags if tag) for tags in columns["tags"]]
        self.columns = {"User tags": given, "Generated tags": None}
        self.model, self.tags = model, tf.function(model.tags, autograph=False)

    def draw(self, step):
        best, _ = self.tags(self.images, tf.range(len(self.images), dtype=tf.int64))
        self.columns["Generated tags"] = [", ".join(self.model.words.words[i] for i in row) for row in best]
        return pictures.table(self.images, self.columns), 1.0


preview.register(Enlarger, Enlargements)
preview.register(Generative, Samples)
preview.register(SelfConditionedGAN, Gallery)
preview.register(StackGAN, Stacked)
preview.register(TagCGAN, Tagged)
preview.register(Translator, Translations)

"""Protocols: what is asked of a trained model, and the records that come of it.

A protocol is a function of a `Bench` that returns records. It samples the model, reads the data,
and leaves the arithmetic to zoo/metrics.
"""

import dataclasses
import functools
import json
import os
import pathlib

import numpy as np

from zoo import concepts, datasets, degradation, paths, pixels, registry, sampling, serving, training
from zoo.datasets.shapes import scenes
from zoo.errors import ZooError, unknown
from zoo.metrics import (
    agreement,
    colours,
    fidelity,
    frechet,
    game,
    inception_score,
    modes,
    parzen,
    segmentation,
)
from zoo.metrics.record import judged_by, record

protocols = {}


def protocol(need):
    """Makes a function a protocol, under its own name.

    Args:
        need: what a model must offer: a signature, a condition, or an entry of its interface.
    """

    def made(function):
        protocols[function.__name__] = function
        function.need = need
        return function

    return made


# Which model judges: by the dataset, or else by what the model that is judged reads.
judges = {
    "shapes/class": "attributes",
    "shapes/aligned": "attributes",
    "shapes/segmentation": "segmenter",
    "shapes/paired": "segmenter",
    "shapes/unpaired": "segmenter",
    "shapes/counterparts": "segmenter",
    "descriptions": "attributes",
}


class Bench:
    """A trained model on the bench, with its data and its judge.

    Args:
        trained: a `zoo.serving.Trained`.
        seeds: how often sampling is repeated.
        count: samples a repetition.
        classifier: the trained classifier that judges; default: classifier_<dataset>.
        data_dir: where TFDS keeps its sets.
        dataset: other data than the model was trained on; a folder without sub-folders for the
            splits is all for testing.
    """

    def __init__(self, trained, seeds=3, count=10_000, classifier=None, data_dir=None, dataset=None):
        self.trained, self.seeds, self.count = trained, range(seeds), count
        self.recipe = serving.recipe_of(trained)
        if dataset:
            self.recipe = dataclasses.replace(self.recipe, dataset=dataset)
        self._whole = (
            dataset
            and datasets.is_folder(dataset)
            and not any(
                (pathlib.Path(dataset).expanduser() / part).is_dir()
                for part in ("train", "trainA", "test", "testA", "val")
            )
        )
        self.classifier, self._data_dir = classifier, data_dir

    def data(self, split):
        """A split as the model was trained on it.

        Raises:
            ValueError: training pictures are wanted of a folder that is all for testing.
        """
        if self._whole:
            if split == "train":
                raise ValueError(
                    f"it stands beside training pictures, and {self.recipe.dataset} does not say which "
                    "those are. Make two sub-folders, train and test, or choose other --metrics"
                )
            split = "train"  # what a folder without splits is read as
        return training.data_of(self.recipe, split, self._data_dir, self.reads)

    @property
    def reads(self):
        """The form of its data. The card tells: a model of the user's own file is not in the registry."""
        return self.trained.card["data"].get("reads") or registry.reads(self.recipe.model)

    @property
    def own_split(self):
        """The split that the model was trained on; of a folder that is all for testing, that."""
        return "test" if self._whole else self.recipe.split

    def own(self, count):
        """The first `count` examples of that split, and their labels.

        Raises:
            ZooError: it has none.
        """
        return self._with_labels(self.data(self.own_split), count)

    def labelled(self, split, count=None):
        """The examples of a split and their labels, of all or the first `count`.

        Raises:
            ZooError: it has none.
        """
        data, classes = self.data(split), self.trained.card["data"]["classes"]
        if isinstance(classes, int) and data.classes not in (classes, None):
            raise ZooError(
                f"{self.recipe.dataset} has {data.classes} classes, and {self.trained.name} was trained on "
                f"{classes}: its labels would mean others."
            )
        return self._with_labels(data, count)

    def _with_labels(self, data, count):
        x, y = data.arrays(0, count)
        if y is None:
            raise ZooError(f"{self.recipe.dataset} has no labels to compare with: a sub-folder a class.")
        return x, y

    @functools.cached_property
    def judge(self):
        """The classifier of this data; of pictures with descriptions the judge of their factors, of other
        `shapes` the segmenter.

        Raises:
            ZooError: there is none for this data.
        """
        data = self.recipe.dataset
        kind = judges.get(data) or judges.get(self.reads, "classifier")
        parts = [pathlib.Path(data).name] if datasets.is_folder(data) else data.split("/")
        errors = []
        for name in [self.classifier] if self.classifier else [f"{kind}_{part}" for part in parts]:
            try:
                return serving.load(name)
            except ZooError as error:
                errors.append(error)
        sizes = {"image_size": self.recipe.image_size, "channels": self.recipe.channels}
        sizes = "".join(f"--set {field}={value} " for field, value in sizes.items() if value)
        raise ZooError(
            f"No {kind} for {self.recipe.dataset}: {errors[0]} Train one with python -m "
            f"zoo.train --model={kind} --dataset={self.recipe.dataset} {sizes}--out=runs/judge "
            "and name it: --classifier=runs/judge"
        ) from errors[0]

    @functools.cached_property
    def reader(self):
        """The judge; of several factors it is asked for those alone in which real test pictures differ.

        Raises:
            ZooError: there is no judge for this data, or it reads no concepts.
        """
        reader = concepts.Reader(self.judge)
        if len(reader.factors) == 1:
            return reader
        return reader.about(self.data("test").arrays(0, 1000)[0])

    def judged_by(self):
        """What a record says of the judge."""
        return judged_by(self.judge)

    def samples(self, seed, **conditions):
        """uint8 images of one repetition."""
        return self.trained.sample(None if conditions else self.count, seed=seed, **conditions)

    def balanced_labels(self):
        """As many of each class: int32 [count]."""
        classes = self.trained.priors["label"].classes
        return np.repeat(np.arange(classes, dtype=np.int32), self.count // classes)

    def conditional(self, seed):
        """Samples of every class alike where all come equally often, else plain ones."""
        label = self.trained.conditions.get("label")
        alike = label is not None and label.weights is None
        return self.samples(seed, **({"label": self.balanced_labels()} if alike else {}))

    @functools.cached_property
    def pictures(self):
        """The test pictures of both domains, and where it is known their true segmentation."""
        return self.data("test").columns(0, self.count)

    def translations(self):
        """Each direction with what it starts from and what it should give: (name, from, to)."""
        for name in self.trained.interface["translations"]:
            source, target = name.split("_to_")
            yield name, self.pictures[source], self.pictures[target]


def evaluate(bench, metrics):
    """Runs protocols.

    Args:
        bench: a `Bench`.
        metrics: their names.

    Returns:
        A list of records.

    Raises:
        ZooError: an unknown protocol, or one that the model or its data cannot be put to.
    """
    if not metrics:
        raise ZooError(
            f"The recipe of {bench.trained.name} names no metrics. Choose: --metrics={','.join(protocols)}."
        )
    results = []
    for name in metrics:
        if name not in protocols:
            raise unknown("metric", name, protocols)
        if not applies(name, bench.trained):
            raise ZooError(
                f"{name} is of models that have {protocols[name].need!r}; {bench.trained.name} has "
                f"{', '.join(sorted(_offered(bench.trained)))}."
            )
        try:
            results += protocols[name](bench)
        except ValueError as error:
            raise ZooError(f"{name} of {bench.trained.name} cannot be measured: {error}") from error
    return results


def applies(name, trained):
    """Whether a model offers what a protocol needs."""
    return protocols[name].need in _offered(trained)


def _offered(trained):
    return {*trained.signatures, *trained.interface, *trained.interface.get("priors", ())}


def store(results, trained, output=None):
    """Writes records where they are asked for: into a file, or into the model's card.

    Returns:
        The path written.

    Raises:
        ZooError: it cannot be written, or the model is no longer the one that was measured.
    """
    path = pathlib.Path(output) if output else trained.folder / "card.json"
    try:
        if output:
            with paths.whole(path) as file:
                file.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
        else:
            card = json.loads(path.read_text())  # others may have written it since, too
            if card.get("files") != trained.card.get("files"):
                raise ZooError(
                    f"The results are above, but {trained.folder} was exported anew meanwhile: they are "
                    "of the model before. Measure again."
                )
            measured = {r["metric"] for r in results}
            kept = [r for r in card["results"] if r["metric"] not in measured]
            serving.write_card(trained.folder, {**card, "results": kept + results})
    except OSError as error:
        raise ZooError(
            f"The results are above, but {path} cannot be written ({error.strerror}): --output=FILE."
        ) from error
    return path


def ships(trained):
    """Whether a model is one of those that came with the zoo."""
    return trained.folder.resolve().parent == paths.saved_models.resolve()


def _unit(images):
    return np.float64(images) / 255.0


@protocol("sample")
def parzen_log_likelihood(bench):
    """The GAN authors' script, real training images and the mean image beside it."""
    train, test = bench.data("train"), bench.data("test")
    cut = train.count * 5 // 6  # 50,000 of MNIST's 60,000
    known, _ = train.arrays(0, min(bench.count, cut))  # none that σ is chosen by
    validation, _ = train.arrays(cut, cut + 1000)
    held_out, _ = test.arrays()
    measure = functools.partial(parzen.parzen, validation=_unit(validation), test=_unit(held_out))
    readings = [measure(_unit(bench.conditional(seed))) for seed in bench.seeds]
    real, mean = measure(_unit(known)), measure(_unit(known).mean(0, keepdims=True))
    return [
        record(
            "Parzen log-likelihood",
            [mean for mean, _, _ in readings],
            "the GAN authors' script: samples as uint8 / 255, σ from logspace(−1, 0, 10) by the "
            f"first {len(validation)} training images from {cut} on, mean over the test images",
            unit="nats",
            standard_error=readings[0][1],
            sigma=readings[0][2],
            fake=bench.count,
            real=len(held_out),
            split=f"{bench.recipe.dataset} test",
            real_training_images=real[0],
            of_these=len(known),
            mean_image=mean[0],
        )
    ]


@protocol("label")
def label_agreement(bench):
    """How often a classifier trained apart finds the label that was asked for."""
    labels = bench.balanced_labels()
    shares, worst = [], []
    for seed in bench.seeds:
        found = bench.judge.call("classify", image=bench.samples(seed, label=labels))
        hits = found["probability"].argmax(1) == labels
        shares.append(agreement.agreement(labels, found["probability"].argmax(1)))
        worst.append(min((hits[labels == c].mean(), c) for c in np.unique(labels)))
    return [
        record(
            "label agreement",
            shares,
            "share of samples, as many of each class, whose label a separate classifier reads",
            fake=len(labels),
            worst_class=f"{worst[0][1]} ({worst[0][0]:.4f})",
            chance=1 / bench.trained.priors["label"].classes,
            **bench.judged_by(),
        )
    ]


@protocol("sample")
def classifier_frechet(bench):
    """Fréchet distance in the features of a classifier trained apart; not the FID."""
    held_out, _ = bench.data("test").arrays()
    known, _ = bench.data("train").arrays(0, bench.count)
    features = lambda images: bench.judge.call("classify", image=images)["feature"]  # noqa: E731
    target = features(held_out)
    noise = np.random.default_rng(0).integers(256, size=known[:1000].shape).astype(np.uint8)
    return [
        record(
            "classifier-feature Fréchet distance",
            [frechet.frechet(features(bench.conditional(seed)), target) for seed in bench.seeds],
            "between samples and test images, in a classifier's last hidden layer; not the FID",
            fake=bench.count,
            real=len(held_out),
            split=f"{bench.recipe.dataset} test",
            real_training_images=frechet.frechet(features(known), target),
            uniform_noise=frechet.frechet(features(noise), target),
            **bench.judged_by(),
        )
    ]


@protocol("recognise")
def code_as_classifier(bench):
    """InfoGAN's categorical code read from real images, as a classifier."""
    train_x, train_y = bench.labelled("train", 10_000)
    test_x, test_y = bench.labelled("test")
    read = lambda x: bench.trained.call("recognise", image=x)["category"]  # noqa: E731
    classes = bench.data("test").classes
    first = read(train_x)
    label_of = agreement.matching(first.argmax(1), train_y, first.shape[1])
    return [
        record(
            "error of the categorical code",
            [1 - agreement.agreement(test_y, label_of[read(test_x).argmax(1)])],
            "argmax Q(c|x) of test images; codes matched one to one to labels on the first 10,000 "
            "training images (Hungarian method)",
            real=len(test_y),
            split=f"{bench.recipe.dataset} test",
            chance=1 - 1 / classes,
        )
    ]


@protocol("generate")
def noise_arithmetic(bench, members=10):
    """Whether a − b + c of mean noises shows what it should; see `zoo.concepts.Equation`."""
    painter, reader = concepts.Painter(bench.trained), bench.reader
    rows = []
    for seed in bench.seeds:
        z, rng = painter.draw(bench.count, seed), np.random.default_rng(seed)
        reading = reader(painter(z))
        equations = concepts.equations(reading, reader.sizes, members, bench.count // 20, rng)
        rows.append(concepts.solved(equations, z, reading, painter, reader, rng))
    beside = (
        "a sample at random",
        "c as it is",
        "c and a step at random",
        "a mean of samples that show it",
    )
    return [
        record(
            "noise arithmetic",
            [row["right"] for row in rows],
            f"share of random a − b + c whose picture shows what it should, each term the mean noise of "
            f"{members} samples; concepts in which real pictures differ, read by a judge trained apart",
            fake=bench.count,
            equations=bench.count // 20,
            **{name.replace(" ", "_"): float(np.mean([row[name] for row in rows])) for name in beside},
            **bench.judged_by(),
        )
    ]


@protocol("classify")
def test_accuracy(bench):
    """Of a classifier."""
    x, y = bench.labelled("test")
    found = bench.trained.call("classify", image=x)["probability"].argmax(1)
    return [
        record(
            "test accuracy",
            [agreement.agreement(y, found)],
            "share of test images whose label is the most probable",
            real=len(y),
            split=f"{bench.recipe.dataset} test",
            chance=float(np.bincount(y).max() / len(y)),
        )
    ]


@protocol("read")
def factor_accuracy(bench):
    """Of a judge of several factors."""
    return _factors_read(bench, "test", "test accuracy of {}")


@protocol("read")
def held_out_accuracy(bench):
    """Of a judge of several factors, where pairs of factors are held out from what it was trained on."""
    return _factors_read(bench, "held_out", "accuracy of {}, held out")


def _factors_read(bench, split, metric):
    columns = bench.data(split).columns()
    found = bench.trained.call("read", image=columns["x"])
    return [
        record(
            metric.format(name),
            [agreement.agreement(y, found[name].argmax(1))],
            "share of images whose label is the most probable",
            real=len(y),
            split=f"{bench.recipe.dataset} {split}",
            chance=float(np.bincount(y).max() / len(y)),
        )
        for name, y in zip(bench.trained.interface["factors"], columns["factors"].T)
    ]


@protocol("embed_image")
def caption_retrieval(bench):
    """Whether a text encoder finds a picture's caption among others', and a caption's picture."""
    return _retrieved(bench, "test", "R-precision, {}")


@protocol("embed_image")
def held_out_retrieval(bench):
    """`caption_retrieval` among pictures of which a pair of factors is held out."""
    return _retrieved(bench, "held_out", "R-precision, {}, held out")


def _retrieved(bench, split, title):
    columns = bench.data(split).columns(0, 2000)
    captions = columns["text"][:, 0]
    v = bench.trained.call("embed_image", image=columns["x"])["embedding"]
    t = bench.trained.call("embed", text=captions)["embedding"]
    pool, half = 100, len(v) // 2  # half of them: as if each caption were another's
    results = []
    for metric, ours, theirs in (("caption of a picture", v, t), ("picture of a caption", t, v)):
        found = agreement.precision_at_one(ours, theirs, pool)
        shuffled = agreement.precision_at_one(ours, np.roll(theirs, half, 0), pool)
        results.append(
            record(
                title.format(metric),
                [found],
                f"share whose own is nearest, by the product of embeddings, among {pool} of the split",
                real=len(v),
                split=f"{bench.recipe.dataset} {split}",
                shuffled=shuffled,
                chance=1 / pool,
            )
        )
    return results


def _seen_by(judge, images):
    """Pictures as a judge wants them, in its size."""
    side = judge.interface["x_shape"][:2]
    parts = np.array_split(images, -(-len(images) // 1000))
    return np.concatenate([pixels.resized(part, side).numpy() for part in parts])


@protocol("text")
def caption_agreement(bench):
    """Whether what a caption names is in the picture made from it, for captions of pairs of shape and
    colour that training saw, of those that it never did, and for captions that leave something out."""
    factors = bench.judge.interface["factors"]
    named = [
        name for name in factors if name != "texture"
    ]  # too fine for small pictures: read, not counted

    def right(images, truth, told):
        found = bench.judge.call("read", image=_seen_by(bench.judge, images))
        hits = {name: found[name].argmax(1) == y for name, y in zip(factors, truth.T)}
        told = dict(zip(factors, told.T))
        each = {name: float(hit[told[name]].mean()) for name, hit in hits.items() if told[name].any()}
        return float(np.all([hits[name] | ~told[name] for name in named], 0).mean()), each

    results = []
    for split, which, what in (
        ("test", 0, "seen"),
        ("held_out", 0, "held out"),
        ("test", -1, "seen, something left out"),
    ):
        columns = bench.data(split).columns(0, min(bench.count, 2000))
        captions, told, truth = columns["text"][:, which], columns["named"][:, which], columns["factors"]
        made = [right(bench.samples(seed, text=captions), truth, told) for seed in bench.seeds]
        real, _ = right(columns["x"], truth, told)
        shuffled, _ = right(np.roll(columns["x"], 1, 0), truth, told)
        results.append(
            record(
                f"attributes right, {what}",
                [all_right for all_right, _ in made],
                f"share of pictures made from a caption in which a judge, trained apart, reads all that "
                f"the caption names of {', '.join(named)} as it does",
                fake=len(captions),
                split=f"{bench.recipe.dataset} {split}",
                **{name: share for name, share in made[0][1].items()},
                real_pictures=real,
                pictures_of_another_caption=shuffled,
                **bench.judged_by(),
            )
        )
    return results


@protocol("text")
def caption_match(bench):
    """R-precision: whether a text encoder finds the caption that a picture was made from among others'."""
    judge = serving.load(bench.recipe.network.get("encoder", "textencoder_shapes"))
    columns = bench.data("test").columns(0, min(bench.count, 2000))
    captions, pool = columns["text"][:, 0], 100
    asked = judge.call("embed", text=captions)["embedding"]

    def found(images):
        seen = judge.call("embed_image", image=_seen_by(judge, images))["embedding"]
        return agreement.precision_at_one(seen, asked, pool)

    return [
        record(
            "R-precision",
            [found(bench.samples(seed, text=captions)) for seed in bench.seeds],
            f"share of pictures whose own caption is nearest, by {judge.name}, among {pool}",
            fake=len(captions),
            split=f"{bench.recipe.dataset} test",
            real_pictures=found(columns["x"]),
            chance=1 / pool,
            **judged_by(judge),
        )
    ]


@protocol("text")
def caption_frechet(bench):
    """Fréchet distance of pictures made from captions to real ones, in the features of the judge of
    factors; of two stages, also that of the first, enlarged."""
    test = bench.data("test").columns(0, min(bench.count, 2000))
    known = bench.data("train").columns(0, len(test["x"]))["x"]
    features = lambda images: bench.judge.call("read", image=_seen_by(bench.judge, images))["feature"]  # noqa: E731
    captions, target = test["text"][:, 0], features(test["x"])
    noise = np.random.default_rng(0).integers(256, size=known.shape).astype(np.uint8)
    beside = {"real_training_images": known, "uniform_noise": noise}
    if "sketch" in bench.trained.signatures:
        seeds = sampling.row_seeds(0, len(captions))
        sketches = bench.trained.call("sketch", text=captions, seed=seeds)["image"]
        beside["stage_I_enlarged"] = pixels.resized(sketches, test["x"].shape[1:3]).numpy()
    return [
        record(
            "judge-feature Fréchet distance",
            [frechet.frechet(features(bench.samples(seed, text=captions)), target) for seed in bench.seeds],
            "between pictures made from captions and the captions' own, in the last hidden layer of the "
            "judge of factors; not the FID",
            fake=len(captions),
            real=len(target),
            split=f"{bench.recipe.dataset} test",
            **{name: frechet.frechet(features(images), target) for name, images in beside.items()},
            **bench.judged_by(),
        )
    ]


@protocol("text")
def caption_score(bench):
    """The Inception Score's formula on pictures made from captions, in a judge of factors: whether each
    shows one kind of object in one colour, and all together many."""
    test = bench.data("test").columns(0, min(bench.count, 2000))
    captions, real = test["text"][:, 0], test["x"]
    (first, n), (second, m), *_ = bench.judge.interface["factors"].items()  # of `shapes`: kind and colour

    def score(images):
        found = bench.judge.call("read", image=_seen_by(bench.judge, images))
        pairs = found[first][:, :, None] * found[second][:, None]  # which are read apart
        logits = np.log(np.float64(pairs).reshape(len(images), n * m) + 1e-12)
        return inception_score.inception_score(logits)[0]

    return [
        record(
            "judge-class score",
            [score(bench.samples(seed, text=captions)) for seed in bench.seeds],
            f"exp E KL(p(y|x) ‖ p(y)) over pairs of {first} and {second}, as a judge of factors reads "
            "pictures made from captions; mean of ten parts; not the Inception Score",
            fake=len(captions),
            split=f"{bench.recipe.dataset} test",
            real_pictures=score(real),
            one_picture=score(np.repeat(real[:1], len(real), 0)),
            most=n * m,
            **bench.judged_by(),
        )
    ]


@protocol("tag")
def tag_agreement(bench):
    """Precision and recall of ten tags a picture against what users tagged it with, beside the ten
    commonest words and a k-nearest-neighbour tagger on the same features."""
    train, test = bench.data("train"), bench.data("test")
    known, new = train.columns(0, 10_000), test.columns(0, min(bench.count, 2000))
    see = lambda x: bench.trained.call("see", image=x)["feature"]  # noqa: E731

    def words(tags):
        return [[tag.decode() for tag in row if tag] for row in tags]

    vocabulary = list(train.classes["tags"])
    place = {word: i for i, word in enumerate(vocabulary)}
    said = np.zeros((len(known["x"]), len(vocabulary)))
    for row, tags in enumerate(words(known["tags"])):
        said[row, [place[tag] for tag in tags]] = 1
    cut = len(said) * 4 // 5  # the rest decides k
    seen, asked = see(known["x"]), see(new["x"])

    def neighbours(queries, features, rows, k):
        from sklearn.neighbors import NearestNeighbors

        near = NearestNeighbors(n_neighbors=k).fit(features).kneighbors(queries, return_distance=False)
        votes = rows[near].mean(1) + 1e-6 * rows.mean(0)
        return [[vocabulary[i] for i in row] for row in np.argsort(-votes)[:, :10]]

    def judged(k):
        found = neighbours(seen[cut:], seen[:cut], said[:cut], k)
        return agreement.tag_precision_recall(words(known["tags"])[cut:], found)[0]

    k = max((k for k in (1, 5, 10, 20, 50, 100, 200, 400) if k <= cut), key=judged)
    given = words(new["tags"])
    commonest = agreement.tag_precision_recall(given, [vocabulary[:10]] * len(given))
    nearest = agreement.tag_precision_recall(given, neighbours(asked, seen, said, k))
    found = [
        agreement.tag_precision_recall(given, bench.trained.tag(new["x"], seed)) for seed in bench.seeds
    ]
    return [
        record(
            f"{metric} at 10",
            [reading[i] for reading in found],
            f"{metric} of ten generated tags against the users' own, mean over pictures that have any; the "
            "neighbours' k was chosen on training pictures kept back",
            fake=len(given),
            split=f"{bench.recipe.dataset} test",
            vocabulary=len(vocabulary),
            commonest_words=commonest[i],
            nearest_neighbours=nearest[i],
            k=k,
        )
        for i, metric in enumerate(("precision", "recall"))
    ]


@protocol("segment")
def segmentation_test(bench):
    """Of a segmenter: mean intersection over union on test pictures."""
    x, y = bench.data("test").arrays()
    found = bench.trained.call("segment", image=x)["label"]
    return [
        record(
            "test mIoU",
            [agreement.mean_iou(y[..., 0], found, range(bench.data("test").classes))],
            "mean over classes of the intersection over the union, in pixels of all test pictures",
            real=len(y),
            split=f"{bench.recipe.dataset} test",
        )
    ]


@protocol("translations")
def translation_agreement(bench):
    """What a segmenter trained apart reads in translations, against the true scene: an FCN score."""
    truth, kinds = _truth(bench), bench.data("test").classes

    def read(images):
        return bench.judge.call("segment", image=images)["label"]

    def agrees(images, style):  # a pixel is right where both its style and its shape are
        return agreement.mean_iou(truth + style, read(images), range(style, style + kinds))

    results = []
    for name, source, target in bench.translations():
        style = np.bincount(read(target).ravel() // kinds).argmax() * kinds  # as real pictures tell
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"mIoU {name}",
                [agrees(fake, style) for fake in fakes],
                "a segmenter of style and shape, trained apart on real scenes, reads the "
                "translations; mean over shapes (and ground) of intersection over union with the "
                "true scene, a pixel in another style being wrong",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                real_pictures=agrees(target, style),
                copied_input=agrees(source, style),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def translation_fidelity(bench):
    """PSNR and SSIM of translations against the pictures that were wanted."""
    results = []
    for name, source, target in bench.translations():
        if isinstance(bench.data("test"), datasets.Domains):
            _truth(bench)  # pictures that nobody paired are compared only where they are one scene
        fakes = [bench.trained.translate(source, name, seed=seed) for seed in bench.seeds]
        mean = np.broadcast_to(np.round(target.mean(0)).astype(np.uint8), target.shape)
        for metric, measure, unit in (("PSNR", fidelity.psnr, "dB"), ("SSIM", fidelity.ssim, "1")):
            results.append(
                record(
                    f"{metric} {name}",
                    [measure(fake, target) for fake in fakes],
                    f"{metric} in RGB, uint8, against the wanted picture, mean over test pictures",
                    unit=unit,
                    fake=len(source),
                    split=f"{bench.recipe.dataset} test",
                    copied_input=measure(source, target),
                    mean_picture=measure(mean, target),
                )
            )
    return results


@protocol("translations")
def translation_colour(bench):
    """How often an object has the colour of its true counterpart."""
    truth = _truth(bench)
    if not isinstance(bench.data("test"), datasets.Domains):
        raise ZooError("Only paper cut-outs show which colour an object has: --dataset=shapes/unpaired.")
    palette = 255 * np.array(list(scenes.colours.values()))
    names = colours.nearest(colours.of_objects(bench.pictures["a"], truth), palette)  # paper is as painted
    results = []
    for name, source, target in bench.translations():
        theirs = colours.of_objects(target, truth)
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"colour agreement {name}",
                [colours.agreement(colours.of_objects(fake, truth), theirs, names) for fake in fakes],
                "share of objects whose mean colour is read as their counterparts', one of seven, by its "
                "five nearest neighbours among the objects of the wanted pictures",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                real_pictures=colours.readable(theirs, names),
                copied_input=colours.agreement(colours.of_objects(source, truth), theirs, names),
            )
        )
    return results


@protocol("translations")
def translation_frechet(bench):
    """Fréchet distance between translations and real pictures, in the segmenter's features."""

    def features(images):
        return bench.judge.call("segment", image=images)["feature"]

    results = []
    for name, source, target in bench.translations():
        wanted, half = features(target), len(target) // 2
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"segmenter-feature Fréchet distance {name}",
                [frechet.frechet(features(fake), wanted) for fake in fakes],
                "between translations and real test pictures, in a segmenter's innermost map, "
                "averaged over the picture; not the FID",
                fake=len(source),
                real=len(target),
                split=f"{bench.recipe.dataset} test",
                copied_input=frechet.frechet(features(source), wanted),
                half_of_the_real_against_the_other=frechet.frechet(wanted[:half], wanted[half:]),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def translation_segmentation(bench):
    """FSD: whether translations hold as much of each thing as real pictures do."""

    def read(images):
        return bench.judge.call("segment", image=images)["label"]

    results = []
    for name, source, target in bench.translations():
        classes, wanted = bench.judge.card["data"]["classes"], read(target)
        half = len(target) // 2
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"FSD {name}",
                [segmentation.fsd(wanted, read(fake), classes) for fake in fakes],
                "Fréchet distance of the pixels a class that a segmenter of style and shape, trained "
                "apart, reads in translations and in real test pictures",
                unit="squared pixels",
                fake=len(source),
                real=len(target),
                split=f"{bench.recipe.dataset} test",
                copied_input=segmentation.fsd(wanted, read(source), classes),
                half_of_the_real_against_the_other=segmentation.fsd(wanted[:half], wanted[half:], classes),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def domain_agreement(bench):
    """How often a classifier of the two domains, trained apart, takes a translation for the other one."""

    def share(images, wanted):
        fitted = pixels.resized(images, bench.judge.interface["x_shape"][:2]).numpy()
        found = bench.judge.call("classify", image=fitted)["probability"].argmax(1)
        return float(np.mean(found == wanted))

    results = []
    for name, source, target in bench.translations():
        wanted = "ab".index(name[-1])
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"domain agreement {name}",
                [share(fake, wanted) for fake in fakes],
                "share of translations of test pictures that a classifier of the two domains, trained "
                "apart on the training pictures, takes for pictures of the wanted one",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                real_pictures=share(target, wanted),
                copied_input=share(source, wanted),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def round_trip(bench):
    """What is left of a picture that is translated there and back."""
    results = []
    for name, source, _ in bench.translations():
        back = "_to_".join(reversed(name.split("_to_")))
        fakes = [bench.trained.translate(source, name, seed=seed) for seed in bench.seeds]
        again = [bench.trained.translate(fake, back, seed=seed) for fake, seed in zip(fakes, bench.seeds)]
        mean = np.broadcast_to(np.round(source.mean(0)).astype(np.uint8), source.shape)
        results.append(
            record(
                f"round trip {name} and back",
                [fidelity.psnr(image, source) for image in again],
                "PSNR in RGB, uint8, of the picture that comes back, mean over test pictures",
                unit="dB",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                not_brought_back=float(np.mean([fidelity.psnr(image, source) for image in fakes])),
                mean_picture=fidelity.psnr(mean, source),
            )
        )
    return results


def _truth(bench):
    """The true segmentation of the test pictures, [N, H, W].

    Raises:
        ZooError: the data does not tell.
    """
    if "y" not in bench.pictures:
        raise ZooError(
            f"Nobody knows what the pictures of {bench.recipe.dataset} should become. This protocol "
            "needs a set whose truth is known: shapes/unpaired or shapes/paired. Without: "
            "--metrics=round_trip,domain_agreement."
        )
    return bench.pictures["y"][..., 0]


@protocol("score")
def theory(bench):
    """How near p_g, D and V are to the game's solution, on a Gaussian."""
    real, _ = bench.data("train").arrays(0, bench.count)
    inner = real[np.abs(real - real.mean()) < 2 * real.std()][:, None]
    gaps, values, means, deviations = [], [], [], []
    score = lambda x: bench.trained.call("score", point=x)["score"]  # noqa: E731
    for seed in bench.seeds:
        fake = bench.samples(seed)
        values.append(game.value(score(real), score(fake)))
        gaps.append(np.abs(score(inner) - 0.5).mean())
        means.append(fake.mean())
        deviations.append(fake.std())
    shared = {"fake": bench.count, "real": len(real), "split": "gaussians/normal train"}
    half = "mean |D(x) − 1/2| over real points within two standard deviations; 0 at the solution"
    return [
        record("V(D, G)", values, "E log D(x) + E log(1 − D(G(z)))", solution=game.optimum, **shared),
        record("distance of D from 1/2", gaps, half, D_always_right=0.5, **shared),
        record("mean of the samples", means, "of x", real_value=float(real.mean()), **shared),
        record(
            "standard deviation of the samples", deviations, "of x", real_value=float(real.std()), **shared
        ),
    ]


@protocol("sample")
def mode_recovery(bench):
    """Modes of a ring or a grid: the self-conditioned GAN's protocol, and PacGAN's notion of quality."""
    means, sigma = datasets.mixture(bench.recipe.dataset)
    n = 50_000
    real, labels = bench.own(n)
    points = {
        "samples": [bench.trained.sample(n, seed=seed) for seed in bench.seeds],
        "oracle": [real],  # points of the data themselves
        "collapsed": [real[labels == 0]],  # to one mode
        "mean_point": [real.mean(0, keepdims=True)],
    }
    read = {
        (name, box): np.array([modes.recovery(p, means, sigma, box) for p in parts])
        for name, parts in points.items()
        for box in (True, False)
    }

    def rows(metric, column, box, protocol, **details):
        beside = {name: read[name, box][0, column] for name in ("oracle", "collapsed", "mean_point")}
        return record(metric, read["samples", box][:, column], protocol, fake=n, **details, **beside)

    near = {True: "within 3σ of the nearest mode in each coordinate", False: "within 3σ of it (Euclidean)"}
    found = "modes with at least one sample "
    return [
        rows("modes recovered", 0, True, found + near[True], of=len(means)),
        rows("high quality", 1, True, "share of samples " + near[True]),
        rows("reverse KL", 2, True, "Σ p ln(K p) over the modes nearest to all samples", unit="nats"),
        rows("modes recovered (Euclidean)", 0, False, found + near[False], of=len(means)),
        rows("high quality (Euclidean)", 1, False, "share of samples " + near[False]),
    ]


@protocol("sample")
def stacked_modes(bench):
    """Modes of stacked MNIST, read channel by channel: the fair form of the paper's protocol.

    The released code fed its classifier another range than it was trained on, left dropout on and took
    logarithms to base 10. Here: the range of training, inference, natural logarithm.
    """
    n, judge = 50_000, serving.load(bench.classifier or "classifier_mnist")

    def digits(images):
        channels = np.moveaxis(images, -1, 1).reshape(-1, *images.shape[1:3], 1)
        scaled = [
            pixels.resized(part, judge.interface["x_shape"][:2])
            for part in np.array_split(channels, -(-len(channels) // 4096))
        ]
        found = judge.call("classify", image=np.concatenate(scaled))["probability"].argmax(1)
        return found.reshape(-1, 3) @ [100, 10, 1]

    def measured(found):
        return len(np.unique(found)), modes.reverse_kl(found, 1000)

    real, labels = bench.own(n)
    read = digits(real)
    samples = np.array([measured(digits(bench.trained.sample(n, seed=seed))) for seed in bench.seeds])
    oracle, collapsed = measured(read), measured(read[labels // 100 == 1])
    shared = {
        "fake": n,
        **judged_by(judge),
        "extractor_accuracy_on_real_triples": agreement.agreement(labels, read),
    }
    return [
        record(
            metric,
            samples[:, column],
            protocol,
            **shared,
            oracle=oracle[column],
            collapsed=collapsed[column],  # to triples whose first digit is 1
            **details,
        )
        for column, (metric, protocol, details) in enumerate(
            (
                ("modes", "distinct triples that a classifier reads channel by channel", {"of": 1000}),
                (
                    "reverse KL",
                    "Σ p ln(1000 p) over those triples",
                    {"unit": "nats", "floor_of_a_perfect_sampler": 0.0100},
                ),
            )
        )
    ]


@protocol("cluster")
def cluster_agreement(bench):
    """How well the clusters of a self-conditioned GAN are the classes that nobody told it of."""
    x, y = bench.own(bench.count)
    (kind,) = (k for k in ("image", "point") if k in bench.trained.card["signatures"]["cluster"]["inputs"])
    found = bench.trained.call("cluster", **{kind: x})["label"]
    rng = np.random.default_rng(0)
    k = len(bench.trained.priors["label"].weights)
    shared = {"real": len(x), "clusters": k, "split": f"{bench.recipe.dataset} {bench.own_split}"}
    return [
        record(
            "purity of the clusters",
            [agreement.purity(y, found)],
            "share of examples whose label is the commonest of their cluster",
            random_clusters=agreement.purity(y, rng.integers(k, size=len(y))),
            **shared,
        ),
        record(
            "NMI of the clusters",
            [agreement.normalised_mutual_information(y, found)],
            "mutual information of clusters and labels over the mean of their entropies",
            random_clusters=agreement.normalised_mutual_information(y, rng.integers(k, size=len(y))),
            **shared,
        ),
    ]


@protocol("upscale")
def super_resolution(bench):
    """PSNR and SSIM of enlarged pictures as papers read them, with what bicubic enlargement gives."""
    scale = bench.trained.interface["scale"]
    reduce = degradation.known[bench.trained.interface["degradation"]]
    views = {  # the border within reach of the enlargement's edge is left out
        "Y": lambda x: fidelity.luma(x)[None, scale:-scale, scale:-scale],
        "RGB": lambda x: x[None, scale:-scale, scale:-scale],
    }
    if bench.trained.interface["x_shape"][-1] == 1:
        views = {"grey": views["RGB"]}
    measures = {"PSNR": (fidelity.psnr, "dB"), "SSIM": (fidelity.ssim, "1")}
    read = {(measure, view): [] for view in views for measure in measures}
    for sharp in bench.data("test").pictures():
        height, width = (side // scale * scale for side in sharp.shape[:2])
        sharp = sharp[:height, :width]
        small = reduce(sharp[None], scale).numpy()[0]
        made, bicubic = bench.trained.upscale(small), pixels.resized(small, (height, width)).numpy()
        for (measure, view), values in read.items():
            see, of = views[view], measures[measure][0]
            values.append([of(see(x), see(sharp)) for x in (made, bicubic)])
    return [
        record(
            f"{measure} ({view}) ×{scale}",
            [np.mean([value for value, _ in values])],
            f"of {view}{' (BT.601, 16 to 235)' if view == 'Y' else ''}, {scale} pixels of border left "
            f"out, small pictures made by {bench.trained.interface['degradation']}; mean over pictures",
            unit=measures[measure][1],
            fake=len(values),
            split=f"{bench.recipe.dataset} test",
            bicubic=float(np.mean([value for _, value in values])),
            worst=float(min(value for value, _ in values)),
            best=float(max(value for value, _ in values)),
        )
        for (measure, view), values in read.items()
    ]


def default_output(trained, dataset=None):
    """Where records go unless told: a shipped model's card stays as it was published, and figures of other
    data than a model's own take no place of its own in a run's. None: the run's card."""
    if dataset:
        return os.path.join("evaluations", f"{trained.name}_{pathlib.Path(dataset).name}.json")
    return os.path.join("evaluations", f"{trained.name}.json") if ships(trained) else None

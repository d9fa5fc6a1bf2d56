"""Protocols for captions and tags."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from zoo.evaluate.context import classifier_facts
from zoo.evaluate.protocol import protocol
from zoo.images import pixels
from zoo.metrics import agreement, frechet, inception_score
from zoo.metrics.record import record
from zoo.tasks import load
from zoo.tasks.inputs import row_seeds


def _seen_by(classifier, images):
    """Returns images in the size of a classifier."""
    side = classifier.interface["x_shape"][:2]
    parts = np.array_split(images, -(-len(images) // 1000))
    return np.concatenate([pixels.resized(part, side).numpy() for part in parts])


@protocol("text")
def caption_agreement(context):
    """Measures the share of images that show all factors that their caption names.

    The captions are those of pairs of shape and color in the training data, of held-out pairs, and of
    incomplete descriptions.
    """
    factors = context.classifier.interface["factors"]
    named = [
        name for name in factors if name != "texture"
    ]  # too fine for small pictures: read, not counted

    def right(images, truth, told):
        found = context.classifier.call("read", image=_seen_by(context.classifier, images))
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
        columns = context.data(split).columns(0, min(context.count, 2000))
        captions, told, truth = columns["text"][:, which], columns["named"][:, which], columns["factors"]
        made = [right(context.samples(seed, text=captions), truth, told) for seed in context.seeds]
        real, _ = right(columns["x"], truth, told)
        shuffled, _ = right(np.roll(columns["x"], 1, 0), truth, told)
        results.append(
            record(
                f"attributes right, {what}",
                [all_right for all_right, _ in made],
                f"share of pictures made from a caption in which a judge, trained apart, reads all that "
                f"the caption names of {', '.join(named)} as it does",
                fake=len(captions),
                split=f"{context.recipe.dataset} {split}",
                **{name: share for name, share in made[0][1].items()},
                real_pictures=real,
                pictures_of_another_caption=shuffled,
                **context.classifier_facts(),
            )
        )
    return results


@protocol("text")
def caption_match(context):
    """Measures the R-precision of images and their captions, by a text encoder."""
    encoder = load(context.recipe.network["encoder"])
    columns = context.data("test").columns(0, min(context.count, 2000))
    captions, pool = columns["text"][:, 0], 100
    asked = encoder.call("embed", text=captions)["embedding"]

    def found(images):
        seen = encoder.call("embed_image", image=_seen_by(encoder, images))["embedding"]
        return agreement.precision_at_one(seen, asked, pool)

    return [
        record(
            "R-precision",
            [found(context.samples(seed, text=captions)) for seed in context.seeds],
            f"share of pictures whose own caption is nearest, by {encoder.name}, among {pool}",
            fake=len(captions),
            split=f"{context.recipe.dataset} test",
            real_pictures=found(columns["x"]),
            chance=1 / pool,
            **classifier_facts(encoder),
        )
    ]


@protocol("text")
def caption_frechet(context):
    """Measures the Fréchet distance between generated and real images in classifier features.

    For a model with two stages, the distance of the enlarged first stage is included.
    """
    test = context.data("test").columns(0, min(context.count, 2000))
    known = context.data("train").columns(0, len(test["x"]))["x"]

    def features(images):
        seen = _seen_by(context.classifier, images)
        return context.classifier.call("read", image=seen)["feature"]

    captions, target = test["text"][:, 0], features(test["x"])
    noise = np.random.default_rng(0).integers(256, size=known.shape).astype(np.uint8)
    beside = {"real_training_images": known, "uniform_noise": noise}
    if "sketch" in context.trained.signatures:
        seeds = row_seeds(0, len(captions))
        sketches = context.trained.call("sketch", text=captions, seed=seeds)["image"]
        beside["stage_I_enlarged"] = pixels.resized(sketches, test["x"].shape[1:3]).numpy()
    return [
        record(
            "judge-feature Fréchet distance",
            [
                frechet.frechet(features(context.samples(seed, text=captions)), target)
                for seed in context.seeds
            ],
            "between pictures made from captions and the captions' own, in the last hidden layer of the "
            "judge of factors; not the FID",
            fake=len(captions),
            real=len(target),
            split=f"{context.recipe.dataset} test",
            **{name: frechet.frechet(features(images), target) for name, images in beside.items()},
            **context.classifier_facts(),
        )
    ]


@protocol("text")
def caption_score(context):
    """Measures the formula of the Inception Score with a classifier of factors.

    It is high if each image shows one kind of object in one color, and all images together many.
    """
    test = context.data("test").columns(0, min(context.count, 2000))
    captions, real = test["text"][:, 0], test["x"]
    (first, n), (second, m), *_ = context.classifier.interface[
        "factors"
    ].items()  # of `shapes`: kind and colour

    def score(images):
        found = context.classifier.call("read", image=_seen_by(context.classifier, images))
        pairs = found[first][:, :, None] * found[second][:, None]  # which are read apart
        logits = np.log(np.float64(pairs).reshape(len(images), n * m) + 1e-12)
        return inception_score.inception_score(logits)[0]

    return [
        record(
            "judge-class score",
            [score(context.samples(seed, text=captions)) for seed in context.seeds],
            f"exp E KL(p(y|x) ‖ p(y)) over pairs of {first} and {second}, as a judge of factors reads "
            "pictures made from captions; mean of ten parts; not the Inception Score",
            fake=len(captions),
            split=f"{context.recipe.dataset} test",
            real_pictures=score(real),
            one_picture=score(np.repeat(real[:1], len(real), 0)),
            most=n * m,
            **context.classifier_facts(),
        )
    ]


@protocol("tag")
def tag_agreement(context):
    """Measures precision and recall of ten tags per image against the users' tags.

    Baselines are the ten most common words, and a k-nearest-neighbor tagger on the same features.
    """
    train, test = context.data("train"), context.data("test")
    known, new = train.columns(0, 10_000), test.columns(0, min(context.count, 2000))
    see = lambda x: context.trained.call("see", image=x)["feature"]  # noqa: E731

    def words(tags):
        return [[tag.decode() for tag in row if tag] for row in tags]

    vocabulary = list(train.classes["tags"])
    place = {word: i for i, word in enumerate(vocabulary)}
    said = np.zeros((len(known["x"]), len(vocabulary)))
    for row, tags in enumerate(words(known["tags"])):
        said[row, [place[tag] for tag in tags]] = 1
    cut = len(said) * 4 // 5  # the rest decides k
    seen, asked = see(known["x"]), see(new["x"])

    def neighbors(queries, features, rows, k):
        near = NearestNeighbors(n_neighbors=k).fit(features).kneighbors(queries, return_distance=False)
        votes = rows[near].mean(1) + 1e-6 * rows.mean(0)
        return [[vocabulary[i] for i in row] for row in np.argsort(-votes)[:, :10]]

    def precision(k):
        found = neighbors(seen[cut:], seen[:cut], said[:cut], k)
        return agreement.tag_precision_recall(words(known["tags"])[cut:], found)[0]

    k = max((k for k in (1, 5, 10, 20, 50, 100, 200, 400) if k <= cut), key=precision)
    given = words(new["tags"])
    commonest = agreement.tag_precision_recall(given, [vocabulary[:10]] * len(given))
    nearest = agreement.tag_precision_recall(given, neighbors(asked, seen, said, k))
    found = [
        agreement.tag_precision_recall(given, context.trained.tag(new["x"], seed)) for seed in context.seeds
    ]
    return [
        record(
            f"{metric} at 10",
            [reading[i] for reading in found],
            f"{metric} of ten generated tags against the users' own, mean over pictures that have any; the "
            "neighbours' k was chosen on training pictures kept back",
            fake=len(given),
            split=f"{context.recipe.dataset} test",
            vocabulary=len(vocabulary),
            commonest_words=commonest[i],
            nearest_neighbours=nearest[i],
            k=k,
        )
        for i, metric in enumerate(("precision", "recall"))
    ]

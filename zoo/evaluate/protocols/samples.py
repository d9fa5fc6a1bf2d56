"""Protocols for generated samples."""

import functools
import sys

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from zoo.evaluate import concepts
from zoo.evaluate.protocol import protocol
from zoo.metrics import agreement, frechet, game, parzen
from zoo.metrics.inception_score import inception_score
from zoo.metrics.record import record


def _unit(images):
    return np.float64(images) / 255.0


@protocol("sample")
def parzen_log_likelihood(context):
    """Estimates the log-likelihood by Parzen windows, as in the GAN authors' script."""
    train, test = context.data("train"), context.data("test")
    cut = train.count * 5 // 6  # 50,000 of MNIST's 60,000
    known, _ = train.arrays(0, min(context.count, cut))  # none that σ is chosen by
    validation, _ = train.arrays(cut, cut + 1000)
    held_out, _ = test.arrays()
    measure = functools.partial(parzen.parzen, validation=_unit(validation), test=_unit(held_out))
    readings = [measure(_unit(context.conditional(seed))) for seed in context.seeds]
    real, mean = measure(_unit(known)), measure(_unit(known).mean(0, keepdims=True))
    if np.mean([mean for mean, _, _ in readings]) > real[0]:
        print(
            f"warning: the samples score higher than real images ({real[0]:.1f} nats), as blurred images "
            "can.",
            file=sys.stderr,
        )
    return [
        record(
            "Parzen log-likelihood",
            [mean for mean, _, _ in readings],
            "the GAN authors' script: samples as uint8 / 255, σ from logspace(−1, 0, 10) by the "
            f"first {len(validation)} training images from {cut} on, mean over the test images",
            unit="nats",
            standard_error=readings[0][1],
            sigma=readings[0][2],
            fake=context.count,
            real=len(held_out),
            split=f"{context.recipe.dataset} test",
            real_training_images=real[0],
            of_these=len(known),
            mean_image=mean[0],
        )
    ]


@protocol("label")
def label_agreement(context):
    """Measures the share of conditional samples whose label a separate classifier predicts."""
    labels = context.balanced_labels()
    shares, worst = [], []
    for seed in context.seeds:
        found = context.classifier.call("classify", image=context.samples(seed, label=labels))
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
            chance=1 / context.trained.priors["label"].classes,
            **context.classifier_facts(),
        )
    ]


@protocol("sample")
def classifier_frechet(context):
    """Measures the Fréchet distance in the features of a separate classifier.

    It is not the FID.
    """
    held_out, _ = context.data("test").arrays()
    known, _ = context.data("train").arrays(0, context.count)
    features = lambda images: context.classifier.call("classify", image=images)["feature"]  # noqa: E731
    target = features(held_out)
    noise = np.random.default_rng(0).integers(256, size=known[:1000].shape).astype(np.uint8)
    return [
        record(
            "classifier-feature Fréchet distance",
            [frechet.frechet(features(context.conditional(seed)), target) for seed in context.seeds],
            "between samples and test images, in a classifier's last hidden layer; not the FID",
            fake=context.count,
            real=len(held_out),
            split=f"{context.recipe.dataset} test",
            real_training_images=frechet.frechet(features(known), target),
            uniform_noise=frechet.frechet(features(noise), target),
            **context.classifier_facts(),
        )
    ]


@protocol("sample")
def classifier_score(context):
    """Computes the Inception Score with the probabilities of a separate classifier.

    It is not the IS.

    Reference:
        Salimans et al., 2016, arXiv 1606.03498, section 4.
    """
    held_out, _ = context.data("test").arrays()

    def score(images):
        probability = context.classifier.call("classify", image=images)["probability"]
        return inception_score(np.log(np.maximum(probability, 1e-30)), splits=1)[0]

    return [
        record(
            "classifier score",
            [score(context.conditional(seed)) for seed in context.seeds],
            "exp E KL(p(y|x) ‖ p(y)) over all samples, by a separate classifier; not the Inception Score",
            fake=context.count,
            real_test_images=score(held_out),
            classes=int(
                context.classifier.card.signatures["classify"]["outputs"]["probability"]["shape"][-1]
            ),
            **context.classifier_facts(),
        )
    ]


@protocol("label")
def nearest_neighbor_error(context):
    """Measures a 1-nearest-neighbor classifier of real images that is trained on samples and their labels.

    Reference:
        Radford et al., 2016, arXiv 1511.06434, appendix (MNIST).
    """
    test_x, test_y = context.labeled("test")
    known_x, known_y = context.labeled("train", context.count)
    labels = context.balanced_labels()

    def error(images, labels):
        classifier = KNeighborsClassifier(1).fit(_unit(images).reshape(len(images), -1), labels)
        return float(np.mean(classifier.predict(_unit(test_x).reshape(len(test_x), -1)) != test_y))

    return [
        record(
            "1-nearest-neighbor error",
            [error(context.samples(seed, label=labels), labels) for seed in context.seeds],
            "share of real test images whose nearest sample (Euclidean, pixels) has another label",
            fake=len(labels),
            real=len(test_x),
            split=f"{context.recipe.dataset} test",
            real_training_images=error(known_x, known_y),
            of_these=len(known_x),
            chance=1 - 1 / context.trained.priors["label"].classes,
        )
    ]


@protocol("recognise")
def code_as_classifier(context):
    """Measures InfoGAN's categorical code as a classifier of real images."""
    train_x, train_y = context.labeled("train", 10_000)
    test_x, test_y = context.labeled("test")
    read = lambda x: context.trained.call("recognise", image=x)["category"]  # noqa: E731
    classes = context.data("test").classes
    first = read(train_x)
    label_of = agreement.matching(first.argmax(1), train_y, first.shape[1])
    return [
        record(
            "error of the categorical code",
            [1 - agreement.agreement(test_y, label_of[read(test_x).argmax(1)])],
            "argmax Q(c|x) of test images; codes matched one to one to labels on the first 10,000 "
            "training images (Hungarian method)",
            real=len(test_y),
            split=f"{context.recipe.dataset} test",
            chance=1 - 1 / classes,
        )
    ]


@protocol("generate")
def noise_arithmetic(context, members=10):
    """Measures the share of equations a − b + c of mean noise that hold.

    See `zoo.evaluate.concepts.Equation`.
    """
    painter, reader = concepts.Painter(context.trained), context.reader
    rows = []
    for seed in context.seeds:
        z, rng = painter.draw(context.count, seed), np.random.default_rng(seed)
        reading = reader(painter(z))
        equations = concepts.equations(reading, reader.sizes, members, context.count // 20, rng)
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
            fake=context.count,
            equations=context.count // 20,
            **{name.replace(" ", "_"): float(np.mean([row[name] for row in rows])) for name in beside},
            **context.classifier_facts(),
        )
    ]


@protocol("score")
def theory(context):
    """Measures the distance of p_g, D and V from the theoretical solution, on a Gaussian."""
    real, _ = context.data("train").arrays(0, context.count)
    inner = real[np.abs(real - real.mean()) < 2 * real.std()][:, None]
    gaps, values, means, deviations = [], [], [], []
    score = lambda x: context.trained.call("score", point=x)["score"]  # noqa: E731
    for seed in context.seeds:
        fake = context.samples(seed)
        values.append(game.value(score(real), score(fake)))
        gaps.append(np.abs(score(inner) - 0.5).mean())
        means.append(fake.mean())
        deviations.append(fake.std())
    shared = {"fake": context.count, "real": len(real), "split": "gaussians/normal train"}
    half = "mean |D(x) − 1/2| over real points within two standard deviations; 0 at the solution"
    return [
        record("V(D, G)", values, "E log D(x) + E log(1 − D(G(z)))", solution=game.optimum, **shared),
        record("distance of D from 1/2", gaps, half, D_always_right=0.5, **shared),
        record("mean of the samples", means, "of x", real_value=float(real.mean()), **shared),
        record(
            "standard deviation of the samples", deviations, "of x", real_value=float(real.std()), **shared
        ),
    ]

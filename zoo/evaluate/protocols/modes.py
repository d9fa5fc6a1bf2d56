"""Protocols for modes and clusters."""

import numpy as np

from zoo import datasets
from zoo.evaluate.context import classifier_facts
from zoo.evaluate.protocol import protocol
from zoo.images import pixels
from zoo.metrics import agreement, modes
from zoo.metrics.record import record
from zoo.tasks import load
from zoo.tasks.inputs import draw_inputs, row_seeds


@protocol("sample")
def mode_recovery(context):
    """Counts the modes of a ring or a grid that samples recover.

    It follows the self-conditioned GAN's protocol, and PacGAN's definition of quality.
    """
    means, sigma = datasets.mixture(context.recipe.dataset)
    n = 50_000
    both, labels = context.own(2 * n)
    real, others, labels = both[:n], both[n:], labels[:n]
    points = {
        "samples": [context.trained.sample(n, seed=seed) for seed in context.seeds],
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

    def within(metric, values, labels_of_real, protocol):
        oracle = modes.spread(real, labels_of_real, sigma)
        return record(
            metric, values, f"standard deviation in units of σ, {protocol}", fake=n, oracle=oracle
        )

    samples = points["samples"]
    spreads = [modes.spread(p, modes.nearest_mode(p, means), sigma) for p in samples]
    covered = [modes.coverage(p, real, sigma) for p in samples]
    clusters = [_spread_in_clusters(context.trained, n, seed, sigma) for seed in context.seeds]
    details = [
        within("spread within a mode", spreads, labels, "around the mean of the nearest mode's samples")
    ]
    if None not in clusters:
        details.append(
            within("spread within a label", clusters, labels, "around the mean of a label's samples")
        )
    return [
        rows("modes recovered", 0, True, found + near[True], of=len(means)),
        rows("high quality", 1, True, "share of samples " + near[True]),
        rows("reverse KL", 2, True, "Σ p ln(K p) over the modes nearest to all samples", unit="nats"),
        rows("modes recovered (Euclidean)", 0, False, found + near[False], of=len(means)),
        rows("high quality (Euclidean)", 1, False, "share of samples " + near[False]),
        record(
            "coverage",
            covered,
            "share of real points that have a sample within σ/2",
            fake=n,
            real=len(real),
            oracle=modes.coverage(others if len(others) else real, real, sigma),
            mean_point=modes.coverage(real.mean(0, keepdims=True), real, sigma),
        ),
        *details,
    ]


def _spread_in_clusters(trained, n, seed, sigma):
    """Returns the spread of samples around the mean of their label's samples, or None without labels."""
    if "label" not in trained.conditions:
        return None
    labels = draw_inputs({"label": trained.priors["label"]}, n, seed)["label"]
    return modes.spread(trained.sample(seed=row_seeds(seed, n), label=labels), labels, sigma)


@protocol("sample")
def stacked_modes(context):
    """Counts the modes of stacked MNIST that samples recover, by a classifier of each channel.

    Differences:
        The classifier receives the range that it was trained on, in inference mode, and logarithms are
        natural. The released code used another range, dropout, and base 10.
    """
    n, classifier = 50_000, load(context.classifier_name or "classifier_mnist")

    def digits(images):
        channels = np.moveaxis(images, -1, 1).reshape(-1, *images.shape[1:3], 1)
        scaled = [
            pixels.resized(part, classifier.interface["x_shape"][:2])
            for part in np.array_split(channels, -(-len(channels) // 4096))
        ]
        found = classifier.call("classify", image=np.concatenate(scaled))["probability"].argmax(1)
        return found.reshape(-1, 3) @ [100, 10, 1]

    def measured(found):
        return len(np.unique(found)), modes.reverse_kl(found, 1000)

    real, labels = context.own(n)
    read = digits(real)
    samples = np.array([measured(digits(context.trained.sample(n, seed=seed))) for seed in context.seeds])
    oracle, collapsed = measured(read), measured(read[labels // 100 == 1])
    shared = {
        "fake": n,
        **classifier_facts(classifier),
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
def cluster_agreement(context):
    """Measures the agreement of clusters with the classes of the data."""
    x, y = context.own(context.count)
    (kind,) = (k for k in ("image", "point") if k in context.trained.card.signatures["cluster"]["inputs"])
    found = context.trained.call("cluster", **{kind: x})["label"]
    rng = np.random.default_rng(0)
    k = len(context.trained.priors["label"].weights)
    shared = {"real": len(x), "clusters": k, "split": f"{context.recipe.dataset} {context.own_split}"}
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
            [agreement.normalized_mutual_information(y, found)],
            "mutual information of clusters and labels over the mean of their entropies",
            random_clusters=agreement.normalized_mutual_information(y, rng.integers(k, size=len(y))),
            **shared,
        ),
    ]

"""Do samples show what they were asked to show? Readings of classifiers and codes."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import jaccard_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix


def agreement(asked, found):
    """The share of samples in which a classifier finds the label asked for; both int [N]."""
    return float(np.mean(np.asarray(asked) == np.asarray(found)))


def matching(codes, labels, known, classes=None):
    """Assigns codes to labels one to one, with the largest agreement (Hungarian method).

    Args:
        codes: Integer array `[N]`, from 0.
        labels: Integer array `[N]`, from 0.
        known: Integer. Number of codes.
        classes: Integer. Number of labels. Defaults to the largest label plus 1.

    Returns:
        Integer array `[known]`. The label of each code, -1 for codes without a label.
    """
    counts = np.zeros((known, classes or np.max(labels) + 1))
    np.add.at(counts, (codes, labels), 1)
    rows, columns = linear_sum_assignment(-counts)
    assignment = np.full(known, -1)
    assignment[rows] = columns
    return assignment


def purity(labels, clusters):
    """The share of examples whose label is the commonest of their cluster; both int [N]."""
    return float(contingency_matrix(labels, clusters).max(0).sum() / len(labels))


def normalised_mutual_information(labels, clusters):
    """I(labels; clusters) over the mean of their entropies, in [0, 1]; both int [N]."""
    return float(normalized_mutual_info_score(labels, clusters))


def mean_iou(truth, found, classes):
    """Mean over classes of intersection over union, in pixels of all pictures together.

    Args:
        truth, found: int, of one shape; what is found may be none of the classes.
        classes: the labels that count.
    """
    truth, found = np.ravel(truth), np.ravel(found)
    return float(jaccard_score(truth, found, labels=list(classes), average="macro", zero_division=0))


def tag_precision_recall(given, found):
    """How many of the words that are found were given, and the other way round: both means over pictures.

    Args:
        given, found: lists of words, one a picture; pictures that nobody gave words are left out.

    Returns:
        (precision, recall).
    """
    pairs = [(set(g), set(f)) for g, f in zip(given, found) if len(g)]
    shared = [(len(g & f) / max(len(f), 1), len(g & f) / len(g)) for g, f in pairs]
    return tuple(float(v) for v in np.mean(shared, 0))


def precision_at_one(queries, answers, pool):
    """How often the answer that belongs to a query has the largest product with it among a pool of answers.
    R-precision with one relevant answer: Xu et al. 2018 (AttnGAN), §4.

    Args:
        queries, answers: embeddings [N, E], of which the i-th belong together; neighbours are a pool.
        pool: answers a pool; those beyond the last whole pool are left out.

    Raises:
        ValueError: there is not one whole pool.
    """
    if len(queries) < pool:
        raise ValueError(f"one pool needs {pool} of the split, which has {len(queries)}")
    whole = len(queries) // pool * pool
    shape = (-1, pool, queries.shape[-1])
    scores = queries[:whole].reshape(shape) @ answers[:whole].reshape(shape).swapaxes(1, 2)
    return float(np.mean(scores.argmax(2) == np.arange(pool)))

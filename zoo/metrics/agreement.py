"""Agreement of labels, clusters, segmentations, tags and embeddings."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import jaccard_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix


def agreement(asked: npt.ArrayLike, found: npt.ArrayLike) -> float:
    """Computes the share of samples in which a classifier finds the requested label.

    Args:
        asked: Integer array `[N]`. Requested labels.
        found: Integer array `[N]`. Labels that the classifier finds.

    Returns:
        Float in [0, 1].
    """
    return float(np.mean(np.asarray(asked) == np.asarray(found)))


def matching(codes: np.ndarray, labels: np.ndarray, known: int, classes: int | None = None) -> np.ndarray:
    """Finds the one-to-one assignment of codes to labels with the largest agreement.

    Uses the Hungarian method.

    Args:
        codes: Integer array `[N]`. Codes from 0.
        labels: Integer array `[N]`. Labels from 0.
        known: Integer. Number of codes.
        classes: Integer. Number of labels. `None` for the largest label plus 1. Defaults to `None`.

    Returns:
        Integer array `[known]`. Label of each code, or -1 for codes without a label if there are more codes
        than labels.

    Example:
        >>> matching(np.array([0, 0, 1]), np.array([1, 1, 0]), 3).tolist()
        [1, 0, -1]
    """
    counts = np.zeros((known, classes or np.max(labels) + 1))
    np.add.at(counts, (codes, labels), 1)
    rows, columns = linear_sum_assignment(-counts)
    assignment = np.full(known, -1)
    assignment[rows] = columns
    return assignment


def purity(labels: np.ndarray, clusters: np.ndarray) -> float:
    """Computes the share of examples that have the most frequent label of their cluster.

    Args:
        labels: Integer array `[N]`.
        clusters: Integer array `[N]`.

    Returns:
        Float in (0, 1].
    """
    return float(contingency_matrix(labels, clusters).max(0).sum() / len(labels))


def normalized_mutual_information(labels: np.ndarray, clusters: np.ndarray) -> float:
    """Computes the mutual information of labels and clusters over the mean of their entropies.

    Args:
        labels: Integer array `[N]`.
        clusters: Integer array `[N]`.

    Returns:
        Float in [0, 1].
    """
    return float(normalized_mutual_info_score(labels, clusters))


def mean_iou(truth: np.ndarray, found: np.ndarray, classes: Iterable[int]) -> float:
    """Computes the mean over classes of the intersection over union of pixel labels.

    Intersections and unions are counted over all images together.

    Args:
        truth: Integer array of any shape.
        found: Integer array of the same shape. May contain labels that are not in `classes`.
        classes: Labels over which the mean is taken.

    Returns:
        Float in [0, 1].
    """
    truth, found = np.ravel(truth), np.ravel(found)
    return float(jaccard_score(truth, found, labels=list(classes), average="macro", zero_division=0))


def tag_precision_recall(
    given: Iterable[Sequence[str]], found: Iterable[Sequence[str]]
) -> tuple[float, float]:
    """Computes the mean precision and recall of predicted tags over images.

    Args:
        given: One list of true tags per image. Images without true tags are skipped.
        found: One list of predicted tags per image.

    Returns:
        Pair `(precision, recall)`.
    """
    pairs = [(set(g), set(f)) for g, f in zip(given, found) if len(g)]
    shared = [(len(g & f) / max(len(f), 1), len(g & f) / len(g)) for g, f in pairs]
    precision, recall = np.mean(shared, 0)
    return float(precision), float(recall)


def precision_at_one(queries: np.ndarray, answers: np.ndarray, pool: int) -> float:
    """Computes the share of queries whose own answer scores highest in a pool of answers.

    The score is the inner product. This is R-precision with one relevant answer. Consecutive rows form a
    pool.

    Args:
        queries: Float array `[N, E]` of embeddings.
        answers: Float array `[N, E]` of embeddings. Answer i belongs to query i.
        pool: Integer. Number of answers per pool. Rows after the last full pool are skipped.

    Returns:
        Float in [0, 1].

    Raises:
        ValueError: There are fewer than `pool` rows.

    Reference:
        Xu et al., 2018, "AttnGAN", arXiv 1711.10485, section 4.
    """
    if len(queries) < pool:
        raise ValueError(f"one pool needs {pool} of the split, which has {len(queries)}")
    whole = len(queries) // pool * pool
    shape = (-1, pool, queries.shape[-1])
    scores = queries[:whole].reshape(shape) @ answers[:whole].reshape(shape).swapaxes(1, 2)
    return float(np.mean(scores.argmax(2) == np.arange(pool)))

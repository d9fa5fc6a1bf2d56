"""Do samples show what they were asked to show? Readings of classifiers and codes."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import jaccard_score


def agreement(asked, found):
    """The share of samples in which a classifier finds the label asked for; both int [N]."""
    return float(np.mean(np.asarray(asked) == np.asarray(found)))


def matching(codes, labels, classes):
    """The one-to-one assignment of codes to labels that agrees most often (Hungarian method).

    Args:
        codes, labels: int [N], below `classes`.

    Returns:
        int [classes]: the label of each code.
    """
    counts = np.zeros((classes, classes))
    np.add.at(counts, (codes, labels), 1)
    rows, columns = linear_sum_assignment(-counts)
    assignment = np.empty(classes, int)
    assignment[rows] = columns
    return assignment


def mean_iou(truth, found, classes):
    """Mean over classes of intersection over union, in pixels of all pictures together.

    Args:
        truth, found: int, of one shape; what is found may be none of the classes.
        classes: the labels that count.
    """
    truth, found = np.ravel(truth), np.ravel(found)
    return float(jaccard_score(truth, found, labels=list(classes), average="macro", zero_division=0))

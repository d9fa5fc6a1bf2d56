"""Protocols for classifiers, segmenters and text encoders."""

import numpy as np

from zoo.evaluate.protocol import protocol
from zoo.metrics import agreement
from zoo.metrics.record import record


@protocol("classify")
def test_accuracy(context):
    """Measures the accuracy of a classifier on test images."""
    x, y = context.labeled("test")
    found = context.trained.call("classify", image=x)["probability"].argmax(1)
    return [
        record(
            "test accuracy",
            [agreement.agreement(y, found)],
            "share of test images whose label is the most probable",
            real=len(y),
            split=f"{context.recipe.dataset} test",
            chance=float(np.bincount(y).max() / len(y)),
        )
    ]


@protocol("read")
def factor_accuracy(context):
    """Measures the accuracy of a classifier of several factors on test images."""
    return _factors_read(context, "test", "test accuracy of {}")


@protocol("read")
def held_out_accuracy(context):
    """Measures the accuracy of a classifier of several factors on held-out pairs."""
    return _factors_read(context, "held_out", "accuracy of {}, held out")


def _factors_read(context, split, metric):
    columns = context.data(split).columns()
    found = context.trained.call("read", image=columns["x"])
    return [
        record(
            metric.format(name),
            [agreement.agreement(y, found[name].argmax(1))],
            "share of images whose label is the most probable",
            real=len(y),
            split=f"{context.recipe.dataset} {split}",
            chance=float(np.bincount(y).max() / len(y)),
        )
        for name, y in zip(context.trained.interface["factors"], columns["factors"].T)
    ]


@protocol("embed_image")
def caption_retrieval(context):
    """Measures the retrieval of captions by images, and of images by captions."""
    return _retrieved(context, "test", "R-precision, {}")


@protocol("embed_image")
def held_out_retrieval(context):
    """Measures `caption_retrieval` on images of held-out pairs."""
    return _retrieved(context, "held_out", "R-precision, {}, held out")


def _retrieved(context, split, title):
    columns = context.data(split).columns(0, 2000)
    captions = columns["text"][:, 0]
    v = context.trained.call("embed_image", image=columns["x"])["embedding"]
    t = context.trained.call("embed", text=captions)["embedding"]
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
                split=f"{context.recipe.dataset} {split}",
                shuffled=shuffled,
                chance=1 / pool,
            )
        )
    return results


@protocol("segment")
def segmentation_test(context):
    """Measures the mean intersection over union of a segmenter on test images."""
    x, y = context.data("test").arrays()
    found = context.trained.call("segment", image=x)["label"]
    return [
        record(
            "test mIoU",
            [agreement.mean_iou(y[..., 0], found, range(context.data("test").classes))],
            "mean over classes of the intersection over the union, in pixels of all test pictures",
            real=len(y),
            split=f"{context.recipe.dataset} test",
        )
    ]

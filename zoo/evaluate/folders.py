"""Comparison of two sets of images by published metrics."""

import collections
import itertools
import pathlib
import sys

import numpy as np

from zoo.errors import ZooError, unknown
from zoo.evaluate.context import classifier_facts
from zoo.evaluate.weights import inception_weights
from zoo.images import pixels
from zoo.images.files import list_images, read_image
from zoo.metrics import fidelity, frechet, inception, inception_score, kid, precision_recall, segmentation
from zoo.metrics.record import record
from zoo.tasks import load


class Side:
    """Images and their Inception features.

    Args:
        pictures: uint8 `[N, H, W, C]`, a list of uint8 `[H, W, C]`, or the path of a folder.
    """

    def __init__(self, pictures):
        self.given, self.seen_by = pictures, None

    def images(self):
        """Yields the images, uint8 `[H, W, C]`."""
        if isinstance(self.given, (str, pathlib.Path)):
            for path, _ in self._named():
                image = np.asarray(read_image(path))
                yield image if image.ndim == 3 else image[..., None]
        else:
            for image in self.given:
                if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] not in (1, 3):
                    raise ZooError(
                        "Pictures are compared as uint8 [H, W, 1 or 3], not as "
                        f"{image.dtype} {list(image.shape)}."
                    )
                yield image

    def names(self):
        """Returns the names of a folder's images without extensions, or None for arrays."""
        if not isinstance(self.given, (str, pathlib.Path)):
            return None
        return [name for _, name in self._named()]

    def _named(self):
        """Returns the files of a folder with their names, sorted by name.

        Images of the same name in two folders form pairs. Their extensions may differ. Of a folder that
        `zoo.sample` has written, only the single images are samples, not the grids.

        Raises:
            ZooError: The folder is that of a run, whose images are grids.
        """
        folder = pathlib.Path(self.given).expanduser()
        if (folder / "checkpoints").is_dir() and (folder / "recipe.json").is_file():
            raise ZooError(
                f"{folder} is the folder of a run, whose images are grids. Write single images with "
                "`zoo.sample` first."
            )
        if (folder / ".zoo_files").is_file() and (folder / "images").is_dir():
            folder = folder / "images"
        found = [(p, str(p.relative_to(folder).with_suffix(""))) for p in list_images(folder)]
        return sorted(found, key=lambda file: file[1])

    def see(self, extractor, metrics):
        """Runs Inception once over the images, and keeps the features that the metrics need.

        Args:
            extractor: A `zoo.metrics.inception.Extractor`.
            metrics: Names of the metrics.

        Raises:
            ZooError: There are no images.
        """
        if self.seen_by == (extractor.sha256, extractor.resizing, *metrics):
            return
        self.seen_by = (extractor.sha256, extractor.resizing, *metrics)
        self.gaussian, rows, logits = frechet.Gaussian(), [], []
        for features, scores in extractor(self.images()):
            self.gaussian.add(features)
            rows += [features] if {"kid", "pr"} & set(metrics) else []
            logits += [scores] if "is" in metrics else []
        if not self.count:
            raise ZooError("There are no pictures to compare.")
        self.features = np.concatenate(rows) if rows else None
        self.logits = np.concatenate(logits) if logits else None

    @property
    def count(self):
        """Number of images."""
        return self.gaussian.n


def _fid(real, fake):
    return [("FID", [frechet.between(real.gaussian, fake.gaussian)], "Fréchet distance of pool3", {})]


def _kid(real, fake):
    mean, spread = kid.kid(real.features, fake.features)
    size = min(1000, real.count, fake.count)
    protocol = f"polynomial kernel of degree 3, unbiased, 100 subsets of {size}, seed 2020"
    return [("KID", [mean], protocol, {"spread_over_subsets": spread})]


def _is(real, fake):
    mean, spread = inception_score.inception_score(fake.logits)
    own = inception_score.inception_score(real.logits)[0] if real.count >= 10 else None
    protocol = "of the fakes, 10 splits in random order (seed 2020), logits without bias"
    return [("IS", [mean], protocol, {"spread_over_splits": spread, "real_pictures": own})]


def _precision_recall(real, fake):
    precision, recall = precision_recall.precision_recall(real.features, fake.features)
    balls = "balls to the third neighbour in pool3"
    return [
        ("precision", [precision], f"share of fakes in the union of the real pictures' {balls}", {}),
        ("recall", [recall], f"share of real pictures in the union of the fakes' {balls}", {}),
    ]


def _pairwise(name, measure, unit):
    def measured(real, fake):
        ours, theirs = real.names(), fake.names()
        if ours and theirs and ours != theirs:
            counts = collections.Counter(ours), collections.Counter(theirs)
            alone = min(counts[0] - counts[1] | counts[1] - counts[0])
            raise ZooError(f"{name} compares pictures of one name; one folder has {alone!r} more often.")
        values = []
        for i, (a, b) in enumerate(zip(_in_color(fake), _in_color(real), strict=True)):
            if a.shape != b.shape:
                which = ours[i] if ours else f"number {i}"
                (h, w), (h2, w2) = a.shape[:2], b.shape[:2]
                raise ZooError(
                    f"{name} needs pairs of one size, but the image {which} has {w}×{h} and {w2}×{h2}."
                )
            values.append(measure(a[None], b[None]))
        return [
            (name, [np.mean(values)], "mean over pictures of one name or place, RGB, uint8", {"unit": unit})
        ]

    return measured


def _fsd(name):
    """Returns the metric FSD of a trained segmenter.

    Images are cropped and scaled to the size of the segmenter.
    """
    if not name:
        raise ZooError("FSD needs a trained segmenter, shipped or your own.", segmenter="segmenter_shapes")
    segmenter = load(name)
    if "segment" not in segmenter.signatures:
        raise ZooError(f"{segmenter.name} does not segment pictures; segmenter_shapes does.")
    *sides, channels = segmenter.interface["x_shape"]
    classes = segmenter.card.data["classes"]

    def counts(side):
        images, rows = iter(side.images()), [np.zeros((0, classes))]
        while part := list(itertools.islice(images, 500)):
            part = np.stack([pixels.fitted_to(image, sides, channels) for image in part])
            rows.append(segmentation.pixel_counts(segmenter.call("segment", image=part)["label"], classes))
        rows = np.concatenate(rows)
        if len(rows) < 4:
            raise ZooError(f"FSD needs 4 pictures a side or more, not {len(rows)}.")
        return rows

    def measured(real, fake):
        seen, made = counts(real), counts(fake)
        half = frechet.frechet(seen[::2], seen[1::2])
        more = {
            "unit": "squared pixels",
            "real": len(seen),
            "fake": len(made),
            "half_of_the_real_against_the_other": half,
            **classifier_facts(segmenter),
        }
        protocol = f"Fréchet distance of the pixels that a segmenter gives each class, at {sides[0]} rows"
        return [("FSD", [frechet.frechet(seen, made)], protocol, more)]

    return measured


def _in_color(side):
    """Yields the images with three channels."""
    return (np.broadcast_to(image, (*image.shape[:2], 3)) for image in side.images())


seen = {"fid": _fid, "kid": _kid, "is": _is, "pr": _precision_recall}
paired = {
    "psnr": _pairwise("PSNR", fidelity.psnr, "dB"),
    "ssim": _pairwise("SSIM", fidelity.ssim, "1"),
    "ms_ssim": _pairwise("MS-SSIM", fidelity.ms_ssim, "1"),
}


def compare(real, fake, metrics=("fid",), weights=None, resizing="legacy", segmenter=None):
    """Measures generated images against real images.

    Args:
        real, fake: Images, or a `Side`, which keeps its features. They may have any sizes. "psnr", "ssim"
            and "ms_ssim" compare pairs of equal size: images of the same name, or of the same index in
            arrays.
        metrics: Iterable of "fid", "kid", "is", "pr" (precision and recall), "fsd" (Bau et al. 2019,
            section 3.1), "psnr", "ssim" and "ms_ssim". Defaults to `("fid",)`.
        weights: Path of the weights. See `zoo.evaluate.weights.inception_weights`.
        resizing: String. See `zoo.metrics.inception.Extractor`.
        segmenter: String. Trained segmenter for "fsd": its name or its run folder.

    Returns:
        List of records.

    Raises:
        ZooError: An unknown metric, too few images, pairs that do not match, or a missing extractor.
    """
    known = {**seen, "fsd": _fsd(segmenter) if "fsd" in metrics else None, **paired}
    for name in metrics:
        if name not in known:
            raise unknown("metric", name, known)
    sides, shared = [s if isinstance(s, Side) else Side(s) for s in (real, fake)], {}
    if set(metrics) & set(seen):
        extractor = inception.Extractor(inception_weights(weights), resizing)
        for side in sides:
            side.see(extractor, metrics)
        few = min(side.count for side in sides)
        if "fid" in metrics and few < 10_000:
            print(f"warning: the FID of {few} images is biased. It needs at least 10,000.", file=sys.stderr)
        shared = {
            "fake": sides[1].count,
            "real": sides[0].count,
            "extractor": "inception-2015-12-05",
            "extractor_sha256": extractor.sha256[:16],
            "resizing": resizing,
        }
    results = []
    for name in metrics:
        try:
            measured = known[name](*sides)
        except ValueError as error:
            raise ZooError(f"{name} cannot be measured: {error}") from error
        results += [
            record(m, values, protocol, **(shared if name in seen else {}), **more)
            for m, values, protocol, more in measured
        ]
    return results

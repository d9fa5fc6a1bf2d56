"""Protocols for image-to-image translation."""

import typing
from collections.abc import Callable

import numpy as np

from zoo import datasets
from zoo.datasets.shapes import scenes
from zoo.errors import ZooError
from zoo.evaluate.protocol import protocol
from zoo.images import pixels
from zoo.metrics import agreement, colors, fidelity, frechet, segmentation
from zoo.metrics.record import record


@protocol("translations")
def translation_agreement(context):
    """Measures the FCN score: the agreement of a segmenter's labels with the true scene."""
    truth, kinds = _truth(context), context.data("test").classes

    def read(images):
        return context.classifier.call("segment", image=images)["label"]

    def measure(name, source, target, fakes):
        style = np.bincount(read(target).ravel() // kinds).argmax() * kinds  # as real pictures tell

        def agrees(images):  # a pixel is right where both its style and its shape are
            return agreement.mean_iou(truth + style, read(images), range(style, style + kinds))

        return [agrees(fake) for fake in fakes], {
            "real_pictures": agrees(target),
            "copied_input": agrees(source),
        }

    return _per_direction(
        context,
        _Metric(
            "mIoU {}",
            "a segmenter of style and shape, trained apart on real scenes, reads the "
            "translations; mean over shapes (and ground) of intersection over union with the "
            "true scene, a pixel in another style being wrong",
            measure,
        ),
    )


@protocol("translations")
def translation_fidelity(context):
    """Measures PSNR and SSIM of translations against the ground truth."""
    if isinstance(context.data("test"), datasets.Domains):
        _truth(context)  # pictures that nobody paired are compared only where they are one scene

    def metric(name, function, unit):
        def measure(name, source, target, fakes):
            return [function(fake, target) for fake in fakes], {
                "copied_input": function(source, target),
                "mean_picture": function(_mean(target), target),
            }

        text = f"{name} in RGB, uint8, against the wanted picture, mean over test pictures"
        return _Metric(f"{name} {{}}", text, measure, unit)

    metrics = metric("PSNR", fidelity.psnr, "dB"), metric("SSIM", fidelity.ssim, "1")
    return _per_direction(context, *metrics, classified=False)


@protocol("translations")
def translation_colour(context):
    """Measures the share of objects with the color of their true counterpart."""
    truth = _truth(context)
    if not isinstance(context.data("test"), datasets.Domains):
        raise ZooError(
            "translation_colour needs unpaired images with one known color per object.",
            dataset="shapes/unpaired",
        )
    palette = 255 * np.array(list(scenes.colours.values()))
    names = colors.nearest(
        colors.of_objects(context.test_images["a"], truth), palette
    )  # paper is as painted

    def measure(name, source, target, fakes):
        theirs = colors.of_objects(target, truth)

        def agrees(images):
            return colors.agreement(colors.of_objects(images, truth), theirs, names)

        return [agrees(fake) for fake in fakes], {
            "real_pictures": colors.readable(theirs, names),
            "copied_input": agrees(source),
        }

    return _per_direction(
        context,
        _Metric(
            "colour agreement {}",
            "share of objects whose mean colour is read as their counterparts', one of seven, by its "
            "five nearest neighbours among the objects of the wanted pictures",
            measure,
        ),
        classified=False,
    )


@protocol("translations")
def translation_frechet(context):
    """Measures the Fréchet distance of translations and real images in segmenter features."""

    def features(images):
        return context.classifier.call("segment", image=images)["feature"]

    def measure(name, source, target, fakes):
        wanted, half = features(target), len(target) // 2

        def distance(images):
            return frechet.frechet(features(images), wanted)

        return [distance(fake) for fake in fakes], {
            "copied_input": distance(source),
            "half_of_the_real_against_the_other": frechet.frechet(wanted[:half], wanted[half:]),
        }

    return _per_direction(
        context,
        _Metric(
            "segmenter-feature Fréchet distance {}",
            "between translations and real test pictures, in a segmenter's innermost map, "
            "averaged over the picture; not the FID",
            measure,
        ),
        real=True,
    )


@protocol("translations")
def translation_segmentation(context):
    """Measures the FSD of the segmentations of translations and of real images."""

    def read(images):
        return context.classifier.call("segment", image=images)["label"]

    def measure(name, source, target, fakes):
        classes, wanted, half = context.classifier.card.data["classes"], read(target), len(target) // 2

        def distance(images):
            return segmentation.fsd(wanted, read(images), classes)

        return [distance(fake) for fake in fakes], {
            "copied_input": distance(source),
            "half_of_the_real_against_the_other": segmentation.fsd(wanted[:half], wanted[half:], classes),
        }

    return _per_direction(
        context,
        _Metric(
            "FSD {}",
            "Fréchet distance of the pixels a class that a segmenter of style and shape, trained "
            "apart, reads in translations and in real test pictures",
            measure,
            unit="squared pixels",
        ),
        real=True,
    )


@protocol("translations")
def domain_agreement(context):
    """Measures the share of translations that a classifier assigns to the target domain."""

    def measure(name, source, target, fakes):
        wanted = "ab".index(name[-1])

        def share(images):
            fitted = pixels.resized(images, context.classifier.interface["x_shape"][:2]).numpy()
            found = context.classifier.call("classify", image=fitted)["probability"].argmax(1)
            return float(np.mean(found == wanted))

        return [share(fake) for fake in fakes], {
            "real_pictures": share(target),
            "copied_input": share(source),
        }

    return _per_direction(
        context,
        _Metric(
            "domain agreement {}",
            "share of translations of test pictures that a classifier of the two domains, trained "
            "apart on the training pictures, takes for pictures of the wanted one",
            measure,
        ),
    )


@protocol("translations")
def round_trip(context):
    """Measures the PSNR of images that are translated to the other domain and back."""

    def measure(name, source, target, fakes):
        back = "_to_".join(reversed(name.split("_to_")))
        again = [
            context.trained.translate(fake, back, seed=seed) for fake, seed in zip(fakes, context.seeds)
        ]
        return [fidelity.psnr(image, source) for image in again], {
            "not_brought_back": float(np.mean([fidelity.psnr(image, source) for image in fakes])),
            "mean_picture": fidelity.psnr(_mean(source), source),
        }

    return _per_direction(
        context,
        _Metric(
            "round trip {} and back",
            "PSNR in RGB, uint8, of the picture that comes back, mean over test pictures",
            measure,
            unit="dB",
        ),
        classified=False,
    )


class _Metric(typing.NamedTuple):
    """A metric of translations.

    Attributes:
        name: String. Name of the metric, with {} for the direction.
        text: String. Description of the protocol.
        measure: Function of the name, the inputs and the targets of a direction, and its translations (one
            array per seed). Returns one value per seed, and a dict of numbers for comparison.
        unit: String. Unit of the values. Defaults to `None`, for values without a unit.
    """

    name: str
    text: str
    measure: Callable
    unit: str | None = None


def _per_direction(context, *metrics, classified=True, real=False):
    """Measures the translations in each direction.

    Args:
        context: The `EvaluationContext`.
        *metrics: Each a `_Metric`.
        classified: Boolean. Whether the classifier measures. Defaults to `True`.
        real: Boolean. Whether the number of real images is a field. Defaults to `False`.

    Returns:
        List of records, one per direction and metric.
    """
    facts = context.classifier_facts() if classified else {}
    results = []
    for name, source, target in context.translations():
        fakes = [context.trained.translate(source, name, seed=seed) for seed in context.seeds]
        for metric in metrics:
            values, comparison = metric.measure(name, source, target, fakes)
            results.append(
                record(
                    metric.name.format(name),
                    values,
                    metric.text,
                    **({"unit": metric.unit} if metric.unit else {}),
                    fake=len(source),
                    **({"real": len(target)} if real else {}),
                    split=f"{context.recipe.dataset} test",
                    **comparison,
                    **facts,
                )
            )
    return results


def _mean(images):
    """Returns copies of the mean image, in the shape of the images."""
    return np.broadcast_to(np.round(images.mean(0)).astype(np.uint8), images.shape)


def _truth(context):
    """Returns the true segmentation of the test images, `[N, H, W]`.

    Raises:
        ZooError: The data does not have ground truth.
    """
    if "y" not in context.test_images:
        raise ZooError(
            f"{context.recipe.dataset} has no ground truth, unlike shapes/unpaired and shapes/paired. "
            "Choose metrics that do not need ground truth.",
            metrics="round_trip,domain_agreement",
        )
    return context.test_images["y"][..., 0]

"""Protocols for image-to-image translation."""

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
        return context.judge.call("segment", image=images)["label"]

    def prepare(name, source, target):
        style = np.bincount(read(target).ravel() // kinds).argmax() * kinds  # as real pictures tell

        def agrees(images):  # a pixel is right where both its style and its shape are
            return agreement.mean_iou(truth + style, read(images), range(style, style + kinds))

        return agrees, {"real_pictures": agrees(target), "copied_input": agrees(source)}

    return _per_direction(
        context,
        "mIoU",
        "a segmenter of style and shape, trained apart on real scenes, reads the "
        "translations; mean over shapes (and ground) of intersection over union with the "
        "true scene, a pixel in another style being wrong",
        prepare,
    )


@protocol("translations")
def translation_fidelity(context):
    """Measures PSNR and SSIM of translations against the ground truth."""
    results = []
    for name, source, target in context.translations():
        if isinstance(context.data("test"), datasets.Domains):
            _truth(context)  # pictures that nobody paired are compared only where they are one scene
        fakes = [context.trained.translate(source, name, seed=seed) for seed in context.seeds]
        mean = np.broadcast_to(np.round(target.mean(0)).astype(np.uint8), target.shape)
        for metric, measure, unit in (("PSNR", fidelity.psnr, "dB"), ("SSIM", fidelity.ssim, "1")):
            results.append(
                record(
                    f"{metric} {name}",
                    [measure(fake, target) for fake in fakes],
                    f"{metric} in RGB, uint8, against the wanted picture, mean over test pictures",
                    unit=unit,
                    fake=len(source),
                    split=f"{context.recipe.dataset} test",
                    copied_input=measure(source, target),
                    mean_picture=measure(mean, target),
                )
            )
    return results


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
    names = colors.nearest(colors.of_objects(context.pictures["a"], truth), palette)  # paper is as painted

    def prepare(name, source, target):
        theirs = colors.of_objects(target, truth)

        def agrees(images):
            return colors.agreement(colors.of_objects(images, truth), theirs, names)

        return agrees, {"real_pictures": colors.readable(theirs, names), "copied_input": agrees(source)}

    return _per_direction(
        context,
        "colour agreement",
        "share of objects whose mean colour is read as their counterparts', one of seven, by its "
        "five nearest neighbours among the objects of the wanted pictures",
        prepare,
        judged=False,
    )


@protocol("translations")
def translation_frechet(context):
    """Measures the Fréchet distance of translations and real images in segmenter features."""

    def features(images):
        return context.judge.call("segment", image=images)["feature"]

    def prepare(name, source, target):
        wanted, half = features(target), len(target) // 2

        def distance(images):
            return frechet.frechet(features(images), wanted)

        return distance, {
            "copied_input": distance(source),
            "half_of_the_real_against_the_other": frechet.frechet(wanted[:half], wanted[half:]),
        }

    return _per_direction(
        context,
        "segmenter-feature Fréchet distance",
        "between translations and real test pictures, in a segmenter's innermost map, "
        "averaged over the picture; not the FID",
        prepare,
        real=True,
    )


@protocol("translations")
def translation_segmentation(context):
    """Measures the FSD of the segmentations of translations and of real images."""

    def read(images):
        return context.judge.call("segment", image=images)["label"]

    def prepare(name, source, target):
        classes, wanted, half = context.judge.card.data["classes"], read(target), len(target) // 2

        def distance(images):
            return segmentation.fsd(wanted, read(images), classes)

        return distance, {
            "copied_input": distance(source),
            "half_of_the_real_against_the_other": segmentation.fsd(wanted[:half], wanted[half:], classes),
        }

    return _per_direction(
        context,
        "FSD",
        "Fréchet distance of the pixels a class that a segmenter of style and shape, trained "
        "apart, reads in translations and in real test pictures",
        prepare,
        real=True,
        unit="squared pixels",
    )


@protocol("translations")
def domain_agreement(context):
    """Measures the share of translations that a classifier assigns to the target domain."""

    def prepare(name, source, target):
        wanted = "ab".index(name[-1])

        def share(images):
            fitted = pixels.resized(images, context.judge.interface["x_shape"][:2]).numpy()
            found = context.judge.call("classify", image=fitted)["probability"].argmax(1)
            return float(np.mean(found == wanted))

        return share, {"real_pictures": share(target), "copied_input": share(source)}

    return _per_direction(
        context,
        "domain agreement",
        "share of translations of test pictures that a classifier of the two domains, trained "
        "apart on the training pictures, takes for pictures of the wanted one",
        prepare,
    )


@protocol("translations")
def round_trip(context):
    """Measures the PSNR of images that are translated to the other domain and back."""
    results = []
    for name, source, _ in context.translations():
        back = "_to_".join(reversed(name.split("_to_")))
        fakes = [context.trained.translate(source, name, seed=seed) for seed in context.seeds]
        again = [
            context.trained.translate(fake, back, seed=seed) for fake, seed in zip(fakes, context.seeds)
        ]
        mean = np.broadcast_to(np.round(source.mean(0)).astype(np.uint8), source.shape)
        results.append(
            record(
                f"round trip {name} and back",
                [fidelity.psnr(image, source) for image in again],
                "PSNR in RGB, uint8, of the picture that comes back, mean over test pictures",
                unit="dB",
                fake=len(source),
                split=f"{context.recipe.dataset} test",
                not_brought_back=float(np.mean([fidelity.psnr(image, source) for image in fakes])),
                mean_picture=fidelity.psnr(mean, source),
            )
        )
    return results


def _per_direction(context, metric, text, prepare, judged=True, real=False, **details):
    """Measures the translations in each direction.

    Args:
        context: The `EvaluationContext`.
        metric: String. Name of the metric, without the direction.
        text: String. Description of the protocol.
        prepare: Function of the name, the inputs and the targets of a direction. Returns a function from
            images to a number, and a dict of numbers for comparison.
        judged: Boolean. Whether the judge measures. Defaults to `True`.
        real: Boolean. Whether the number of real images is a field. Defaults to `False`.
        **details: Other fields of the records.

    Returns:
        List of records, one per direction.
    """
    results = []
    for name, source, target in context.translations():
        measure, comparison = prepare(name, source, target)
        fakes = (context.trained.translate(source, name, seed=seed) for seed in context.seeds)
        results.append(
            record(
                f"{metric} {name}",
                [measure(fake) for fake in fakes],
                text,
                **details,
                fake=len(source),
                **({"real": len(target)} if real else {}),
                split=f"{context.recipe.dataset} test",
                **comparison,
                **(context.judged_by() if judged else {}),
            )
        )
    return results


def _truth(context):
    """Returns the true segmentation of the test images, `[N, H, W]`.

    Raises:
        ZooError: The data does not have ground truth.
    """
    if "y" not in context.pictures:
        raise ZooError(
            f"{context.recipe.dataset} has no ground truth, unlike shapes/unpaired and shapes/paired. "
            "Choose metrics that do not need ground truth.",
            metrics="round_trip,domain_agreement",
        )
    return context.pictures["y"][..., 0]

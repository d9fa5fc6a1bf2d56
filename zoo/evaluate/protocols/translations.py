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
def translation_agreement(bench):
    """What a segmenter trained apart reads in translations, against the true scene: an FCN score."""
    truth, kinds = _truth(bench), bench.data("test").classes

    def read(images):
        return bench.judge.call("segment", image=images)["label"]

    def agrees(images, style):  # a pixel is right where both its style and its shape are
        return agreement.mean_iou(truth + style, read(images), range(style, style + kinds))

    results = []
    for name, source, target in bench.translations():
        style = np.bincount(read(target).ravel() // kinds).argmax() * kinds  # as real pictures tell
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"mIoU {name}",
                [agrees(fake, style) for fake in fakes],
                "a segmenter of style and shape, trained apart on real scenes, reads the "
                "translations; mean over shapes (and ground) of intersection over union with the "
                "true scene, a pixel in another style being wrong",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                real_pictures=agrees(target, style),
                copied_input=agrees(source, style),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def translation_fidelity(bench):
    """PSNR and SSIM of translations against the pictures that were wanted."""
    results = []
    for name, source, target in bench.translations():
        if isinstance(bench.data("test"), datasets.Domains):
            _truth(bench)  # pictures that nobody paired are compared only where they are one scene
        fakes = [bench.trained.translate(source, name, seed=seed) for seed in bench.seeds]
        mean = np.broadcast_to(np.round(target.mean(0)).astype(np.uint8), target.shape)
        for metric, measure, unit in (("PSNR", fidelity.psnr, "dB"), ("SSIM", fidelity.ssim, "1")):
            results.append(
                record(
                    f"{metric} {name}",
                    [measure(fake, target) for fake in fakes],
                    f"{metric} in RGB, uint8, against the wanted picture, mean over test pictures",
                    unit=unit,
                    fake=len(source),
                    split=f"{bench.recipe.dataset} test",
                    copied_input=measure(source, target),
                    mean_picture=measure(mean, target),
                )
            )
    return results


@protocol("translations")
def translation_colour(bench):
    """How often an object has the colour of its true counterpart."""
    truth = _truth(bench)
    if not isinstance(bench.data("test"), datasets.Domains):
        raise ZooError(
            "translation_colour needs unpaired images with one known color per object.",
            dataset="shapes/unpaired",
        )
    palette = 255 * np.array(list(scenes.colours.values()))
    names = colors.nearest(colors.of_objects(bench.pictures["a"], truth), palette)  # paper is as painted
    results = []
    for name, source, target in bench.translations():
        theirs = colors.of_objects(target, truth)
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"colour agreement {name}",
                [colors.agreement(colors.of_objects(fake, truth), theirs, names) for fake in fakes],
                "share of objects whose mean colour is read as their counterparts', one of seven, by its "
                "five nearest neighbours among the objects of the wanted pictures",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                real_pictures=colors.readable(theirs, names),
                copied_input=colors.agreement(colors.of_objects(source, truth), theirs, names),
            )
        )
    return results


@protocol("translations")
def translation_frechet(bench):
    """Fréchet distance between translations and real pictures, in the segmenter's features."""

    def features(images):
        return bench.judge.call("segment", image=images)["feature"]

    results = []
    for name, source, target in bench.translations():
        wanted, half = features(target), len(target) // 2
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"segmenter-feature Fréchet distance {name}",
                [frechet.frechet(features(fake), wanted) for fake in fakes],
                "between translations and real test pictures, in a segmenter's innermost map, "
                "averaged over the picture; not the FID",
                fake=len(source),
                real=len(target),
                split=f"{bench.recipe.dataset} test",
                copied_input=frechet.frechet(features(source), wanted),
                half_of_the_real_against_the_other=frechet.frechet(wanted[:half], wanted[half:]),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def translation_segmentation(bench):
    """FSD: whether translations hold as much of each thing as real pictures do."""

    def read(images):
        return bench.judge.call("segment", image=images)["label"]

    results = []
    for name, source, target in bench.translations():
        classes, wanted = bench.judge.card.data["classes"], read(target)
        half = len(target) // 2
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"FSD {name}",
                [segmentation.fsd(wanted, read(fake), classes) for fake in fakes],
                "Fréchet distance of the pixels a class that a segmenter of style and shape, trained "
                "apart, reads in translations and in real test pictures",
                unit="squared pixels",
                fake=len(source),
                real=len(target),
                split=f"{bench.recipe.dataset} test",
                copied_input=segmentation.fsd(wanted, read(source), classes),
                half_of_the_real_against_the_other=segmentation.fsd(wanted[:half], wanted[half:], classes),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def domain_agreement(bench):
    """How often a classifier of the two domains, trained apart, takes a translation for the other one."""

    def share(images, wanted):
        fitted = pixels.resized(images, bench.judge.interface["x_shape"][:2]).numpy()
        found = bench.judge.call("classify", image=fitted)["probability"].argmax(1)
        return float(np.mean(found == wanted))

    results = []
    for name, source, target in bench.translations():
        wanted = "ab".index(name[-1])
        fakes = (bench.trained.translate(source, name, seed=seed) for seed in bench.seeds)
        results.append(
            record(
                f"domain agreement {name}",
                [share(fake, wanted) for fake in fakes],
                "share of translations of test pictures that a classifier of the two domains, trained "
                "apart on the training pictures, takes for pictures of the wanted one",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                real_pictures=share(target, wanted),
                copied_input=share(source, wanted),
                **bench.judged_by(),
            )
        )
    return results


@protocol("translations")
def round_trip(bench):
    """What is left of a picture that is translated there and back."""
    results = []
    for name, source, _ in bench.translations():
        back = "_to_".join(reversed(name.split("_to_")))
        fakes = [bench.trained.translate(source, name, seed=seed) for seed in bench.seeds]
        again = [bench.trained.translate(fake, back, seed=seed) for fake, seed in zip(fakes, bench.seeds)]
        mean = np.broadcast_to(np.round(source.mean(0)).astype(np.uint8), source.shape)
        results.append(
            record(
                f"round trip {name} and back",
                [fidelity.psnr(image, source) for image in again],
                "PSNR in RGB, uint8, of the picture that comes back, mean over test pictures",
                unit="dB",
                fake=len(source),
                split=f"{bench.recipe.dataset} test",
                not_brought_back=float(np.mean([fidelity.psnr(image, source) for image in fakes])),
                mean_picture=fidelity.psnr(mean, source),
            )
        )
    return results


def _truth(bench):
    """The true segmentation of the test pictures, [N, H, W].

    Raises:
        ZooError: the data does not tell.
    """
    if "y" not in bench.pictures:
        raise ZooError(
            f"{bench.recipe.dataset} has no ground truth, unlike shapes/unpaired and shapes/paired. Choose "
            "metrics that do not need ground truth.",
            metrics="round_trip,domain_agreement",
        )
    return bench.pictures["y"][..., 0]

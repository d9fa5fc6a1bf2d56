"""The protocol for inpainting and denoising."""

import numpy as np
import scipy.ndimage
from skimage.restoration import inpaint_biharmonic

from zoo.evaluate.protocol import protocol
from zoo.metrics import fidelity, frechet
from zoo.metrics.record import record
from zoo.tasks.restoration import damage


def classical(image, mask):
    """Returns results of classical methods, `{name: uint8 [H, W, C]}`.

    Missing pixels are filled by biharmonic functions. Noise is removed by median filters of 3×3 and 5×5
    pixels.

    Args:
        image: uint8 `[H, W, C]`. The damaged image.
        mask: Boolean `[H, W]`. `True` for pixels to restore.
    """
    if mask.all():
        return {f"median_{n}": scipy.ndimage.median_filter(image, (n, n, 1)) for n in (3, 5)}
    filled = inpaint_biharmonic(image, mask, channel_axis=-1)
    return {"biharmonic": np.uint8(np.round(255 * np.clip(filled, 0, 1)))}


def _results(context, count):
    """Returns the original test images, and all results by name: restored, damaged, and classical."""
    trained = context.trained
    whole = context.data("test").columns(0, count)["x"]
    damaged, masks = damage.each(damage.make(**trained.interface["damage"]), whole, range(len(whole)))
    given = {"mask": masks} if trained.interface["masked"] else {}
    rows = [classical(image, mask) for image, mask in zip(damaged, masks)]
    baselines = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return whole, {"restored": trained.restore(damaged, **given), "damaged": damaged, **baselines}


@protocol("restore")
def restoration(context, count=200):
    """Measures PSNR and SSIM of restored images, with classical methods as baselines."""
    whole, results = _results(context, count)
    records = []
    for name, measure, unit in (("PSNR", fidelity.psnr, "dB"), ("SSIM", fidelity.ssim, "1")):
        scores = {k: [measure(x[None], y[None]) for x, y in zip(v, whole)] for k, v in results.items()}
        restored = scores.pop("restored")
        records.append(
            record(
                f"{name} of restored images",
                [np.mean(restored)],
                "RGB, uint8, all pixels of center crops; mean over test images, one damage per image",
                unit=unit,
                fake=len(whole),
                split=f"{context.recipe.dataset} test",
                worst=float(min(restored)),
                **{k: float(np.mean(values)) for k, values in scores.items()},
            )
        )
    return records


@protocol("restore")
def restoration_frechet(context, count=200):
    """Measures the Fréchet distance of restored images in the features of a separate classifier."""
    whole, results = _results(context, count)
    signature = "read" if "read" in context.judge.signatures else "classify"

    def features(images):
        return context.judge.call(signature, image=images)["feature"]

    target = features(whole)
    found = {name: frechet.frechet(features(images), target) for name, images in results.items()}
    return [
        record(
            "classifier-feature Fréchet distance of restored images",
            [found.pop("restored")],
            "between restored and original test images, in a classifier's last hidden layer; not the FID",
            fake=len(whole),
            split=f"{context.recipe.dataset} test",
            **found,
            **context.judged_by(),
        )
    ]

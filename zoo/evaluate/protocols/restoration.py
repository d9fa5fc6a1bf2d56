"""The protocol for inpainting and denoising."""

import numpy as np
import scipy.ndimage
from skimage.restoration import inpaint_biharmonic

from zoo.errors import ZooError
from zoo.evaluate.protocol import protocol
from zoo.images import pixels
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


@protocol("restore")
def restoration(context, count=200):
    """Measures PSNR, SSIM and a Fréchet distance of restored images, with classical methods as baselines.

    The Fréchet distance needs a classifier of the data.
    """
    trained = context.trained
    whole = context.data("test").columns(0, count)["x"]
    damaged, masks = damage.each(damage.make(**trained.interface["damage"]), whole, range(len(whole)))
    given = {"mask": masks} if trained.interface["masked"] else {}
    rows = [classical(image, mask) for image, mask in zip(damaged, masks)]
    baselines = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    results = {"restored": trained.restore(damaged, **given), "damaged": damaged, **baselines}

    facts = {"fake": len(whole), "split": f"{context.recipe.dataset} test"}
    records = []
    for name, measure, unit in (("PSNR", fidelity.psnr, "dB"), ("SSIM", fidelity.ssim, "1")):
        scores = {k: [measure(x[None], y[None]) for x, y in zip(v, whole)] for k, v in results.items()}
        restored = scores.pop("restored")
        records.append(
            record(
                f"{name} of restored images",
                [np.mean(restored)],
                "all channels, uint8, all pixels of center crops; mean over test images, one damage per "
                "image",
                unit=unit,
                **facts,
                worst=float(min(restored)),
                **{k: float(np.mean(values)) for k, values in scores.items()},
            )
        )
    return records + _frechet(context, whole, results, facts)


def _frechet(context, whole, results, facts):
    """Returns the record of the Fréchet distance in a list, which is empty without a classifier.

    Raises:
        ZooError: The classifier that the user has named does not exist.
    """
    try:
        classifier = context.classifier
    except ZooError:
        if context.classifier_name:
            raise
        return []
    signature = "read" if "read" in classifier.signatures else "classify"
    sides = classifier.interface["x_shape"][:2]

    def features(images):
        return classifier.call(signature, image=pixels.resized(images, sides).numpy())["feature"]

    target = features(whole)
    distances = {name: frechet.frechet(features(images), target) for name, images in results.items()}
    return [
        record(
            "classifier-feature Fréchet distance of restored images",
            [distances.pop("restored")],
            "between restored and original test images, in a classifier's last hidden layer; not the FID",
            **facts,
            **distances,
            **context.classifier_facts(),
        )
    ]

"""The protocol for super-resolution."""

import numpy as np

from zoo.evaluate.protocol import protocol
from zoo.images import degradation, pixels
from zoo.metrics import fidelity
from zoo.metrics.record import record


@protocol("upscale")
def super_resolution(context):
    """Measures PSNR and SSIM of enlarged images, with bicubic enlargement as baseline."""
    scale = context.trained.interface["scale"]
    reduce = degradation.known[context.trained.interface["degradation"]]
    views = {  # the border within reach of the enlargement's edge is left out
        "Y": lambda x: fidelity.luma(x)[None, scale:-scale, scale:-scale],
        "RGB": lambda x: x[None, scale:-scale, scale:-scale],
    }
    if context.trained.interface["x_shape"][-1] == 1:
        views = {"grey": views["RGB"]}
    measures = {"PSNR": (fidelity.psnr, "dB"), "SSIM": (fidelity.ssim, "1")}
    read = {(measure, view): [] for view in views for measure in measures}
    for sharp in context.data("test").images():
        height, width = (side // scale * scale for side in sharp.shape[:2])
        sharp = sharp[:height, :width]
        small = reduce(sharp[None], scale).numpy()[0]
        made, bicubic = context.trained.upscale(small), pixels.resized(small, (height, width)).numpy()
        for (measure, view), values in read.items():
            see, of = views[view], measures[measure][0]
            values.append([of(see(x), see(sharp)) for x in (made, bicubic)])
    return [
        record(
            f"{measure} ({view}) ×{scale}",
            [np.mean([value for value, _ in values])],
            f"of {view}{' (BT.601, 16 to 235)' if view == 'Y' else ''}, {scale} pixels of border left "
            f"out, small pictures made by {context.trained.interface['degradation']}; mean over pictures",
            unit=measures[measure][1],
            fake=len(values),
            split=f"{context.recipe.dataset} test",
            bicubic=float(np.mean([value for _, value in values])),
            worst=float(min(value for value, _ in values)),
            best=float(max(value for value, _ in values)),
        )
        for (measure, view), values in read.items()
    ]

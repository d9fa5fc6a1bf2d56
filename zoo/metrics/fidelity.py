"""How near pictures are to those that were wanted: TensorFlow's PSNR and SSIM, on uint8."""

import numpy as np
import tensorflow as tf


def psnr(images, wanted):
    """Mean over pictures of 10 log10(255² / MSE), in decibels. images, wanted: uint8 [N, H, W, C].

    Equal pictures count as 100 dB, for infinity has no mean.
    """
    values = [tf.image.psnr(a, b, 255).numpy() for a, b in _pieces(images, wanted)]
    return float(np.minimum(np.concatenate(values), 100).mean())


def ssim(images, wanted):
    """Mean structural similarity (Wang et al. 2004): Gaussian window 11, σ 1.5, mean over channels."""
    return float(
        np.concatenate([tf.image.ssim(a, b, 255).numpy() for a, b in _pieces(images, wanted)]).mean()
    )


def _pieces(images, wanted, n=64):
    if images.shape != wanted.shape:
        raise ValueError(f"Pictures of {images.shape} cannot be compared with {wanted.shape}.")
    return [(images[i : i + n], wanted[i : i + n]) for i in range(0, len(images), n)]

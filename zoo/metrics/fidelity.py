"""How near pictures are to those that were wanted: TensorFlow's PSNR, SSIM and MS-SSIM, of 0 to 255."""

import numpy as np
import tensorflow as tf


def luma(images):
    """Y of YCbCr as ITU-R BT.601 has it, 16 to 235: RGB uint8 [..., 3] to float32 [..., 1], not rounded."""
    return np.float32(16 + images @ np.array([[65.481], [128.553], [24.966]]) / 255)


def psnr(images, wanted):
    """Mean over pictures of 10 log10(255² / MSE), in decibels. images, wanted: 0 to 255 [N, H, W, C].

    Equal pictures count as 100 dB, for infinity has no mean.
    """
    values = [tf.image.psnr(a, b, 255).numpy() for a, b in _pieces(images, wanted)]
    return float(np.minimum(np.concatenate(values), 100).mean())


def ssim(images, wanted):
    """Mean structural similarity (Wang et al. 2004): Gaussian window 11, σ 1.5, mean over channels.

    Raises:
        ValueError: pictures smaller than the window.
    """
    if min(images.shape[1:3]) < 11:
        raise ValueError(f"SSIM needs sides of at least 11 pixels, not {images.shape[1:3]}.")
    return float(
        np.concatenate([tf.image.ssim(a, b, 255).numpy() for a, b in _pieces(images, wanted)]).mean()
    )


def ms_ssim(images, wanted):
    """Mean multi-scale structural similarity (Wang, Simoncelli & Bovik 2003), five scales.

    Raises:
        ValueError: pictures with a side below 176, which do not halve four times under the window.
    """
    if min(images.shape[1:3]) < 176:
        raise ValueError(f"MS-SSIM needs sides of at least 176 pixels, not {images.shape[1:3]}.")
    values = [tf.image.ssim_multiscale(a, b, 255).numpy() for a, b in _pieces(images, wanted)]
    return float(np.concatenate(values).mean())


def _pieces(images, wanted, n=64):
    if images.shape != wanted.shape:
        raise ValueError(f"Pictures of {images.shape} cannot be compared with {wanted.shape}.")
    return [(images[i : i + n], wanted[i : i + n]) for i in range(0, len(images), n)]

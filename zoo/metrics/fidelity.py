"""PSNR, SSIM and MS-SSIM of images with values in 0..255, by TensorFlow."""

import numpy as np
import tensorflow as tf


def luma(images: np.ndarray) -> np.ndarray:
    """Computes the Y channel of YCbCr (ITU-R BT.601), without rounding.

    Args:
        images: uint8 RGB array `[..., 3]`.

    Returns:
        float32 array `[..., 1]`, with values in 16..235.
    """
    return (16 + images @ np.array([[65.481], [128.553], [24.966]]) / 255).astype(np.float32)


def psnr(images: np.ndarray, wanted: np.ndarray) -> float:
    """Computes the mean peak signal-to-noise ratio, `10 log10(255² / MSE)`, in decibels.

    The value of an image is at most 100 dB, so that equal images have a finite mean.

    Args:
        images: Array `[N, H, W, C]`, with values in 0..255.
        wanted: Array of the same shape. The true images.

    Returns:
        Float.

    Raises:
        ValueError: The shapes differ.
    """
    values = [tf.image.psnr(a, b, 255).numpy() for a, b in _pieces(images, wanted)]
    return float(np.minimum(np.concatenate(values), 100).mean())


def ssim(images: np.ndarray, wanted: np.ndarray) -> float:
    """Computes the mean structural similarity.

    The Gaussian window has 11×11 pixels and σ = 1.5. Channels are averaged.

    Args:
        images: Array `[N, H, W, C]`, with values in 0..255.
        wanted: Array of the same shape. The true images.

    Returns:
        Float in [-1, 1].

    Raises:
        ValueError: The images are smaller than the window, or the shapes differ.

    Reference:
        Wang et al., 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".
    """
    if min(images.shape[1:3]) < 11:
        raise ValueError(f"SSIM needs sides of at least 11 pixels, not {images.shape[1:3]}.")
    return float(
        np.concatenate([tf.image.ssim(a, b, 255).numpy() for a, b in _pieces(images, wanted)]).mean()
    )


def ms_ssim(images: np.ndarray, wanted: np.ndarray) -> float:
    """Computes the mean multi-scale structural similarity with five scales.

    Args:
        images: Array `[N, H, W, C]`, with values in 0..255.
        wanted: Array of the same shape. The true images.

    Returns:
        Float.

    Raises:
        ValueError: The images have a side below 176 pixels, which is too small to halve four times, or the
            shapes differ.

    Reference:
        Wang, Simoncelli and Bovik, 2003, "Multi-Scale Structural Similarity for Image Quality Assessment".
    """
    if min(images.shape[1:3]) < 176:
        raise ValueError(f"MS-SSIM needs sides of at least 176 pixels, not {images.shape[1:3]}.")
    values = [tf.image.ssim_multiscale(a, b, 255).numpy() for a, b in _pieces(images, wanted)]
    return float(np.concatenate(values).mean())


def _pieces(images: np.ndarray, wanted: np.ndarray, n: int = 64) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns pairs of batches of at most n images."""
    if images.shape != wanted.shape:
        raise ValueError(f"Images of shape {images.shape} cannot be compared with {wanted.shape}.")
    return [(images[i : i + n], wanted[i : i + n]) for i in range(0, len(images), n)]

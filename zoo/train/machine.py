"""Precision and cores of a machine."""

import contextlib
import os
import pathlib

import tensorflow as tf


def fastest_precision():
    """Returns the precision that trains fastest on this machine at equal quality.

    It is mixed_float16 on a GPU, mixed_bfloat16 on a CPU with instructions for bfloat16 products, and
    otherwise float32.
    """
    if tf.config.list_physical_devices("GPU"):
        return "mixed_float16"
    with contextlib.suppress(OSError):
        known = set(pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
        if known & {"amx_bf16", "avx512_bf16"}:
            return "mixed_bfloat16"
    return "float32"


def share_cores(side_by_side):
    """Runs several operations in parallel on a CPU, each on its share of the cores.

    It has no effect if `$TF_NUM_INTRAOP_THREADS` is set, or if TensorFlow has already started.

    Args:
        side_by_side: Integer. Number of parallel operations. 1 leaves TensorFlow's setting. More help
            models with several small networks that do not wait for each other, such as CycleGAN.
    """
    if side_by_side > 1 and "TF_NUM_INTRAOP_THREADS" not in os.environ:
        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(max(os.cpu_count() // side_by_side, 1))

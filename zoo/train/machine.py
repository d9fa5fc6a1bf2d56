"""Precision, cores and distribution strategy of a machine."""

import contextlib
import json
import os
import pathlib

import tensorflow as tf

from zoo.errors import ZooError, unknown


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


def strategy(name):
    """Returns a distribution strategy.

    Args:
        name: String. "one" device, "mirrored" over all local devices, "multi_worker" over the cluster in
            `$TF_CONFIG`, or "slurm" over the tasks of a Slurm job step.

    Raises:
        ZooError: An unknown name, or a missing description of the cluster.
    """
    makers = {
        "one": tf.distribute.get_strategy,
        "mirrored": tf.distribute.MirroredStrategy,
        "multi_worker": tf.distribute.MultiWorkerMirroredStrategy,
        "slurm": lambda: tf.distribute.MultiWorkerMirroredStrategy(_slurm()),
    }
    if name not in makers:
        raise unknown("strategy", name, makers)
    if name == "multi_worker":
        try:
            json.loads(os.environ.get("TF_CONFIG", ""))
        except ValueError as error:
            raise ZooError(
                f"The strategy multi_worker needs $TF_CONFIG ({error}): the same cluster and another task "
                "in each process. See https://www.tensorflow.org/guide/distributed_training#TF_CONFIG"
            ) from error
    if name == "slurm" and "SLURM_PROCID" not in os.environ:
        raise ZooError(
            "The strategy slurm needs a Slurm job. Start one task per worker: srun python -m zoo.train …"
        )
    return makers[name]()


def _slurm():
    """Returns the cluster of this Slurm job step, with the GPUs of this task.

    Slurm assigns the GPUs with `srun --gpus-per-task`. TensorFlow's resolver would distribute all GPUs of a
    node itself, and fails on a node without GPUs. Its own distribution is therefore disabled.
    """
    tasks = tf.distribute.cluster_resolver.SlurmClusterResolver(
        gpus_per_node=2**16, gpus_per_task=1, auto_set_gpu=False
    )
    cluster = tasks.cluster_spec()
    kind, number = tasks.get_task_info()
    return tf.distribute.cluster_resolver.SimpleClusterResolver(
        cluster,
        task_type=kind,
        task_id=number,
        num_accelerators={"GPU": len(tf.config.list_physical_devices("GPU"))},
        rpc_layer="grpc",
    )


def is_chief(spread):
    """Returns whether this process writes files: the chief, or else the first worker."""
    resolver = getattr(spread, "cluster_resolver", None)
    if resolver is None or not resolver.task_type:
        return True
    chief = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    return (resolver.task_type, resolver.task_id) == (chief, 0)

"""Precision, cores and distribution strategy of this machine."""

import contextlib
import json
import os
import pathlib

import tensorflow as tf

from zoo.errors import ZooError, unknown


def fastest_precision():
    """What trains fastest on this machine at equal quality.

    float16 on GPUs with tensor cores, bfloat16 on CPUs with instructions for its products, else
    float32. With AVX-512's, a step of DCGAN, of CycleGAN and of a segmenter took 0.68, 0.56 and 0.44 of
    its float32 time, one of batch 1 or of small dense networks about as long as before.
    """
    if tf.config.list_physical_devices("GPU"):
        return "mixed_float16"
    with contextlib.suppress(OSError):
        known = set(pathlib.Path("/proc/cpuinfo").read_text().split())
        if known & {"amx_bf16", "avx512_bf16"}:
            return "mixed_bfloat16"
    return "float32"


def share_cores(side_by_side):
    """Lets so many operations compute beside each other on a CPU, each on its share of the cores.

    On two cores CycleGAN's default step took 78 ms for 106 where each operation has one of them, DualGAN's
    43 for 73: their networks are small, and G does not wait for F. With 1, and where
    $TF_NUM_INTRAOP_THREADS says otherwise, it stays as it is; so it does where TensorFlow computed before.
    """
    if side_by_side > 1 and "TF_NUM_INTRAOP_THREADS" not in os.environ:
        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(max(os.cpu_count() // side_by_side, 1))


def strategy(name):
    """How training is spread.

    Args:
        name: "one" device, "mirrored" over all local ones, and over several machines "multi_worker", which
            reads the cluster from $TF_CONFIG, or "slurm", which reads it from its own job step.

    Raises:
        ZooError: an unknown name, or several workers without what says where they are.
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
    """The tasks of this Slurm job step, with the GPUs that Slurm gave this one (srun --gpus-per-task).

    TensorFlow's resolver would hand out all GPUs of a node itself, and fails where there are none; so it is
    told of as many as there could be tasks, and to hand out none.
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
    """Whether this process writes: of several workers the chief, or the first where none is called so."""
    resolver = getattr(spread, "cluster_resolver", None)
    if resolver is None or not resolver.task_type:
        return True
    chief = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    return (resolver.task_type, resolver.task_id) == (chief, 0)

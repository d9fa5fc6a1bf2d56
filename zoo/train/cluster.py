"""Clusters: the workers of a training and their addresses."""

import dataclasses
import json
import os

import tensorflow as tf

from zoo.errors import ZooError

guide = "https://www.tensorflow.org/guide/distributed_training#TF_CONFIG"


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The workers of a training, and which of them this process is.

    Attributes:
        jobs: Dict, `{"chief": addresses, "worker": addresses}`. The chief may be absent.
        kind: String. Job of this process, "chief" or "worker".
        index: Integer. Place of this process in the addresses of its job.
    """

    jobs: dict
    kind: str
    index: int

    @property
    def addresses(self):
        """The addresses `"host:port"` of all workers. The first one is that of the process that writes."""
        return [*self.jobs.get("chief", ()), *self.jobs.get("worker", ())]

    @property
    def number(self):
        """Place of this process in `addresses`."""
        before = len(self.jobs.get("chief", ())) if self.kind == "worker" else 0
        return before + self.index

    def strategy(self):
        """Returns the distribution strategy. TensorFlow waits in it for all workers."""
        return tf.distribute.MultiWorkerMirroredStrategy(
            tf.distribute.cluster_resolver.SimpleClusterResolver(
                tf.train.ClusterSpec(self.jobs),
                task_type=self.kind,
                task_id=self.index,
                num_accelerators={"GPU": len(tf.config.list_physical_devices("GPU"))},
                rpc_layer="grpc",
            )
        )


def of_resolver(resolver):
    """Returns the cluster of a strategy's resolver."""
    jobs = resolver.cluster_spec().as_dict()
    return Cluster(jobs, resolver.task_type, resolver.task_id)


def from_environment():
    """Returns the cluster in `$TF_CONFIG`.

    Raises:
        ZooError: The variable is absent or has another form.
    """
    try:
        described = json.loads(os.environ.get("TF_CONFIG") or "{}")
    except ValueError as error:
        raise _mistake(f"is not JSON ({error})") from error
    cluster, task = (described.get(k) if isinstance(described, dict) else None for k in ("cluster", "task"))
    if not isinstance(cluster, dict) or not cluster or not isinstance(task, dict):
        raise _mistake(
            'lacks the form {"cluster": {"worker": ["host:port", …]}, "task": {"type": …, "index": …}}'
        )
    for kind, addresses in cluster.items():
        _check_job(kind, addresses)
    if len(cluster.get("chief", ())) > 1:
        raise _mistake("has more than one chief")
    addresses = [address for job in cluster.values() for address in job]
    for address in addresses:
        if addresses.count(address) > 1:
            raise _mistake(f"has the address {address} twice")
    return Cluster(cluster, *_task(cluster, task))


def _check_job(kind, addresses):
    """Rejects jobs of other kinds and addresses of another form."""
    if kind not in ("chief", "worker"):
        raise _mistake(f'has the job {kind!r}, but only "chief" and "worker" train here')
    if not isinstance(addresses, list) or not addresses:
        raise _mistake(f'needs a list of addresses "host:port" for the job {kind!r}, not {addresses!r}')
    for address in addresses:
        host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
        if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise _mistake(f'has the address {address!r}, but an address has the form "host:port"')


def _task(cluster, task):
    """Returns the job and the index of this process."""
    kind, index = task.get("type"), task.get("index")
    if not isinstance(kind, str) or kind not in cluster:
        raise _mistake(f"has the task type {kind!r}, but the jobs {', '.join(cluster)}")
    try:
        number = -1 if isinstance(index, bool) else int(index)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if not 0 <= number < len(cluster[kind]) or number != float(index):
        raise _mistake(
            f"has the task index {index!r}, but {kind} has the indices 0 to {len(cluster[kind]) - 1}"
        )
    return kind, number


def _mistake(fact):
    return ZooError(
        f"$TF_CONFIG {fact}. The strategy multi_worker needs the same cluster and another task in each "
        f"process. See {guide}"
    )


def from_slurm():
    """Returns the cluster of this Slurm job step, with the GPUs of this task.

    Slurm assigns the GPUs with `srun --gpus-per-task`. TensorFlow's resolver would distribute all GPUs of a
    node itself, and fails on a node without GPUs. Its own distribution is therefore disabled.

    Raises:
        ZooError: This process is not a task of a Slurm job.
    """
    if "SLURM_PROCID" not in os.environ:
        raise ZooError(
            "The strategy slurm needs a Slurm job. Start one task per worker: srun python -m zoo.train …"
        )
    try:
        tasks = tf.distribute.cluster_resolver.SlurmClusterResolver(
            gpus_per_node=2**16, gpus_per_task=1, auto_set_gpu=False
        )
        jobs = tasks.cluster_spec().as_dict()
        kind, index = tasks.get_task_info()
    except (KeyError, ValueError, IndexError) as error:
        raise ZooError(
            f"The tasks of the Slurm job step cannot be found ({error!r}). Start them by srun."
        ) from error
    return Cluster({name: list(addresses) for name, addresses in jobs.items()}, kind, index)

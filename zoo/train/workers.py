"""Workers: the processes of a training, which meet before the first step and stop together."""

import contextlib
import hashlib
import json
import os
import socket
import socketserver
import sys
import threading
import time

import numpy as np
import tensorflow as tf

from zoo.errors import ZooError, unknown
from zoo.train import cluster as clusters

seconds_to_report = 10  # between two lines about missing workers


def strategy(name, facts=None, minutes=10):
    """Returns a function that makes a distribution strategy.

    Several workers meet first, because TensorFlow waits for a missing worker without an end and without a
    message.

    Args:
        name: String. "one" device, "mirrored" over all local devices, "multi_worker" over the cluster in
            `$TF_CONFIG`, or "slurm" over the tasks of a Slurm job step.
        facts: Dict of JSON values that have to be equal in all workers, `{name: value or dict of values}`.
        minutes: Float. Time to wait for the other workers. Defaults to 10.

    Raises:
        ZooError: An unknown name, a missing or wrong description of the cluster, a missing worker, or
            workers with different facts.
    """
    local = {"one": tf.distribute.get_strategy, "mirrored": tf.distribute.MirroredStrategy}
    spread = {"multi_worker": clusters.from_environment, "slurm": clusters.from_slurm}
    if name not in {**local, **spread}:
        raise unknown("strategy", name, {**local, **spread})
    if name in local:
        return local[name]
    cluster = spread[name]()
    meet(cluster, {"cluster": cluster.addresses, **(facts or {})}, minutes)
    return cluster.strategy


class Workers:
    """The processes that train together. A process on its own has no others.

    Args:
        spread: A distribution strategy.

    Attributes:
        chief: Boolean. Whether this process writes files. It is the chief, or else the first worker.
        several: Boolean. Whether there is more than one process.
        stop: Variable that is 1 after a signal to this process. `None` for a process on its own.
    """

    def __init__(self, spread):
        self._spread = spread
        self.several = isinstance(spread, tf.distribute.MultiWorkerMirroredStrategy)
        self.chief, self.stop = True, None
        if self.several:
            cluster = clusters.of_resolver(spread.cluster_resolver)
            self._number, self._count = cluster.number, len(cluster.addresses)
            self.chief = cluster.number == 0
            self.stop = tf.Variable(0.0)  # outside the strategy: each worker has its own

    def ask_to_stop(self):
        """Makes `asked_to_stop` true in all workers, after the next call of the train function."""
        if self.several:
            self.stop.assign(1.0)

    def asked_to_stop(self, logs, number):
        """Returns whether a worker has received a signal.

        Args:
            logs: Dict of the values of the last steps. The value "stop" is removed.
            number: Integer. The signal to this process, or `None`.
        """
        if not self.several:
            return number is not None
        return float(np.max(logs.pop("stop"))) > 0

    def gather(self, values):
        """Returns the values of all workers, after all have called this method.

        Args:
            values: int32 array `[N]`.

        Returns:
            int32 array `[number of workers, N]`.
        """
        if not self.several:
            return np.asarray(values)[None]
        rows = np.zeros([self._count, len(values)], np.int32)
        rows[self._number] = values
        replicas = self._spread.num_replicas_in_sync // self._count

        def value(context):
            first = context.replica_id_in_sync_group % replicas == 0
            return tf.constant(rows if first else 0 * rows)

        own = self._spread.experimental_distribute_values_from_function(value)
        return self._spread.reduce("SUM", own, axis=None).numpy()

    def meet(self):
        """Waits until all workers have called this method."""
        self.gather([0])

    def compare_data(self, data):
        """Rejects data that differ between the workers.

        Args:
            data: The training data.

        Raises:
            ZooError: The data differ in their number, shape, classes, or first or last examples.
        """
        if not self.several:
            return
        digests = self.gather(_digest(data))
        for number, digest in enumerate(digests):
            if not np.array_equal(digest, digests[0]):
                raise ZooError(
                    f"Worker {number} reads other data than worker 0 (here {data.name}: {data.count} "
                    f"examples of shape {tuple(data.shape)}). Give all workers the same data."
                )


def _digest(data):
    """Returns four numbers that depend on the number, shape, classes, first and last examples of data."""
    ends = [data.columns(0, 1), data.columns(data.count - 1, data.count)]
    parts = [repr((data.count, tuple(data.shape), data.classes)).encode()]
    parts += [np.ascontiguousarray(end[name]).tobytes() for end in ends for name in sorted(end)]
    digest = hashlib.sha256(b"".join(parts)).digest()
    return np.frombuffer(digest[:16], np.int32) // 2  # sums of one number and zeros do not overflow


def _compare(own, found, cluster, number):
    """Rejects facts of another worker that differ from the own ones."""
    addresses = cluster.addresses
    address = addresses[number] if number < len(addresses) else f"number {number}"
    for name in {**own, **found}:
        there, here = found.get(name), own.get(name)
        if there == here:
            continue
        if isinstance(there, dict) and isinstance(here, dict):
            fields = [k for k in {**here, **there} if here.get(k) != there.get(k)]
            detail = "; ".join(f"{k}: {there.get(k)!r} there, {here.get(k)!r} here" for k in fields)
        else:
            detail = f"{there!r} there, {here!r} here"
        raise ZooError(
            f"The worker {address} has another {name} than {addresses[cluster.number]} ({detail}). "
            "Start all workers with the same command."
        )


def meet(cluster, facts, minutes):
    """Waits until all workers have exchanged their facts. Each listens at its own address.

    Args:
        cluster: A `Cluster`.
        facts: Dict of JSON values.
        minutes: Float. Time to wait.

    Returns:
        List of the facts of all workers.

    Raises:
        ZooError: Workers are missing or have other facts, or the port of this one is in use.
    """
    own = json.dumps({"zoo": cluster.number, "facts": facts}).encode() + b"\n"
    others = set(range(len(cluster.addresses))) - {cluster.number}
    asked = {}
    began = reported = time.monotonic()
    with _listening(cluster.addresses[cluster.number], own) as heard:
        # A worker that leaves has the facts of all, and all have its own.
        while not others <= asked.keys() & heard.keys():
            for number in others - asked.keys():
                asked.update(_ask(cluster.addresses[number], own))
            time.sleep(0.1)
            for number, found in {**asked, **heard}.items():
                _compare(facts, found, cluster, number)
            missing = sorted(others - (asked.keys() & heard.keys()))
            names = ", ".join(cluster.addresses[number] for number in missing)
            now = time.monotonic()
            if missing and now - began > 60 * minutes:
                raise ZooError(
                    f"No worker answers at {names} after {minutes:g} minutes. Start all workers, or "
                    "correct the addresses of the cluster.",
                    wait_minutes=...,
                )
            if missing and now - reported > seconds_to_report:
                reported = now
                print(f"Waiting for the workers at {names}.", file=sys.stderr, flush=True)
    return [facts if n == cluster.number else asked[n] for n in range(len(cluster.addresses))]


@contextlib.contextmanager
def _listening(address, own):
    """Answers other workers at the port of an address, in threads.

    Args:
        address: String. The own address.
        own: Bytes. The message with the own facts.

    Yields:
        Dict, `{number: facts}` of the workers that have received the message.
    """
    heard = {}

    class Answer(socketserver.StreamRequestHandler):
        timeout = 5

        def handle(self):
            with contextlib.suppress(OSError):
                found = _read(self.rfile)
                if found:
                    self.wfile.write(own)
                if self.rfile.readline(9) == _received:  # otherwise the other worker asks again
                    heard.update(found)

    port = int(address.rpartition(":")[2])
    both = {"family": socket.AF_INET6, "dualstack_ipv6": True} if socket.has_dualstack_ipv6() else {}
    server = socketserver.ThreadingTCPServer(("", port), Answer, bind_and_activate=False)
    server.socket.close()
    try:
        server.socket = socket.create_server(("", port), **both)
    except OSError as error:
        raise ZooError(
            f"This worker cannot listen at {address} ({os.strerror(error.errno)}). Stop the program that "
            "uses the port, or choose another port in the cluster."
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_received = b"received\n"


def _ask(address, own):
    """Exchanges facts with another worker. Returns `{its number: its facts}`, or an empty dict."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError, UnicodeError):  # UnicodeError: of an odd host name
        connection = socket.create_connection((host.strip("[]"), int(port)), 1)
        with connection, connection.makefile("rb") as lines:
            connection.settimeout(5)
            connection.sendall(own)
            found = _read(lines)
            if found:
                connection.sendall(_received)
            return found
    return {}


def _read(lines):
    """Returns `{number: facts}` of the next line, or an empty dict if it is not that of a worker."""
    with contextlib.suppress(ValueError, TypeError, KeyError):
        message = json.loads(lines.readline(2**24))
        if isinstance(message["zoo"], int) and isinstance(message["facts"], dict):
            return {message["zoo"]: message["facts"]}
    return {}

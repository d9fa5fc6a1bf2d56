"""Clusters, and workers that meet before TensorFlow is asked for a strategy."""

import json
import socket
import threading
import time
import types

import numpy as np
import pytest
import tensorflow as tf

from zoo.errors import ZooError
from zoo.train import cluster as clusters
from zoo.train.cluster import Cluster
from zoo.train.workers import Workers, meet, strategy

worker = {"type": "worker", "index": 0}


def described(cluster, task):
    return json.dumps({"cluster": cluster, "task": task})


@pytest.mark.parametrize(
    "text, message",
    [
        (None, "lacks the form"),
        ("", "lacks the form"),
        ("{}", "lacks the form"),
        ("{no", "is not JSON"),
        ("[]", "lacks the form"),
        ("3", "lacks the form"),
        (described({}, worker), "lacks the form"),
        (described({"worker": ["a:1"]}, {}), "task type None"),
        (json.dumps({"cluster": {"worker": ["a:1"]}}), "lacks the form"),
        (json.dumps({"task": worker}), "lacks the form"),
        (described([], worker), "lacks the form"),
        (described({"worker": ["a:1"]}, "worker"), "lacks the form"),
        (
            described({"worker": ["a:1"]}, {"type": "chief", "index": 0}),
            "task type 'chief', but the jobs worker",
        ),
        (described({"worker": ["a:1"]}, {"type": ["worker"], "index": 0}), "task type"),
        (described({"worker": ["a:1"]}, {"type": "worker", "index": 1}), "indices 0 to 0"),
        (described({"worker": ["a:1"]}, {"type": "worker", "index": -1}), "index -1"),
        (described({"worker": ["a:1", "b:1"]}, {"type": "worker", "index": 0.5}), "index 0.5"),
        (described({"worker": ["a:1", "b:1"]}, {"type": "worker", "index": True}), "index True"),
        (described({"worker": ["a:1"]}, {"type": "worker", "index": None}), "index None"),
        (described({"worker": ["a:1"]}, {"type": "worker"}), "index None"),
        (described({"worker": "a:1"}, worker), "list of addresses"),
        (described({"worker": []}, worker), "list of addresses"),
        (described({"worker": {"0": "a:1"}}, worker), "list of addresses"),
        (described({"worker": ["a"]}, worker), "address 'a'"),
        (described({"worker": [":1"]}, worker), "address ':1'"),
        (described({"worker": ["a:0"]}, worker), "address 'a:0'"),
        (described({"worker": ["a:70000"]}, worker), "address 'a:70000'"),
        (described({"worker": ["a:x"]}, worker), "address 'a:x'"),
        (described({"worker": [1]}, worker), "address 1"),
        (described({"worker": ["a:1", "a:1"]}, worker), "a:1 twice"),
        (described({"worker": ["a:1"], "ps": ["b:1"]}, worker), "job 'ps'"),
        (described({"chief": ["a:1", "b:1"], "worker": ["c:1"]}, worker), "more than one chief"),
    ],
)
def test_mistakes_in_a_cluster_are_explained(text, message, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if text is not None:
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ZooError) as error:
        strategy("multi_worker")
    assert message in str(error.value) and str(error.value).count("\n") == 0


def test_unknown_strategies_are_refused():
    with pytest.raises(ZooError, match="no strategy 'two'"):
        strategy("two")


def test_the_first_address_is_that_of_the_chief(monkeypatch):
    both = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
    found = []
    for task in (("chief", 0), ("worker", 0), ("worker", "1")):
        monkeypatch.setenv("TF_CONFIG", described(both, dict(zip(("type", "index"), task))))
        cluster = clusters.from_environment()
        assert cluster.addresses == ["a:1", "b:1", "c:1"]
        found.append(cluster.number)
    assert found == [0, 1, 2]
    assert Cluster({"worker": ["a:1", "b:1"]}, "worker", 1).number == 1


def test_of_several_workers_one_writes(monkeypatch):
    class Strategy:
        def __init__(self, jobs, kind, index):
            spec = tf.train.ClusterSpec(jobs)
            self.cluster_resolver = types.SimpleNamespace(
                task_type=kind, task_id=index, cluster_spec=lambda: spec
            )

    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", Strategy)
    both = {"chief": ["a:1"], "worker": ["b:1", "c:1"]}
    tasks = [("chief", 0), ("worker", 0), ("worker", 1)]
    assert [Workers(Strategy(both, *task)).chief for task in tasks] == [True, False, False]
    workers = {"worker": ["a:1", "b:1"]}
    assert [Workers(Strategy(workers, "worker", i)).chief for i in (0, 1)] == [True, False]
    alone = Workers(tf.distribute.get_strategy())
    assert alone.chief and not alone.several
    assert alone.asked_to_stop({}, 15) and not alone.asked_to_stop({}, None)
    np.testing.assert_array_equal(alone.gather([1, 2]), [[1, 2]])


def free(count):
    """Returns addresses of free ports."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    addresses = [f"localhost:{s.getsockname()[1]}" for s in sockets]
    for s in sockets:
        s.close()
    return addresses


def together(addresses, facts, delays, minutes=0.5):
    """Calls `meet` in one thread per delay. Returns the results, or the errors."""
    results = {}

    def run(number):
        time.sleep(delays[number])
        try:
            results[number] = meet(Cluster({"worker": addresses}, "worker", number), facts[number], minutes)
        except ZooError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in delays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_workers_exchange_their_facts():
    facts = [{"recipe": {"seed": 0}}] * 3
    assert together(free(3), facts, {0: 0.0, 1: 1.0, 2: 0.2}) == {n: facts for n in range(3)}
    assert meet(Cluster({"worker": free(1)}, "worker", 0), facts[0], 0) == facts[:1]


def test_a_missing_worker_is_named(capsys, monkeypatch):
    addresses = free(3)
    monkeypatch.setattr("zoo.train.workers.seconds_to_report", 0.5)
    found = together(addresses, [{}, {}, {}], {0: 0.0, 1: 0.0}, minutes=0.05)
    for number in (0, 1):
        assert f"No worker answers at {addresses[2]} after 0.05 minutes" in str(found[number])
    assert f"Waiting for the workers at {addresses[2]}.\n" in capsys.readouterr().err


def test_a_port_in_use_is_named():
    addresses = free(2)
    with socket.create_server(("", int(addresses[0].rpartition(":")[2]))):
        found = together(addresses, [{}], {0: 0.0})
    assert f"cannot listen at {addresses[0]} (Address already in use)" in str(found[0])


def test_other_programs_at_the_ports_are_no_workers():
    """An HTTP request to a worker, and another server in place of a worker."""
    addresses = free(2)
    ports = [int(address.rpartition(":")[2]) for address in addresses]

    def disturb():
        for text in (b"GET / HTTP/1.1\r\n\r\n", b"{}\n", b'{"zoo": "x", "facts": {}}\n', b"\xff\n", b""):
            with socket.create_connection(("localhost", ports[0])) as connection:
                connection.sendall(text)

    with socket.create_server(("", ports[1])) as other:
        other.settimeout(5)
        timer = threading.Timer(0.5, disturb)
        timer.start()
        answer = threading.Timer(
            0.0, lambda: other.accept()[0].sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        )
        answer.start()
        found = together(addresses, [{}], {0: 0.0}, minutes=0.1)
        timer.join()
    assert f"No worker answers at {addresses[1]}" in str(found[0])


@pytest.mark.parametrize(
    "here, there, message",
    [
        (
            {"recipe": {"seed": 0}},
            {"recipe": {"seed": 1}},
            "another recipe than localhost:.* \\(seed: 1 there, 0 here\\)",
        ),
        ({"recipe": {"seed": 0}}, {"recipe": {}}, "seed: None there, 0 here"),
        ({"recipe": 1}, {}, "another recipe .*None there, 1 here"),
    ],
)
def test_different_recipes_are_named(here, there, message, monkeypatch):
    addresses = free(2)
    monkeypatch.setenv("TF_CONFIG", described({"worker": addresses}, worker))
    other = Cluster({"worker": addresses}, "worker", 1)

    def meet_there():
        with pytest.raises(ZooError, match="another recipe"):
            meet(other, {"cluster": addresses, **there}, 0.5)

    thread = threading.Thread(target=meet_there)
    thread.start()
    with pytest.raises(ZooError, match=message):
        strategy("multi_worker", here)
    thread.join()


def test_different_clusters_are_named_at_once():
    addresses, began = free(3), time.monotonic()
    errors = []

    def join(addresses, number):
        try:
            meet(Cluster({"worker": addresses}, "worker", number), {"cluster": addresses}, 0.5)
        except ZooError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=join, args=(addresses[: 2 + n], n)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 2 and all("another cluster than" in error for error in errors)
    assert time.monotonic() - began < 10


def test_odd_host_names_are_missing_workers():
    addresses = [free(1)[0], f"{'a' * 80}.example:80"]
    with pytest.raises(ZooError, match="No worker answers at aaa"):
        meet(Cluster({"worker": addresses}, "worker", 0), {}, 0.01)

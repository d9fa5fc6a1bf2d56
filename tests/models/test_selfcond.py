"""Self-conditioned GAN: clusters that keep their names, labels of a frozen D, and its comparisons."""

import dataclasses
import fcntl
import itertools
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from zoo import datasets, recipe
from zoo.errors import ZooError
from zoo.evaluate import suites
from zoo.evaluate.protocol import protocols
from zoo.game import priors
from zoo.layers.packing import Pack
from zoo.metrics import agreement, modes
from zoo.models import selfcond
from zoo.models.build import build
from zoo.models.selfcond import Clusters
from zoo.tasks import load
from zoo.tasks.generation.album import write_album
from zoo.train.assemble import assemble, load_data
from zoo.train.run import train

rng = np.random.default_rng(0)
small = {"k": 8, "points": 400, "every": 2, "width": 16}


def ring(**changes):
    base = recipe.find("selfcond_ring")
    shared = {"steps": 4, "period": 1, "steps_per_execution": 1, "precision": "float32"}
    # All 100,000 points take seconds to read, and averages are exported with statistics of 32 batches.
    shared |= {"split": "train[:2000]", "average": 0.0}
    return dataclasses.replace(base, **{"network": small, **shared, **changes})


@pytest.fixture(scope="module")
def ring_run(shared, data_dir):
    """A run of four steps."""
    return shared("selfcond_ring", lambda folder: train(ring(), folder, data_dir=data_dir))


def blobs(n=200, k=4, width=3):
    """Features around k far centers, and whose they are."""
    owner = rng.integers(k, size=n)
    return 20.0 * np.eye(k, width, dtype=np.float32)[owner] + rng.normal(size=(n, width)), owner


# Clusters


def test_clusters_find_blobs_and_name_new_points_by_the_nearest_centre():
    features, owner = blobs(k=3)
    clusters = Clusters(3, 3)
    clusters.fit(features, None, seed=[0, 0])
    found = np.asarray(clusters(tf.constant(features, tf.float32)))
    assert agreement.normalized_mutual_information(owner, found) == pytest.approx(1)
    np.testing.assert_array_equal(clusters.sizes, np.bincount(found))
    distances = ((features[:, None] - np.asarray(clusters.centers)) ** 2).sum(2)
    np.testing.assert_array_equal(found, distances.argmin(1))


def test_labels_keep_their_meaning_when_all_features_move():
    features, _ = blobs(k=3)
    clusters = Clusters(3, 3)
    clusters.fit(features, None, seed=[0, 0])
    before = np.asarray(clusters(tf.constant(features, tf.float32)))
    moved = features[:, ::-1] * -2.0 + 7.0
    clusters.fit(moved, before, seed=[0, 1])
    np.testing.assert_array_equal(clusters(tf.constant(moved, tf.float32)), before)


def test_new_clusters_take_the_old_names_that_share_the_most_points():
    features, _ = blobs(n=300, k=4, width=4)
    old = rng.integers(4, size=300)  # labels that have nothing to do with the features
    clusters = Clusters(4, 4)
    clusters.fit(features, old, seed=[0, 1])
    new = np.asarray(clusters(tf.constant(features, tf.float32)))
    best = max(np.mean(np.array(p)[new] == old) for p in itertools.permutations(range(4)))
    assert np.mean(new == old) == pytest.approx(best)


def test_an_empty_cluster_starts_again_at_a_point():
    features, owner = blobs(k=3)
    clusters = Clusters(4, 3)
    clusters.fit(features, owner, seed=[0, 1])  # nobody was in cluster 3
    assert np.all(np.asarray(clusters.sizes) > 0)


def test_fewer_points_than_clusters_are_refused():
    with pytest.raises(ZooError, match="network.k"):
        Clusters(5, 2).fit(np.zeros((4, 2)), None, 0)


def test_labels_are_drawn_as_often_as_their_clusters_are_large():
    weights = np.array([0.0, 3.0, 1.0, 0.0, 4.0])
    prior = priors.Categorical(5, tf.Variable(weights, dtype=tf.float32))
    drawn = np.bincount(prior.draw(20_000, [0, 1]), minlength=5) / 20_000
    np.testing.assert_allclose(drawn, weights / 8, atol=0.015)
    restored = priors.restore(json.loads(json.dumps(priors.describe({"c": prior}))))["c"]
    np.testing.assert_array_equal(restored.draw(50, [0, 2]), prior.draw(50, [0, 2]))


# The scheme


def test_a_batch_is_labelled_by_d_as_it_was_at_the_last_clustering(data_dir):
    data = load_data(ring(), data_dir=data_dir)
    model = assemble(ring(), data)
    (reclustering,) = model.callbacks(data)
    reclustering.on_train_batch_begin(0)
    batch = next(iter(data.batches(100, 0)))
    before = np.asarray(model.labels(batch))
    assert len(np.unique(before)) > 1
    model.features.set_weights([w + rng.normal(size=w.shape) for w in model.features.get_weights()])
    np.testing.assert_array_equal(model.labels(batch), before)
    reclustering.on_train_batch_begin(0)
    x = model.real(batch)
    np.testing.assert_array_equal(model.frozen(x), model.features(x))


@pytest.mark.slow
def test_clustering_survives_a_stop_bit_for_bit(tmp_path, data_dir):
    train(ring(steps=3), tmp_path / "whole", data_dir=data_dir)
    for steps in (2, 3):  # what is left begins with a clustering
        train(ring(steps=steps), tmp_path / "parts", data_dir=data_dir)
    a, b = (
        tf.train.load_checkpoint(tf.train.latest_checkpoint(str(tmp_path / name / "checkpoints")))
        for name in ("whole", "parts")
    )
    names = [n for n in a.get_variable_to_shape_map() if n.startswith("state")]
    assert any("memory" in n for n in names)
    for n in names:
        np.testing.assert_array_equal(a.get_tensor(n), b.get_tensor(n), err_msg=n)


@pytest.mark.slow
def test_the_saved_model_knows_the_clusters_and_their_sizes(ring_run, data_dir):
    trained = load(ring_run)
    data = load_data(ring(), data_dir=data_dir)
    points, _ = data.arrays(0, 400)
    found = trained.call("cluster", point=points)["label"]
    np.testing.assert_array_equal(trained.priors["label"].weights, np.bincount(found, minlength=8))
    assert trained.sample(5, seed=0).shape == (5, 2)
    assert trained.sample(label=[0, 7]).shape == (2, 2)


@pytest.mark.slow
def test_an_album_of_points_shows_them_alone_and_as_they_were_asked_for(tmp_path, ring_run, monkeypatch):
    trained = load(ring_run)
    drawn = []
    monkeypatch.setattr("zoo.images.plots.scatter", lambda real, fake: drawn.append((real, fake)))
    monkeypatch.setattr("zoo.tasks.generation.album.save_image", lambda path, picture: None)
    write_album(trained, tmp_path / "album", given={"label": 3})
    ((real, fake),) = drawn
    assert real is None and np.array_equal(fake, trained.sample(2000, label=3))
    with pytest.raises(ZooError, match="share one image. Set images=0"):
        write_album(trained, tmp_path / "album", images=3)


@pytest.mark.parametrize("method", suites.methods)
def test_every_method_of_the_comparison_moves_both_sides(method, data_dir):
    network = {**small, **suites.methods[method]}
    m = suites.packs.get(method, 1)
    chosen = ring(network=network, parts={"packing": {"m": m}}, batch_size=12 * m)
    data = load_data(chosen, data_dir=data_dir)
    model = assemble(chosen, data)
    for callback in model.callbacks(data):
        callback.on_train_batch_begin(0)
    before = [v.numpy() for v in model.trainable_variables]
    tf.config.run_functions_eagerly(True)
    try:
        logs = model.train_step(next(iter(data.batches(chosen.batch_size, 0))))
    finally:
        tf.config.run_functions_eagerly(False)
    assert np.isfinite(list(logs.values())).all()
    for variable, old in zip(model.trainable_variables, before):
        assert np.any(variable.numpy() != old), variable.path


def test_without_labels_there_is_one_logit_and_no_way_to_tell_labels_apart():
    model = build("selfcond", (2,), **{**small, **suites.plain_gan})
    assert model.priors["label"].classes == 1
    assert model.discriminator.get_layer("features").output_shape[-1] == 16


@pytest.mark.parametrize(
    "options, says",
    [
        ({"labels": "cluster"}, "clusters"),
        ({"parts": {"packing": {"m": 2}}}, "labels=random"),
        ({"labels": "given"}, "no"),
        ({"every": 0}, "at least 1"),
        ({"points": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_built_is_refused(options, says):
    with pytest.raises(ZooError, match=says):
        build("selfcond", (2,), **options)


@pytest.mark.slow
def test_a_gallery_shows_real_members_beside_samples_a_row_a_cluster(data_dir):
    chosen = dataclasses.replace(recipe.find("selfcond_digits"), precision="float32")
    data = load_data(chosen, data_dir=data_dir)
    model = assemble(chosen, data)
    model.callbacks(data)[0].on_train_batch_begin(0)
    gallery = model.preview(model, data)
    picture, _ = gallery.draw(0)
    k, side = 20, 17  # 16 pixels and a gap, enlarged twice
    assert picture.shape[:2] == (2 * (k * side - 1), 2 * (20 * side - 1))
    x, _ = data.arrays()
    owner = np.asarray(model.cluster(model.to_network(x)))
    first = picture[: 2 * 16 : 2, : 2 * 16 : 2]
    np.testing.assert_array_equal(first, x[owner == 0][0])


# Packing


@pytest.mark.parametrize("shape", [(2,), (4, 4, 3)])
def test_a_pack_is_examples_side_by_side_in_channels(shape):
    x = rng.normal(size=(6, *shape)).astype("float32")
    expected = np.stack([np.concatenate(x[i : i + 3], -1) for i in (0, 3)])
    np.testing.assert_array_equal(Pack(3)(x), expected)
    assert Pack(3).compute_output_shape((None, *shape)) == (None, *expected.shape[1:])


def test_a_batch_that_does_not_pack_is_refused(data_dir):
    with pytest.raises(ZooError, match="multiple of the pack size .4.*Set batch_size=240"):
        Pack(4)(np.zeros((6, 2), "float32"))
    for name in ("gan", "cgan", "infogan"):
        data = load_data(recipe.find(name), data_dir=data_dir)
        made = recipe.find(name).changed(["parts.packing.m=3", "batch_size=64", "precision=float32"])
        with pytest.raises(
            ZooError, match=r"is 64, but must be a multiple of the pack \(3\). Set batch_size=180\.$"
        ):
            assemble(made, data)
        with pytest.raises(ZooError, match="parts.packing.m is 0, but must be at least 1"):
            assemble(made.changed(["parts.packing.m=0"]), data)


@pytest.mark.parametrize("networks, blind", [("dcgan_shallow", True), ("dcgan_deep", False)])
def test_only_the_deep_discriminator_sees_contrast(networks, blind):
    model = build("selfcond", (16, 16, 1), k=3, z_dim=4, width=4, networks=networks)
    x = rng.uniform(-1, 1, (8, 16, 16, 1)).astype("float32")
    label = np.eye(3, dtype="float32")[rng.integers(3, size=8)]
    full, half = (
        np.asarray(model.discriminator({"x": c * x, "label": label}, training=True)) for c in (1, 0.5)
    )
    change = np.abs(full - half).max() / np.ptp(full)
    assert (change < 1e-3) == blind


packing = {
    "gan": ((2,), {"generator_units": (8,), "discriminator_units": (8,), "dropout": (0, 0)}),
    "dcgan": ((16, 16, 1), {"width": 4}),
    "cgan": ((4, 4, 1), {}),
    "cgan_conv": ((16, 16, 1), {"width": 4}),
    "cgan_mlp": ((4, 4, 1), {}),
    "infogan": ((16, 16, 1), {"width": 4, "hidden": 8}),
}


@pytest.mark.parametrize("name", packing)
def test_a_discriminator_packs_and_scores_examples_one_by_one(name):
    shape, network = packing[name]
    model = build(name, shape, 3, {"packing": {"m": 2}}, **network)
    model.compile({side: keras.optimizers.SGD(0.1) for side in model.sides})
    x = rng.uniform(size=(4, *shape)).astype("float32")
    given = {"label": np.int32([0, 1, 2, 0])} if model.discriminator_conditions else {}
    seen, network = [], model.discriminator

    def watched(inputs, **kwargs):
        seen.append(network(inputs, **kwargs))
        return seen[-1]

    model.discriminator = watched
    logs = model.train_step({"x": tf.cast(255 * x, tf.uint8), "y": tf.constant([0, 1, 2, 0])})
    assert {len(logits) for logits in seen} == {2}  # two packs of the four
    assert all(np.isfinite(v) for v in logs.values())
    scores = np.asarray(model.score(x, **given))
    assert len(scores) == 4
    first = model.score(x[:1], **{k: v[:1] for k, v in given.items()})
    np.testing.assert_allclose(scores[:1], first, rtol=1e-4)


def test_a_recognition_of_packs_guesses_the_codes_of_each_example():
    """Its head over the first of two reads the first example's codes, the other the second's."""
    model = build("infogan", (16, 16, 1), parts={"packing": {"m": 2}}, width=4, hidden=8)
    features = rng.normal(size=(3, 8)).astype("float32")
    q, each = model.recognition(features), model.recognized(features)
    assert each["logits"].shape == (6, 10) and each["mean"].shape == (6, 2)
    np.testing.assert_array_equal(each["logits"][3], q["logits"][1, 10:])
    recognise, _ = model.signatures()["recognise"]
    image = rng.integers(256, size=(5, 16, 16, 1)).astype("uint8")
    found = recognise(image)
    assert found["category"].shape == (5, 10) and found["code"].shape == (5, 2)
    np.testing.assert_allclose(found["code"][:1], recognise(image[:1])["code"], atol=1e-5)


# The protocol


def by_loops(points, means, sigma, per_coordinate):
    good, found = 0, set()
    counts = dict.fromkeys(range(len(means)), 0)
    for p in points:
        gaps = [[abs(a - b) for a, b in zip(p, m)] for m in means]
        lengths = [sum(g * g for g in gap) ** 0.5 for gap in gaps]
        i = lengths.index(min(lengths))
        counts[i] += 1
        if (max(gaps[i]) if per_coordinate else lengths[i]) <= 3 * sigma:
            good += 1
            found.add(i)
    shares = [c / len(points) for c in counts.values() if c]
    return len(found), good / len(points), sum(s * np.log(len(means) * s) for s in shares)


@pytest.mark.parametrize("per_coordinate", [True, False])
def test_recovery_is_what_loops_count(per_coordinate):
    means, sigma = datasets.mixture("gaussians/grid")
    points = means[rng.integers(7, size=300)] + rng.normal(size=(300, 2)) * 1.6 * sigma
    measured = modes.recovery(points, means, sigma, per_coordinate)
    np.testing.assert_allclose(measured, by_loops(points, means, sigma, per_coordinate), rtol=1e-9)
    assert measured[0] < 25 and 0.5 < measured[1] < 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ring", "grid"])
def test_real_points_read_what_theory_says_of_them(name, data_dir):
    means, sigma = datasets.mixture(f"gaussians/{name}")
    points, _ = datasets.load(f"gaussians/{name}", data_dir=data_dir).arrays(0, 50_000)
    box, circle = (modes.recovery(points, means, sigma, b) for b in (True, False))
    assert box[0] == circle[0] == len(means)
    assert box[1] == pytest.approx(0.9946, abs=0.001)  # erf(3/√2)²
    assert circle[1] == pytest.approx(0.9889, abs=0.0015)  # 1 − exp(−9/2)
    assert box[2] < 0.001


def test_reverse_kl_of_one_mode_is_ln_k():
    assert modes.reverse_kl(np.zeros(50, int), 8) == pytest.approx(np.log(8))


def test_purity_and_nmi():
    labels, clusters = np.array([0, 0, 0, 1, 1, 1]), np.array([2, 2, 2, 0, 0, 2])
    assert agreement.purity(labels, clusters) == pytest.approx(5 / 6)
    assert agreement.normalized_mutual_information(labels, 1 - labels) == pytest.approx(1)


@pytest.mark.slow
def test_a_suite_trains_measures_and_goes_on_where_it_was(tmp_path, data_dir, monkeypatch):
    monkeypatch.setitem(suites.methods, "self-conditioned", {**small, "every": 50})
    run = {"sets": ["ring"], "runs": 2, "only": ["self-conditioned"], "data_dir": data_dir}
    run |= {"split": "train[:2000]", "average": 0.0}
    results = suites.mode_collapse(tmp_path, **run, steps=100)
    values = results["ring"]["self-conditioned"]
    assert len(values["high quality"]) == 2 and 0 <= min(values["high quality"])
    assert results["ring"]["oracle"]["modes recovered"] == [8]
    assert results["ring"]["collapsed"]["modes recovered"] == [1]
    assert (tmp_path / "ring.png").is_file() and "| oracle |" in (tmp_path / "table.md").read_text()
    oracle = results["ring"]["oracle"]
    assert len(values["NMI of the clusters"]) == 2 and "NMI of the clusters" not in oracle
    with pytest.raises(ZooError, match="made 100 steps already"):
        suites.mode_collapse(tmp_path, **run, steps=50)
    # Figures that a run was not yet measured for are taken of what is trained.
    file = tmp_path / "ring/self-conditioned/0/measured.json"
    known = json.loads(file.read_text())
    file.write_text(json.dumps({**known, "recipe": {**known["recipe"], "metrics": []}}))
    assert suites.mode_collapse(tmp_path, **run, steps=100) == results
    # Another set joins the table, and figures of another recipe are not taken for its own.
    both = suites.mode_collapse(tmp_path, **{**run, "sets": ["grid"], "runs": 1}, steps=100)
    assert set(both) == {"ring", "grid"} and both["ring"] == results["ring"]
    assert "| ring |" in (tmp_path / "table.md").read_text()
    with pytest.raises(ZooError, match="average"):
        suites.mode_collapse(tmp_path, **{**run, "average": 0.9}, steps=100)
    monkeypatch.setattr("zoo.evaluate.suites.train", None)  # all is there: nothing is trained again
    assert suites.mode_collapse(tmp_path, **run, steps=100) == both
    with pytest.raises(TypeError):  # more steps are asked for than were trained
        suites.mode_collapse(tmp_path, **run, steps=150)
    # Killed now, with the recipe of more steps in place, it leaves no figures of fewer to be taken for its.
    left = tmp_path.glob("ring/self-conditioned/*/measured.json")
    assert [file.parent.name for file in left] == ["1"]


@pytest.mark.slow
def test_a_suite_on_pictures_shows_what_each_method_makes_and_on_the_unit_ring_scatters(
    tmp_path, data_dir, monkeypatch
):
    fewer = {**small, "k": 3, "width": 2, "points": 100}
    monkeypatch.setitem(suites.sets_of_modes, "digits", ("selfcond_digits", {}))
    monkeypatch.setitem(suites.methods, "self-conditioned", {**fewer, "every": 50})
    monkeypatch.setitem(suites.methods, "random labels", {**fewer, "labels": "random"})
    only = ["self-conditioned", "random labels"]
    run = {"runs": 1, "only": only, "data_dir": data_dir, "steps": 50, "split": "train[:1000]"}
    unit = suites.mode_collapse(tmp_path, sets=["ring_unit"], **{**run, "only": ["random labels"]})
    results = suites.mode_collapse(tmp_path, sets=["digits"], **run)
    assert results["ring_unit"] == unit["ring_unit"]
    radii = np.linalg.norm(datasets.mixture("gaussians/ring_unit")[0], axis=1)
    np.testing.assert_allclose(radii, 1)
    assert results["ring_unit"]["oracle"]["modes recovered"] == [8]
    made = {file.name for file in tmp_path.glob("*.png")}
    assert made == {"ring_unit.png", "digits_self-conditioned.png", "digits_random_labels.png"}
    found = {method: set(results["digits"][method]) for method in only}
    assert found["self-conditioned"] - found["random labels"] == {
        "purity of the clusters",
        "NMI of the clusters",
    }
    assert any(row.endswith(" |  |  |") for row in (tmp_path / "table.md").read_text().splitlines())


@pytest.mark.slow
def test_runs_of_a_suite_go_on_side_by_side(tmp_path, data_dir, monkeypatch):
    monkeypatch.setitem(suites.methods, "self-conditioned", {**small, "every": 50})
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    run = {"sets": ["ring"], "runs": 2, "only": ["self-conditioned"], "data_dir": data_dir, "jobs": 2}
    results = suites.mode_collapse(tmp_path, **run, steps=50, split="train[:2000]")
    assert len(results["ring"]["self-conditioned"]["high quality"]) == 2
    recipes = [tmp_path / f"ring/self-conditioned/{seed}/recipe.json" for seed in (0, 1)]
    assert [json.loads(file.read_text())["seed"] for file in recipes] == [0, 1]
    assert os.environ["OMP_NUM_THREADS"] == "2"


@pytest.mark.slow
def test_a_run_that_fails_or_is_ended_ends_the_others():
    begun = time.monotonic()
    with pytest.raises(TypeError):
        list(suites.run_in_parallel(time.sleep, [(300,), ("long",), (300,), (300,)], jobs=2))
    with pytest.raises(ZooError, match="fewer runs at a time.* Set jobs=1"):
        list(suites.run_in_parallel(os._exit, [(1,)], jobs=2))
    assert time.monotonic() - begun < 250
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_runs_side_by_side_end_with_the_suite_that_began_them(tmp_path, data_dir):
    told = {"suite": "mode_collapse", "sets": "ring", "methods": "GAN", "runs": 2, "jobs": 2}
    told |= {"data_dir": data_dir, "out": tmp_path}
    command = [sys.executable, "-m", "zoo.evaluate", *(f"--{name}={value}" for name, value in told.items())]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    locks = [tmp_path / f"ring/GAN/{seed}/.lock" for seed in (0, 1)]

    def held():
        """How many runs a process has in use."""
        count = 0
        for lock in filter(pathlib.Path.is_file, locks):
            with open(lock, "w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    count += 1
        return count

    def wait(count):
        end = time.monotonic() + 120
        while held() != count:
            assert time.monotonic() < end, f"{held()} runs are in use, not {count}"
            time.sleep(0.5)

    with subprocess.Popen(command, **quiet) as suite:
        try:
            wait(2)
        finally:
            suite.kill()
    wait(0)


@pytest.mark.slow
def test_no_call_of_the_graph_goes_beyond_a_clustering(tmp_path, data_dir, monkeypatch):
    clustered, whole = [], selfcond.SelfConditionedGAN.recluster

    def watched(game, x):
        clustered.append(int(game.iteration.numpy()))
        whole(game, x)

    monkeypatch.setattr(selfcond.SelfConditionedGAN, "recluster", watched)
    odd = ring(network={**small, "every": 6}, steps=20, period=20, steps_per_execution=4)
    train(odd, tmp_path, data_dir=data_dir)
    assert clustered == [0, 6, 12, 18]


@pytest.mark.slow
def test_samples_are_measured_as_a_function_of_the_number_of_clusters(tmp_path, data_dir):
    base = recipe.find("selfcond_digits")
    network = {**base.network, **small, "width": 2, "points": 100, "every": 50}
    run = {"runs": 1, "data_dir": data_dir, "steps": 20, "period": 20, "network": network}
    results = suites.number_of_clusters(tmp_path, only=["1", "3"], **run)
    assert set(results["digits"]) == {"k = 1", "k = 3"}
    for row in results["digits"].values():
        assert set(row) == {"classifier-feature Fréchet distance", "classifier score"}
        assert 1 <= row["classifier score"][0] <= 10
    runs = [json.loads((tmp_path / f"digits/k_=_{k}/0/recipe.json").read_text()) for k in (1, 3)]
    assert [made["network"]["k"] for made in runs] == [1, 3]
    assert [made["network"].get("labels", "clusters") for made in runs] == ["random", "clusters"]
    assert (tmp_path / "digits.png").is_file() and "| k = 3 |" in (tmp_path / "table.md").read_text()
    for wrong in ("0", "few"):
        with pytest.raises(ZooError, match="numbers of clusters"):
            suites.number_of_clusters(tmp_path, only=[wrong], **run)


def test_a_suite_refuses_what_it_does_not_know(tmp_path, data_dir):
    with pytest.raises(ZooError, match="PacGAN2"):
        suites.mode_collapse(tmp_path, only=["PacGAN"])
    for name in ("rin", "digits"):
        with pytest.raises(ZooError, match="Did you mean ring|Known: grid, ring, stacked_mnist"):
            suites.mode_collapse(tmp_path, sets=[name])


def test_modes_of_another_set_are_not_known(tmp_path, data_dir):
    with pytest.raises(ZooError, match="gaussians/ring"):
        datasets.mixture("digits")
    assert "mode_recovery" in protocols


def test_networks_of_points_begin_as_pytorchs_do():
    model = build("selfcond", (2,), width=40)
    for network in (model.generator, model.features, model.discriminator):
        for layer in network.layers:
            if isinstance(layer, keras.layers.Dense) and layer.use_bias:
                limit = layer.kernel.shape[0] ** -0.5
                for values in (layer.kernel.numpy(), layer.bias.numpy()):
                    assert np.abs(values).max() <= limit
                    assert values.size < 20 or values.std() == pytest.approx(limit / 3**0.5, rel=0.3)

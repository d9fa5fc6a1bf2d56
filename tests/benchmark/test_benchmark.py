"""Operations are counted as by hand; a benchmark fills its table."""

import dataclasses
import json

import pytest
import tensorflow as tf
from processes import run_command

from zoo import recipe
from zoo.benchmark import measure as benchmarking
from zoo.errors import ZooError


def count(function, *shapes):
    return benchmarking.operations(
        tf.function(function).get_concrete_function(*[tf.TensorSpec(s) for s in shapes]).graph
    )


def test_operations_of_a_matrix_product():
    assert count(tf.matmul, (3, 4), (4, 5)) == 2 * 3 * 4 * 5
    assert count(lambda a, b: tf.matmul(a, b, transpose_a=True), (4, 3), (4, 5)) == 2 * 3 * 4 * 5


def test_operations_of_a_convolution_and_its_gradients():
    def step(x, w):
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = tf.nn.conv2d(x, w, 2, "SAME")
        return tape.gradient(y, [x, w])

    forward = 2 * (2 * 4 * 4 * 6) * (3 * 3 * 5)
    assert count(lambda x, w: tf.nn.conv2d(x, w, 2, "SAME"), (2, 8, 8, 5), (3, 3, 5, 6)) == forward
    # The forward pass is not needed for the gradients of a convolution, so it is pruned or counted.
    assert count(step, (2, 8, 8, 5), (3, 3, 5, 6)) in (2 * forward, 3 * forward)


def test_the_matrix_rate_counts_all_products_beside_each_other(monkeypatch):
    monkeypatch.setattr(benchmarking, "measure_seconds", lambda call, repeats: [call() * 0 + 2.0])
    assert benchmarking.matrix_rate(n=8) == 8**3
    assert benchmarking.matrix_rate(n=8, side_by_side=3) == 3 * 8**3


def test_a_loop_is_compared_with_the_steps_around_it():
    # The machine slows by half in the second round; medians of all would say −4 %.
    loops = [1.1, 1.65, 2.2, 2.2]
    assert benchmarking.overhead(loops, [1.0, 1.0, 2.0, 2.0, 2.0]) == pytest.approx(0.1)


@pytest.mark.slow
def test_the_bare_step_is_timed_before_each_round_and_after_the_last(data_dir, monkeypatch):
    seen = []
    monkeypatch.setattr(benchmarking, "overhead", lambda loops, bare: seen.append((loops, bare)) or 0.0)
    chosen = dataclasses.replace(recipe.find("gan"), batch_size=8, precision="float32")
    benchmarking.benchmark(chosen, steps=2, data_dir=data_dir)
    ((loops, bare),) = seen
    assert len(bare) == len(loops) + 1 == benchmarking.rounds + 1


@pytest.mark.slow
def test_a_benchmark_fills_its_table(data_dir):
    chosen = dataclasses.replace(
        recipe.find("dcgan"), network={"width": 4}, batch_size=8, precision="float32"
    )
    table = benchmarking.benchmark(chosen, steps=2, data_dir=data_dir)
    assert all(value is not None for value in table.values())
    assert table["operations a step, GFLOP"] > 0 and table["images a second"] > 0


@pytest.mark.slow
def test_models_are_measured_in_a_process_each_into_one_table(tmp_path, data_dir):
    command = ["-m", "zoo.benchmark", "--models=gan", "--timed_steps=2"]
    output = tmp_path / "before.json"
    flags = ["--batch_size=8", f"--data_dir={data_dir}"]
    done = run_command([*command, *flags, f"--output={output}"])
    assert done.returncode == 0, done.stderr
    assert "| gan_digits | 8 |" in done.stdout
    (table,) = json.loads(output.read_text())
    assert 0 < table["export, MB"] < 10 and table["1 at once, ms"] > 0 and table["a second, by 64"] > 0
    assert len(benchmarking.markdown([table, table]).splitlines()) == 4
    missing = run_command([*command, "--baseline=none.json"])
    assert missing.returncode == 1 and "Make one with --output" in missing.stderr


def test_what_got_worse_beyond_noise_is_named_and_nothing_else():
    before = {name: 100.0 for name in benchmarking.worse} | {"recipe": "a", "noise, %": 5.0}
    before |= {"precision": "float32", "batch": 8}
    now = before | {"bare step, ms": 120.0, "peak memory, MB": 120.0, "export, MB": 50.0}
    assert benchmarking.slower([now], [before]) == ["a: peak memory, MB 100.0 → 120.0 (+20%)"]
    calm = {"noise, %": 0.5}
    lines = benchmarking.slower([now | calm], [before | calm])
    assert [line.split(" 100")[0] for line in lines] == ["a: bare step, ms", "a: peak memory, MB"]
    for other in ({"recipe": "b"}, {"precision": "mixed_bfloat16"}, {"batch": 9}):
        with pytest.raises(ZooError, match="none of these recipes"):
            benchmarking.slower([now], [before | other])
        assert benchmarking.slower([now], [before | other, now]) == []
    for nonsense in ({"a": 1}, [{}], ["a"]):
        with pytest.raises(ZooError, match="not a table of zoo.benchmark"):
            benchmarking.slower([now], nonsense)

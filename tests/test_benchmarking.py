"""Operations are counted as by hand; a benchmark fills its table."""

import dataclasses

import tensorflow as tf

from zoo import benchmarking, recipe


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


def test_a_benchmark_fills_its_table(data_dir):
    chosen = dataclasses.replace(
        recipe.find("dcgan"), network={"width": 4}, batch_size=8, precision="float32"
    )
    table = benchmarking.benchmark(chosen, steps=2, data_dir=data_dir)
    assert all(value is not None for value in table.values())
    assert table["operations a step, GFLOP"] > 0 and table["images a second"] > 0

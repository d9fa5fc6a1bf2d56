"""How fast a recipe trains on this machine, against the best that the machine can do."""

import dataclasses
import pathlib
import resource
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

from zoo import training


def matrix_rate(n=2048, repeats=10):
    """The best rate of a float32 n × n matrix product, in floating-point operations a second."""
    a, b = (tf.random.stateless_normal((n, n), [0, i]) for i in range(2))
    product = tf.function(lambda a, b: tf.reduce_sum(tf.matmul(a, b)[0]))
    seconds = _seconds(lambda: product(a, b).numpy(), repeats)
    return 2 * n**3 / min(seconds)


def _seconds(call, repeats, warm_up=2):
    for _ in range(warm_up):
        call()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def operations(graph):
    """Floating-point operations of the matrix products and convolutions of a graph, once through.

    A multiply and an add count as two. Element-wise work is not counted, so a fraction of the
    matrix rate taken from this is a lower bound of what the machine did.
    """
    total = 0
    for op in graph.get_operations():
        if op.type == "MatMul":
            rows, columns = _shape(op.outputs[0])
            inner = _shape(op.inputs[0])[0 if op.get_attr("transpose_a") else 1]
            total += 2 * rows * columns * inner
        elif op.type == "Conv2D":
            total += _convolution(_shape(op.outputs[0]), _shape(op.inputs[1]))
        elif op.type == "Conv2DBackpropInput":  # its gradient's shape is the forward output's
            total += _convolution(_shape(op.inputs[2]), _shape(op.inputs[1]))
        elif op.type == "Conv2DBackpropFilter":
            total += _convolution(_shape(op.inputs[2]), _shape(op.outputs[0], op))
    return total


def _shape(tensor, filter_gradient=None):
    if filter_gradient is not None and None in tensor.shape.as_list():
        return tf.get_static_value(filter_gradient.inputs[1]).tolist()
    return tensor.shape.as_list()


def _convolution(output, kernel):
    return 2 * int(np.prod(output)) * int(np.prod(kernel[:3]))


def benchmark(recipe, steps=20, data_dir=None):
    """Measures a recipe.

    Args:
        recipe: a `zoo.recipe.Recipe`.
        steps: how many steps are timed, of the bare step and of the whole loop each.
        data_dir: where TFDS keeps its sets.

    Returns:
        A table as plain data: seconds, rates and shares, each named with its unit.
    """
    if recipe.precision == "auto":
        recipe = dataclasses.replace(recipe, precision=training.fastest_precision())
    steps = max(steps // recipe.steps_per_execution, 1) * recipe.steps_per_execution
    recipe = dataclasses.replace(recipe, period=steps, steps=10 * steps)
    data = training.data_of(recipe, data_dir=data_dir)
    model = training.assemble(recipe, data)
    batches = data.batches(recipe.batch_size * model.batches_per_step, recipe.seed)

    batch = next(iter(batches))
    bare_step = tf.function(model.train_step, jit_compile=model.jit_compile or None)
    concrete = bare_step.get_concrete_function(batch)
    bare = np.median(_seconds(lambda: [v.numpy() for v in bare_step(batch).values()], steps))

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        watch = _Stopwatch(model, recipe, data, folder)
        model.fit(
            batches,
            epochs=4,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=[watch.record, watch],
        )
    loop = min(watch.seconds[1:]) / steps
    best = matrix_rate()
    work = operations(concrete.graph)
    return {
        "recipe": recipe.name,
        "precision": recipe.precision,
        "batch": recipe.batch_size,
        "bare step, ms": round(1e3 * bare, 2),
        "step in the whole loop, ms": round(1e3 * loop, 2),
        "loop overhead, %": round(100 * (loop / bare - 1), 1),
        "images a second": round(recipe.batch_size / loop, 1),
        "operations a step, GFLOP": round(work / 1e9, 5),
        "float32 matrix rate, GFLOP/s": round(best / 1e9, 1),
        "share of the matrix rate, %": round(100 * work / bare / best, 1),
        "peak memory, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


class _Stopwatch(keras.callbacks.Callback):
    """Times the steps of each period, input pipeline and progress records included."""

    def __init__(self, model, recipe, data, folder):
        super().__init__()
        checkpoints = training.Checkpoints(folder / "checkpoints", model)
        self.record = training.Record(folder, recipe, data, checkpoints, 0, write=True)
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self._last = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(self._last - self._start)

"""Measurements of training steps and of exported models."""

import dataclasses
import json
import operator
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

from zoo.commands.signals import Signals
from zoo.commands.spelling import command as command_line
from zoo.errors import ZooError
from zoo.saved import encoded
from zoo.tasks import load
from zoo.train.assemble import assemble, load_data
from zoo.train.checkpoints import Checkpoints
from zoo.train.finish import export_run
from zoo.train.machine import fastest_precision, share_cores
from zoo.train.record import Record
from zoo.train.workers import Workers

batches = (1, 8, 64)  # rows per request of a loaded model
rounds = 6  # timed parts of a training
# Figures that are compared with a baseline. Larger ones are worse.
worse = ("bare step, ms", "step in the whole loop, ms", "peak memory, MB", "export, MB", "1 at once, ms")


def matrix_rate(n=2048, repeats=10, side_by_side=1):
    """Returns the best rate of float32 matrix products, in operations per second.

    Args:
        n: Integer. Side of the matrices. Defaults to 2048.
        repeats: Integer. Number of measurements. Defaults to 10.
        side_by_side: Integer. Number of parallel products. Defaults to 1.
    """
    a, *others = (tf.random.stateless_normal((n, n), [0, i]) for i in range(1 + side_by_side))
    products = tf.function(lambda a, *others: tf.add_n([tf.reduce_sum(tf.matmul(a, b)[0]) for b in others]))
    seconds = measure_seconds(lambda: products(a, *others).numpy(), repeats)
    return side_by_side * 2 * n**3 / min(seconds)


def measure_seconds(call, repeats, warm_up=2):
    """Returns the durations of repeated calls.

    Args:
        call: Function without arguments.
        repeats: Integer. Number of measured calls.
        warm_up: Integer. Number of calls before them. Defaults to 2.
    """
    for _ in range(warm_up):
        call()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def operations(graph):
    """Returns the floating-point operations of a graph's matrix products and convolutions.

    A multiplication and an addition count as two. Element-wise operations are not counted, so a share of
    the matrix rate is a lower bound.

    Args:
        graph: A `tf.Graph`.
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

    A round times steps alone and steps in the training loop, so that drift of the machine affects both.

    Args:
        recipe: A `Recipe`.
        steps: Integer. Number of steps per round, and of requests. Defaults to 20.
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.

    Returns:
        Dict of figures, whose names contain their units.
    """
    share_cores(recipe.side_by_side)
    if recipe.precision == "auto":
        recipe = dataclasses.replace(recipe, precision=fastest_precision())
    tf.config.experimental.enable_op_determinism()  # as in training
    steps = max(steps // recipe.steps_per_execution, 1) * recipe.steps_per_execution
    recipe = dataclasses.replace(recipe, period=steps, steps=10 * steps)
    data = load_data(recipe, data_dir=data_dir)
    model = assemble(recipe, data)
    model.stage = model.stages - 1  # the last, in which all sides move
    examples = data.batches(recipe.batch_size * model.batches_per_step, recipe.seed)

    batch = next(iter(examples))
    bare_step = tf.function(model.train_step)
    concrete = bare_step.get_concrete_function(batch)

    def bare():
        return measure_seconds(lambda: [v.numpy() for v in bare_step(batch).values()], steps)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        watch = _Stopwatch(model, recipe, data, folder, bare)
        model.fit(
            examples,
            epochs=1 + rounds,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=[*model.callbacks(data), watch.record, watch],
        )
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        served = _served(export_run(model, recipe, data, folder, 0.0), steps)
    loops = np.array(watch.seconds[1:]) / steps  # the first round traces
    loop, bare = np.median(loops), np.concatenate(watch.bare[1:])
    best = matrix_rate(side_by_side=recipe.side_by_side)
    work = operations(concrete.graph)
    return {
        "recipe": recipe.name,
        "precision": recipe.precision,
        "batch": recipe.batch_size,
        "bare step, ms": round(1e3 * np.median(bare), 2),
        "noise, %": round(100 * _noise(bare), 1),
        "step in the whole loop, ms": round(1e3 * loop, 2),
        "loop overhead, %": round(100 * overhead(loops, [np.median(taken) for taken in watch.bare[1:]]), 1),
        "images a second": round(recipe.batch_size / loop, 1),
        "operations a step, GFLOP": round(work / 1e9, 5),
        "float32 matrix rate, GFLOP/s": round(best / 1e9, 1),
        "share of the matrix rate, %": round(100 * work / np.median(bare) / best, 1),
        "peak memory, MB": round(memory),
        **served,
    }


def overhead(loops, bare):
    """Returns the median time that the loop adds to a step, as a share of the step.

    Args:
        loops: Time of a step in the loop, one per round.
        bare: Time of a step alone, before each round and after the last.
    """
    bare = np.asarray(bare)
    return np.median(loops / (0.5 * (bare[:-1] + bare[1:]))) - 1


def _noise(seconds):
    """Returns half the interquartile range over the median."""
    low, middle, high = np.percentile(seconds, [25, 50, 75])
    return (high - low) / 2 / middle


def _served(version, repeats):
    """Returns size, loading time and speed of an export's first signature."""
    start = time.perf_counter()
    trained = load(version.parent)
    loaded = time.perf_counter() - start
    signature, spec = next(iter(trained.card.signatures.items()))

    def taken(rows):
        given = {name: encoded.example(name, kind, rows) for name, kind in spec["inputs"].items()}
        answer = trained.signatures[signature]
        return float(
            np.median(measure_seconds(lambda: [v.numpy() for v in answer(**given).values()], repeats))
        )

    seconds = {rows: taken(rows) for rows in batches}
    return {
        "export, MB": round(sum(p.stat().st_size for p in version.rglob("*") if p.is_file()) / 1e6, 2),
        "load, s": round(loaded, 2),
        "signature": signature,
        "1 at once, ms": round(1e3 * seconds[1], 2),
        **{f"a second, by {rows}": round(rows / seconds[rows], 1) for rows in batches[1:]},
    }


def benchmark_all(recipes, arguments, show=print):
    """Measures recipes one by one, each in its own process.

    Args:
        recipes: Names of recipes or models.
        arguments: List of further flags of `python -m zoo.benchmark`.
        show: Function that is called with each name before its measurement. Defaults to `print`.

    Returns:
        List of one dict per recipe. See `benchmark`.

    Raises:
        ZooError: A recipe could not be measured.
    """
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for name in recipes:
            show(name)
            output = pathlib.Path(folder) / "table.json"
            command = [sys.executable, "-m", "zoo.benchmark", f"--model={name}", f"--output={output}"]
            done = subprocess.run([*command, *arguments], capture_output=True, text=True)
            if done.returncode:
                said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}: memory?"]
                raise ZooError(f"{name} could not be measured: {said[-1]}")
            tables += json.loads(output.read_text(encoding="utf-8"))
    return tables


_columns = {
    "recipe": "recipe",
    "batch": "batch",
    "bare step, ms": "step, ms",
    "loop overhead, %": "loop, %",
    "images a second": "images/s",
    "share of the matrix rate, %": "of matrix rate, %",
    "peak memory, MB": "peak, MB",
    "export, MB": "export, MB",
    "load, s": "load, s",
    "1 at once, ms": "1 at once, ms",
    **{f"a second, by {rows}": f"/s by {rows}" for rows in batches[1:]},
}


def markdown(tables):
    """Returns results of `benchmark` as a Markdown table, one row per recipe."""
    rows = [list(_columns.values()), ["---"] * len(_columns)]
    rows += [[str(table[name]) for name in _columns] for table in tables]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def slower(tables, baseline, least=0.1):
    """Returns the figures that are worse than in a baseline beyond noise.

    Args:
        tables: List of results of `benchmark`.
        baseline: List of earlier results from the same machine.
        least: Float. Smallest relative change. A time must also change by three times the noise of both.
            Defaults to 0.1.

    Returns:
        List of lines, one per figure.

    Raises:
        ZooError: The baseline is not a table of this module, or lacks all of the recipes.
    """
    same = operator.itemgetter("recipe", "precision", "batch")
    try:
        before = {same(table): table for table in baseline}
    except (TypeError, LookupError) as error:
        raise ZooError(
            f"The baseline is not a table of zoo.benchmark ({error}). Write one: "
            f"{command_line('benchmark', {'output': 'FILE'})}"
        ) from error
    if before and not before.keys() & map(same, tables):
        raise ZooError("The baseline has none of these recipes at their batch and precision.")
    lines = []
    for table in tables:
        old = before.get(same(table))
        for name in worse if old else ():
            noise = 3 * np.hypot(table["noise, %"], old["noise, %"]) / 100 if name.endswith("ms") else 0.0
            change = table[name] / old[name] - 1
            if change > max(least, noise):
                lines.append(f"{table['recipe']}: {name} {old[name]} → {table[name]} (+{change:.0%})")
    return lines


class _Stopwatch(keras.callbacks.Callback):
    """Times the steps of each period, and steps alone before each period and after the last.

    Times in the loop include the input pipeline and the progress records.
    """

    def __init__(self, model, recipe, data, folder, bare):
        super().__init__()
        self._time_bare, self.bare = bare, []
        checkpoints = Checkpoints(folder / "checkpoints", model)
        workers = Workers(tf.distribute.get_strategy())
        self.record = Record(folder, recipe, data, checkpoints, 0, workers, Signals())
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        """Times steps alone, and starts the period."""
        self.bare.append(self._time_bare())
        self._start = time.perf_counter()

    def on_train_end(self, logs=None):
        """Times steps alone."""
        self.bare.append(self._time_bare())

    def on_train_batch_end(self, batch, logs=None):
        """Stores the time of the last step."""
        self._last = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Stores the duration of the period."""
        self.seconds.append(self._last - self._start)

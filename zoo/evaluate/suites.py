"""Suites: a method and its baselines over several seeds, from training to a table.

`python -m zoo.evaluate --suite=mode_collapse` trains the missing runs, measures them, and writes a table
and images. Each run is a folder that resumes.
"""

import dataclasses
import json
import multiprocessing
import os
import pathlib
import shutil
import signal
import threading
from concurrent import futures

import numpy as np

from zoo import paths, recipe
from zoo.commands.streams import steady_streams
from zoo.errors import ZooError, unknown
from zoo.evaluate import generated
from zoo.evaluate.comparisons import compared, comparisons
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.protocol import applies
from zoo.images import plots
from zoo.images.files import save_image
from zoo.tasks import load
from zoo.train.assemble import load_data
from zoo.train.run import train

plain_gan = {"labels": "random", "k": 1}
methods = {
    "GAN": plain_gan,
    "PacGAN2": plain_gan,
    "PacGAN3": plain_gan,
    "PacGAN4": plain_gan,
    "random labels": {"labels": "random"},
    "class-conditional": {"labels": "given"},
    "self-conditioned": {},
}

packs = {"PacGAN2": 2, "PacGAN3": 3, "PacGAN4": 4}

# Each a recipe, and what is other in it.
sets_of_modes = {
    "ring": ("selfcond_ring", {}),
    "ring_unit": ("selfcond_ring", {"dataset": "gaussians/ring_unit"}),  # PacGAN's
    "grid": ("selfcond_grid", {}),
    "stacked_mnist": ("selfcond_stacked_mnist", {}),
}
references = ("collapsed", "oracle")  # real examples of one mode only, and of all


def mode_collapse(out, sets=("ring", "grid"), runs=10, only=None, data_dir=None, jobs=1, **changes):
    """Compares the labels of the self-conditioned GAN, with equal networks and schedules.

    Args:
        out: Path of the folder of the runs, the table and the images.
        sets: Names in `sets_of_modes`. Points are shown as scatter plots of all methods, images as the last
            samples of each method's first run.
        runs: Integer. Number of seeds per method. Defaults to 10.
        only: Names of methods. Defaults to all.
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.
        jobs: Integer. Number of parallel runs. Each is a process with one thread. Defaults to 1.
        **changes: Fields of the recipes, such as `steps`.

    Returns:
        Dict, `{set: {method: {metric: [value per run]}}}`. It includes `references` as methods, and the
        results that `out` already contains.

    Raises:
        ZooError: An unknown set or method, or an error of a training run.

    Reference:
        Liu et al., 2020, table 1.

    Differences:
        On ring and grid, all methods have averaged weights. Set `average=0.0` for the paper's setting.
    """
    _check_names("method", only or (), methods)
    _check_names("set of modes", sets, sets_of_modes)
    out, results = pathlib.Path(out), {}
    for name in sets:
        of, other = sets_of_modes[name]
        base = dataclasses.replace(recipe.find(of), **{**other, **changes})
        data = load_data(base, data_dir=data_dir)  # prepared before several ask for it
        chosen = {
            (method, seed): _recipe_of_method(base, method, seed)
            for method in only or methods
            for seed in range(runs)
        }
        results[name] = _trained(chosen, out / name, data_dir, jobs)
        shown = {method: out / name / method.replace(" ", "_") / "0" for method, _ in chosen}
        if data.is_images:
            for method, run in shown.items():  # where there are clusters, a row each: real, generated
                last = max((run / "samples").glob("step_*.png"))
                picture = paths.result(out, f"{name}_{method.replace(' ', '_')}.png")
                with paths.whole(picture, durable=False) as file:
                    shutil.copy(last, file)
        else:
            save_image(paths.result(out, f"{name}.png"), _scatters(data, shown))
    return _store(results, out)


# For each set of images: a recipe, and the metrics of its samples.
sets_of_clusters = {
    "digits": ("selfcond_digits", ("classifier_frechet", "classifier_score")),
    "cifar10": ("selfcond_cifar10_paper", ("fid", "is")),
}
numbers = {"digits": (1, 5, 10, 20, 50, 100), "cifar10": (1, 25, 50, 100, 200, 400)}


def number_of_clusters(out, sets=("digits",), runs=3, only=None, data_dir=None, jobs=1, **changes):
    """Measures the samples of the self-conditioned GAN as a function of its number of clusters.

    Args:
        out: Path of the folder of the runs, the table and the plots.
        sets: Names in `sets_of_clusters`. Results for CIFAR-10 need the weights of Inception.
        runs: Integer. Number of seeds per number of clusters. Defaults to 3.
        only: Numbers of clusters, integers or strings. Defaults to `numbers`. 1 is the GAN without labels.
        data_dir, jobs, **changes: See `mode_collapse`.

    Returns:
        Dict, `{set: {"k = <number>": {metric: [value per run]}}}`.

    Raises:
        ZooError: An unknown set, a number that is not a positive integer, or an error of a training run.

    Reference:
        Liu et al., 2020, arXiv 2006.10728, ablation of the number of clusters.
    """
    _check_names("set of images", sets, sets_of_clusters)
    if not all(str(k).isdecimal() and int(k) > 0 for k in only or ()):
        raise ZooError(
            f"The methods of this suite are numbers of clusters, not {', '.join(map(str, only))}."
        )
    out, results = pathlib.Path(out), {}
    for name in sets:
        of, metrics = sets_of_clusters[name]
        base = dataclasses.replace(recipe.find(of), metrics=metrics, **changes)
        load_data(base, data_dir=data_dir)  # prepared before several ask for it
        chosen = {}
        for k in map(int, only or numbers[name]):
            network = plain_gan if k == 1 else {"k": k}
            for seed in range(runs):
                same = {"network": {**base.network, **network}, "seed": seed}
                chosen[f"k = {k}", seed] = dataclasses.replace(base, **same)
        results[name] = _trained(chosen, out / name, data_dir, jobs)
    results = _store(results, out)
    for name in sets:
        by_metric = {}
        for row, values in results[name].items():
            for metric, found in values.items():
                by_metric.setdefault(metric, {})[int(row.removeprefix("k = "))] = found
        save_image(paths.result(out, f"{name}.png"), plots.sweep(by_metric, "number of clusters k"))
    return results


def extensions(out, sets=None, runs=3, only=None, data_dir=None, jobs=1, steps=None):
    """Compares the papers' recipes with ours, on our data and with the same number of steps.

    All schedules are scaled to the number of steps.

    Args:
        out: Path of the folder of the runs and the table.
        sets: Names in `comparisons`, of models. Defaults to all.
        runs: Integer. Number of seeds per recipe. Defaults to 3.
        only: Tuple of "paper" and "ours". Defaults to both.
        data_dir, jobs: See `mode_collapse`.
        steps: Integer. Replaces the number of steps of all models.

    Returns:
        Dict, `{model: {"paper" or "ours": {metric: [value per run]}}}`.

    Raises:
        ZooError: An unknown model or recipe, or an error of a training run.
    """
    _check_names("method", only or (), ("paper", "ours"))
    _check_names("model", sets or (), comparisons)
    out, results = pathlib.Path(out), {}
    for name in sets or comparisons:
        chosen = compared(name, steps)
        load_data(chosen["ours"], data_dir=data_dir)  # prepared before several ask for it
        seeded = {
            (method, seed): dataclasses.replace(chosen[method], seed=seed)
            for method in only or chosen
            for seed in range(runs)
        }
        results[name] = _trained(seeded, out / name, data_dir, jobs)
    return _store(results, out)


suites = {
    "mode_collapse": mode_collapse,
    "number_of_clusters": number_of_clusters,
    "extensions": extensions,
}


def _trained(chosen, out, data_dir, jobs):
    """Trains and measures runs, and returns their results as rows. See `_rows`.

    Args:
        chosen: Dict, `{(method, seed): recipe}`.
        out: Path of the folder of the runs.
        data_dir, jobs: See `mode_collapse`.
    """
    calls = [
        (out / method.replace(" ", "_") / str(seed), made, data_dir)
        for (method, seed), made in chosen.items()
    ]
    records = list(run_in_parallel(_measured, calls, jobs))
    return _rows(zip([method for method, _ in chosen], records))


def _store(results, out):
    """Writes the results and their table, and returns them with those that `out` already contains."""
    stored = out / "results.json"
    before = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else {}
    results = {**before, **{name: {**before.get(name, {}), **rows} for name, rows in results.items()}}
    with paths.whole(paths.result(out, stored.name)) as file:
        file.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    with paths.whole(paths.result(out, "table.md")) as file:
        file.write_text(table(results), encoding="utf-8")
    return results


def _check_names(kind, names, known):
    """Rejects unknown names."""
    for name in names:
        if name not in known:
            raise unknown(kind, name, known)


def _recipe_of_method(base, method, seed):
    """Returns the recipe of one run of a method."""
    # A batch is a whole number of packs: 99 examples for PacGAN3, 100 for the others.
    m = packs.get(method, 1)
    chosen = dataclasses.replace(
        base,
        network={**base.network, **methods[method]},
        parts={**base.parts, **({"packing": {"m": m}} if m > 1 else {})},
        batch_size=base.batch_size // m * m,
        seed=seed,
    )
    chosen.check()
    return chosen


def _rows(measured):
    """Collects records of runs as `{method or reference: {metric: [value per run]}}`.

    Args:
        measured: Iterable of pairs of a method and the records of one run.
    """
    rows = {}
    for method, records in measured:
        for result in records:
            metric = result["metric"]
            rows.setdefault(method, {}).setdefault(metric, []).append(result["value"])
            for reference in references:
                if reference in result:
                    rows.setdefault(reference, {})[metric] = [result[reference]]
    return rows


def _measured(run, chosen, data_dir):
    """Returns the records of one run, after training and measuring it if necessary."""
    stored = run / "measured.json"
    known = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else {}
    if known.get("recipe") != chosen.plain():
        if known.get("recipe", {}).get("steps", 0) < chosen.steps:
            stored.unlink(missing_ok=True)  # the recipe there is soon that of more
        train(chosen, run, data_dir=data_dir)
        context = EvaluationContext(load(str(run)), seeds=1, data_dir=data_dir)
        metrics = [n for n in chosen.metrics if n in generated.metrics or applies(n, context.trained)]
        known = {"recipe": chosen.plain(), "records": generated.measure_all(context, metrics)}
        with paths.whole(stored) as file:
            file.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return known["records"]


def run_in_parallel(function, calls, jobs):
    """Yields the results of calls in their order.

    Args:
        function: Function to call.
        calls: Iterable of argument tuples.
        jobs: Integer. Number of processes. 1 runs in this process.

    Raises:
        ZooError: A process was killed.
    """
    if jobs == 1:
        yield from (function(*arguments) for arguments in calls)
        return
    threads = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
    before = {name: os.environ.get(name) for name in threads}
    os.environ.update(threads)  # which the processes inherit, before they import TensorFlow
    # Not joblib: its workers outlive a killed parent and leave TensorFlow's threads unlimited.
    spawn, others = multiprocessing.get_context("spawn"), set(multiprocessing.active_children())
    pool = futures.ProcessPoolExecutor(jobs, spawn, initializer=_end_with_the_parent)
    try:
        runs = [pool.submit(function, *call) for call in calls]
        for run in futures.wait(runs, return_when=futures.FIRST_EXCEPTION).done:
            run.result()  # raises what one of them did
        yield from [run.result() for run in runs]
    except futures.process.BrokenProcessPool as error:
        raise ZooError(
            "A run was killed, probably for lack of memory. Start again with fewer runs at a time: each "
            "run resumes from its checkpoint.",
            jobs=max(1, jobs // 2),
        ) from error
    finally:
        # Where one failed or Ctrl-C was pressed the others end, too: they go on from their checkpoints.
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _end_with_the_parent():
    """Makes this process end with its parent process, even after kill -9.

    Otherwise the run of this process stays in use when the suite restarts. The parent handles Ctrl-C.
    """
    steady_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _scatters(data, shown):
    """Returns scatter plots of each method's first run, over those of the data (figure 4)."""
    points = {method: load(str(run)).sample(2500, seed=0) for method, run in shown.items()}
    return plots.scatters(data.arrays(0, 2500)[0], points)


def table(results):
    """Returns a Markdown table of means ± standard errors over runs.

    Args:
        results: Dict. See `mode_collapse`.
    """
    lines = []
    for name, rows in results.items():
        metrics = list(dict.fromkeys(metric for row in rows.values() for metric in row))
        order = sorted(rows, key=lambda method: method in references)  # these last
        lines += [f"| {name} | {' | '.join(metrics)} |", "|---" * (len(metrics) + 1) + "|"]
        lines += [f"| {m} | {' | '.join(_cell(rows[m].get(c)) for c in metrics)} |" for m in order]
        lines.append("")
    return "\n".join(lines)


def _cell(values):
    if values is None:
        return ""
    error = f" ± {np.std(values, ddof=1) / np.sqrt(len(values)):.2g}" if len(values) > 1 else ""
    return f"{np.mean(values):.4g}{error}"

"""Measures a trained model.

    python -m zoo.evaluate --model=cgan_mnist

Prints records with their protocols. The records of a run go into its card. Those of a shipped model go
into evaluations/NAME.json, or into its card with --update_card. Those of other data (--dataset) go into
evaluations/NAME_DATASET.json.

--metrics=fid,kid,is,pr,fsd generates samples and compares them with a split of the data (--split).
--real=DIR --fake=DIR --metrics=fid,kid,is,pr,fsd,psnr,ssim,ms_ssim compares two folders of images.
--suite=mode_collapse trains and measures a method and its baselines, over --runs seeds.
--suite=extensions compares the papers' recipes with ours on our data.
--suite=number_of_clusters measures the self-conditioned GAN as a function of its number of clusters.
"""

import os

from absl import flags

from zoo import cli
from zoo.errors import ZooError, unknown

flags.DEFINE_string("model", None, "A trained model, or a run folder.")
flags.DEFINE_list("metrics", None, "Protocols; default: those of the model's recipe.")
flags.DEFINE_integer("seeds", 3, "Number of repetitions of the sampling.", lower_bound=1)
flags.DEFINE_integer("count", 10_000, "Samples per repetition.", lower_bound=100)
flags.DEFINE_string("classifier", None, "Classifier of the data; default: classifier_<dataset>.")
flags.DEFINE_string(
    "dataset", None, "Data in place of the model's own, such as a folder of images (train/, test/)."
)
flags.DEFINE_string("split", None, "Split of the real images for fid, kid, is, pr and fsd.")
flags.DEFINE_string("data_dir", None, "Folder of the datasets of TFDS; default: TFDS' own.")
flags.DEFINE_string("real", None, "Folder of real images, in place of a model.")
flags.DEFINE_string("fake", None, "Folder of generated images, together with --real.")
flags.DEFINE_string("inception", None, "File of Inception's weights; default: the download.")
flags.DEFINE_string("resizing", "legacy", "Resizing before Inception: legacy or clean.")
flags.DEFINE_string("segmenter", None, "Trained segmenter for fsd: segmenter_shapes, or a run folder.")
flags.DEFINE_string(
    "suite", None, "A comparison of trainings: mode_collapse, number_of_clusters or extensions."
)
flags.DEFINE_list("sets", None, "Datasets of a suite, or models of extensions; default: all.")
flags.DEFINE_list("methods", None, "Methods, or numbers of clusters, of a suite; default: all.")
flags.DEFINE_integer(
    "runs", None, "Seeds per method; default: 10 for mode_collapse, 3 for others.", lower_bound=1
)
flags.DEFINE_integer("jobs", None, "Parallel runs of a suite; default: one per core.", lower_bound=1)
flags.DEFINE_integer("steps", None, "Steps of a suite's trainings; default: the recipes'.", lower_bound=1)
flags.DEFINE_string("out", None, "Folder of a suite; default: evaluations/<suite>.")
flags.DEFINE_string("output", None, "File for the records.")
flags.DEFINE_bool("update_card", False, "Writes the records into a shipped model's card.")


takes = {
    "suite": {"sets", "methods", "runs", "jobs", "steps", "out", "data_dir"},
    "real": {"fake", "metrics", "inception", "resizing", "segmenter", "output"},
    "model": {
        "metrics",
        "seeds",
        "count",
        "classifier",
        "dataset",
        "data_dir",
        "split",
        "inception",
        "resizing",
        "segmenter",
        "output",
        "update_card",
    },
}


def main():
    """Runs the kind of evaluation that the flags select."""
    args = cli.FLAGS
    modes = {"suite": run_suite, "real": compare_folders, "model": measure}
    mode = "suite" if args.suite else "real" if args.real or args.fake else "model"
    for name in sorted({*takes, *set().union(*takes.values())} - takes[mode] - {mode}):
        if cli.FLAGS[name].present:
            raise ZooError(f"--{mode} goes without --{name}: that is of another kind of evaluation.")
    return modes[mode](args)


def measure(args):
    """Measures a trained model and stores the records."""
    name = cli.required(args.model, "model", "cgan_mnist")
    cli.load_tensorflow()
    from zoo.evaluate import generated
    from zoo.evaluate.context import EvaluationContext
    from zoo.evaluate.store import default_output, store
    from zoo.metrics.record import show
    from zoo.tasks import load

    trained = load(name)
    context = EvaluationContext(
        trained, args.seeds, args.count, args.classifier, args.data_dir, args.dataset
    )
    names = args.metrics or trained.card.recipe["metrics"]
    results = generated.measure_all(
        context, list(names), args.split, args.inception, args.resizing, args.segmenter
    )
    output = args.output or (None if args.update_card else default_output(trained, args.dataset))
    try:
        stored = store(results, trained, output)
    finally:  # also if they cannot be stored
        for result in results:
            print(show(result))
    print(f"Stored in {stored}")


def compare_folders(args):
    """Compares two folders of images."""
    real = cli.required(args.real, "real", "photographs")
    fake = cli.required(args.fake, "fake", "samples")
    cli.load_tensorflow()
    from zoo.evaluate import folders as comparison
    from zoo.evaluate.store import store
    from zoo.metrics.record import show

    results = comparison.compare(
        real, fake, args.metrics or ["fid"], args.inception, args.resizing, args.segmenter
    )
    try:
        stored = store(results, None, args.output) if args.output else None
    finally:
        for result in results:
            print(show(result))
    if stored:
        print(f"Stored in {stored}")


def run_suite(args):
    """Runs a suite and prints its table."""
    cli.load_tensorflow()
    from zoo.evaluate import suites

    if args.suite not in suites.suites:
        raise unknown("suite", args.suite, suites.suites)
    out = args.out or f"evaluations/{args.suite}"
    options = {"sets": args.sets, "runs": args.runs, "only": args.methods, "steps": args.steps}
    options = {name: value for name, value in options.items() if value}
    jobs = args.jobs or os.cpu_count()
    results = suites.suites[args.suite](out, data_dir=args.data_dir, jobs=jobs, **options)
    print(suites.table(results))
    print(f"Stored in {out}")


if __name__ == "__main__":
    cli.run(main)

"""Measures the speed of training and of exported models on this machine.

    python -m zoo.benchmark [--model=dcgan]

Takes the flags of zoo.train that select a recipe. Prints the time of a step, alone and in the training
loop, its share of the machine's float32 matrix rate, and the size and speed of the export. Without
--model, all models are measured, each in its own process. --output=FILE stores the figures.
--baseline=FILE compares with stored figures, and exits with status 1 if a figure is worse beyond noise.
"""

import json
import pathlib

from absl import flags

from zoo import cli, paths
from zoo.errors import ZooError

cli.recipe_flags()
flags.DEFINE_integer("timed_steps", 20, "Number of timed steps.", lower_bound=1)
flags.DEFINE_list("models", None, "Models, in place of --model; default: all.")
flags.DEFINE_string("output", None, "File for the figures.")
flags.DEFINE_string("baseline", None, "File of earlier figures of this machine, for comparison.")


def main():
    """Measures one recipe or all models, and compares with a baseline."""
    args = cli.FLAGS
    cli.load_tensorflow()
    from zoo.benchmark import measure as benchmarking
    from zoo.models.build import list_models

    before = _read(args.baseline) if args.baseline else []
    if args.model:
        tables = [benchmarking.benchmark(cli.chosen_recipe(), args.timed_steps, args.data_dir)]
        text = "\n".join(f"{name:32} {value}" for name, value in tables[0].items())
    else:
        for name in ("dataset", "steps", "seed"):
            if args[name].present:
                raise ZooError(f"--{name} is of one recipe: --model=….")
        same = ("timed_steps", "data_dir", "precision", "batch_size")
        given = [f"--{name}={args[name].value}" for name in same if args[name].present]
        given += [f"--set={assignment}" for assignment in args.set]
        tables = benchmarking.benchmark_all(args.models or list_models(), given)
        text = benchmarking.markdown(tables)
    if args.output:
        with paths.whole(args.output) as file:
            file.write_text(json.dumps(tables, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(text)
    lines = benchmarking.slower(tables, before)
    if lines:
        raise ZooError("Worse than before: " + "; ".join(lines))


def _read(file):
    try:
        return json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ZooError(f"--baseline={file} cannot be read ({error}). Make one with --output.") from error


if __name__ == "__main__":
    cli.run(main)

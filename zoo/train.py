"""Trains a model: python -m zoo.train --model=cgan

A model's own name trains its default recipe, on data that is embedded, offline, in minutes; a
recipe's name (or the path of a recipe file) trains that. Run again with the same --out, it goes on
where it was, also after kill -9.
"""

from absl import flags

from zoo import cli

flags.DEFINE_string("model", None, "A model, a recipe, or the path of a recipe file.")
flags.DEFINE_bool("list", False, "Shows all recipes and stops.")
flags.DEFINE_multi_string("set", [], "field=value for anything in the recipe; may be repeated.")
flags.DEFINE_string("dataset", None, "Embedded or TFDS set, or a folder of pictures.")
flags.DEFINE_integer("steps", None, "Updates of the generator.", lower_bound=1)
flags.DEFINE_float("epochs", None, "Passes over the data, in place of --steps.", lower_bound=0)
flags.DEFINE_integer("batch_size", None, "Examples a batch, over all replicas.", lower_bound=1)
flags.DEFINE_integer("seed", None, "Decides initial weights, data order and all draws.")
flags.DEFINE_string("precision", None, "float32, mixed_bfloat16, mixed_float16 or auto.")
flags.DEFINE_string("strategy", "one", "one, mirrored or multi_worker (with $TF_CONFIG).")
flags.DEFINE_string("data_dir", None, "Where TFDS keeps its sets.")
flags.DEFINE_string("out", None, "The run's folder; default: runs/<recipe>.")


def main():
    from zoo import recipe as recipes

    args = cli.FLAGS
    if args.list:
        print(recipes.table())
        return
    recipe = recipes.find(cli.required(args.model, "model", "cgan"))
    fields = ("dataset", "steps", "batch_size", "seed", "precision")
    given = [f"{field}={args[field].value!r}" for field in fields if args[field].value is not None]
    recipe = recipe.changed(given + args.set)

    from zoo import training  # loads TensorFlow

    out = args.out or f"runs/{recipe.name}"
    training.train(recipe, out, args.epochs, args.strategy, args.data_dir)


if __name__ == "__main__":
    cli.run(main)

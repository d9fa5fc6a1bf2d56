"""Trains a model.

    python -m zoo.train --model=cgan

The name of a model trains its default recipe, on embedded data. The name of a recipe or the path of a
recipe file trains that recipe. A second call with the same --out resumes the run, also after kill -9.
Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 save the state before the command ends.
"""

from absl import flags

from zoo import cli
from zoo import recipe as recipes

cli.recipe_flags()
flags.DEFINE_bool("list", False, "Shows all recipes and stops.")
flags.DEFINE_float("epochs", None, "Number of passes over the data, in place of --steps.")
flags.DEFINE_string("strategy", "one", "one, mirrored, multi_worker ($TF_CONFIG) or slurm.")
flags.DEFINE_float("wait_minutes", 10.0, "Minutes to wait for the other workers.")
flags.DEFINE_float("checkpoint_minutes", None, "Minutes between checkpoints within a period.")
flags.DEFINE_string("name", None, "Name of the exported model; default: that of the run folder.")
flags.DEFINE_multi_enum(
    "accept_changes", [], ["recipe", "data", "code"], "Resumes a run with another recipe, data or code."
)
flags.DEFINE_string("out", None, "Run folder; default: runs/<recipe>.")


def main():
    """Trains the recipe of the flags, or lists all recipes."""
    args = cli.FLAGS
    if args.list:
        print(recipes.table())
        return
    recipe = cli.chosen_recipe()
    cli.load_tensorflow()
    from zoo.train.run import train
    from zoo.train.sizes import without_own_size

    if not any(setting.split("=")[0].strip() == "image_size" for setting in args.set):
        recipe = without_own_size(recipe, recipes.find(args.model))
    out = args.out or f"runs/{recipe.name}"
    train(
        recipe,
        out,
        args.epochs,
        args.strategy,
        args.data_dir,
        args.wait_minutes,
        args.checkpoint_minutes,
        args.accept_changes,
        args.name,
    )


if __name__ == "__main__":
    cli.run(main)

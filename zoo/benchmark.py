"""Times a training on this machine: python -m zoo.benchmark --model=dcgan

Takes the flags of zoo.train that say what to train; prints the time of a step, bare and in the whole
loop, and the share of the machine's float32 matrix-product rate that it reaches.
"""

from absl import flags

from zoo import cli

cli.recipe_flags()
flags.DEFINE_integer("timed_steps", 20, "Steps timed.", lower_bound=1)


def main():
    recipe = cli.chosen_recipe()

    cli.load_tensorflow()
    from zoo import benchmarking

    for name, value in benchmarking.benchmark(recipe, cli.FLAGS.timed_steps, cli.FLAGS.data_dir).items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    cli.run(main)

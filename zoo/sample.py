"""Pictures from a trained model: python -m zoo.sample --model=infogan_mnist

Writes a grid (a row a class), a strip and an animation a continuous code, a walk through the noise,
and with --images=N so many single PNGs, all from --seed.
"""

from absl import flags

from zoo import cli

flags.DEFINE_string("model", None, "A trained model, or a run folder.")
flags.DEFINE_string("out", None, "The folder; default: samples/<model>.")
flags.DEFINE_integer("seed", 0, "Decides all pictures.")
flags.DEFINE_integer("columns", 10, "Pictures a row.", lower_bound=2)
flags.DEFINE_integer("images", 0, "How many single PNGs.", lower_bound=0)
flags.DEFINE_multi_string("given", [], "condition=value or condition=[v1,v2,…], for --images.")
flags.DEFINE_bool("list", False, "Shows the trained models and stops.")


def main():
    args = cli.FLAGS
    cli.load_tensorflow()
    from zoo import sampling, serving

    if args.list:
        print("\n".join(serving.list_trained()))
        return
    trained = serving.load(cli.required(args.model, "model", "cgan_mlp_mnist"))
    out = args.out or f"samples/{trained.name}"
    for path in sampling.album(
        trained, out, args.seed, args.columns, args.images, sampling.parse(args.given)
    ):
        print(path)


if __name__ == "__main__":
    cli.run(main)

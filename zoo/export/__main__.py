"""Exports a trained model again, without training.

    python -m zoo.export --model=cgan_mnist --out=models

The graph and the signatures are those of the installed version of zoo. The weights, the card and the
results are kept. --signatures=sample exports only this signature and its weights. --half_weights halves
the size of the weights.
"""

from absl import flags

from zoo import cli
from zoo.errors import ZooError

flags.DEFINE_string("model", None, "A trained model, or a run folder.")
flags.DEFINE_string(
    "out", None, "Folder of exported models. The model gets a folder in it, or a new version there."
)
flags.DEFINE_string("name", None, "New name of the model; default: its own.")
flags.DEFINE_list(
    "signatures", None, "Names of the signatures; default: all. Their _bytes variants are included."
)
flags.DEFINE_bool(
    "half_weights", None, "Stores float16 weights; computations stay in float32. Default: unchanged."
)
flags.DEFINE_bool("as_it_is", False, "Copies the export unchanged. Also for models of your own files.")


def main():
    """Exports or copies a trained model."""
    args = cli.FLAGS
    name = cli.required(args.model, "model", "cgan_mnist")
    out = cli.required(args.out, "out", "models")
    cli.load_tensorflow()
    from zoo.models.rebuild import re_export
    from zoo.saved.export import copy_export
    from zoo.tasks import load

    if args.as_it_is and (args.signatures or args.half_weights is not None):
        raise ZooError("--as_it_is changes nothing: leave out --signatures and --half_weights.")
    trained = load(name)
    if args.as_it_is:
        print(copy_export(trained, out, args.name))
    else:
        print(re_export(trained, out, args.signatures, args.half_weights, args.name))


if __name__ == "__main__":
    cli.run(main)

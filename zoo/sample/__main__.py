"""Writes samples of a trained model.

    python -m zoo.sample --model=infogan_mnist

A generator writes a grid (one row per class), a strip and an animation per continuous code, a walk through
the latent space, and single images with --images=N.

A text-to-image model takes captions: python -m zoo.sample --model=gancls_shapes --text="a red star"

A translator takes images of any size: python -m zoo.sample --model=cyclegan_shapes --input=FILE_OR_FOLDER
--output=FILE_OR_FOLDER [--direction=b_to_a] [--beside]

A super-resolution model also takes images: python -m zoo.sample --model=srresnet_bsd --input=… --output=…
A model for inpainting fills the transparent pixels of PNG files. A model for denoising takes any images:
python -m zoo.sample --model=inpainter_shapes --input=… --output=…
A tagger writes tags.json: python -m zoo.sample --model=tagcgan_shapes --input=… --output=FOLDER
"""

from absl import flags

from zoo import cli
from zoo.errors import ZooError

flags.DEFINE_string("model", None, "A trained model, or a run folder.")
flags.DEFINE_string("out", None, "Folder for the images; default: samples/<model>.")
flags.DEFINE_integer("seed", 0, "Random seed.", lower_bound=0)
flags.DEFINE_integer("columns", 10, "Images per row.", lower_bound=2)
flags.DEFINE_integer("images", 0, "Number of single PNG files.", lower_bound=0)
flags.DEFINE_multi_string("given", [], "condition=value or condition=[v1,v2,…], for --images.")
flags.DEFINE_multi_string("text", [], "Caption of one row of images. May be repeated.")
flags.DEFINE_string("input", None, "Image, or folder of images, to translate, restore, tag or enlarge.")
flags.DEFINE_string("output", None, "Folder for the results of --input; default: that of --out.")
flags.DEFINE_string("direction", None, "Direction of the translation: a_to_b or b_to_a.")
flags.DEFINE_integer("longest", None, "Reduces images with a longer side to this size.", lower_bound=1)
flags.DEFINE_bool(
    "beside", False, "Puts the original, enlarged by bicubic interpolation, to the left of the result."
)
flags.DEFINE_bool("list", False, "Shows the trained models and stops.")


def main():
    """Writes samples, or lists the trained models."""
    args = cli.FLAGS
    cli.load_tensorflow()
    from zoo.saved.card import list_trained
    from zoo.saved.names import check_numbers
    from zoo.saved.trained import Trained
    from zoo.tasks import load

    if args.list:
        print("\n".join(list_trained()))
        return
    trained = load(cli.required(args.model, "model", "cgan_mnist"))
    for name in sorted({name for kind in Trained.kinds.values() for name in kind.options}):
        if args[name].present and name not in trained.options:
            raise ZooError(f"{trained.name} does not take --{name}. Remove it.")
    options = {name: args[name].value for name in trained.options}
    if "given" in options:
        options["given"] = cli.parse(options["given"])
        check_numbers(trained, options["given"])
    out = args.output or args.out or f"samples/{trained.name}"
    for path in trained.write_samples(out, args.seed, **options):
        print(path)


if __name__ == "__main__":
    cli.run(main)

"""Pictures from a trained model: python -m zoo.sample --model=infogan_mnist

Writes a grid (a row a class), a strip and an animation a continuous code, a walk through the noise,
and with --images=N so many single PNGs, all from --seed.

One that is told in words: python -m zoo.sample --model=gancls_shapes --text="a red star on a white ground"

A model that translates takes pictures, of any size: python -m zoo.sample --model=cyclegan_shapes
--input=FILE_OR_FOLDER --output=FILE_OR_FOLDER [--direction=b_to_a] [--beside]

One that enlarges does too: python -m zoo.sample --model=srresnet_bsd --input=… --output=… [--beside]
One that tags writes tags.json: python -m zoo.sample --model=tagcgan_shapes --input=… --output=FOLDER
"""

from absl import flags

from zoo import cli
from zoo.errors import ZooError

flags.DEFINE_string("model", None, "A trained model, or a run folder.")
flags.DEFINE_string("out", None, "The folder; default: samples/<model>.")
flags.DEFINE_integer("seed", 0, "Decides all pictures.", lower_bound=0)
flags.DEFINE_integer("columns", 10, "Pictures a row.", lower_bound=2)
flags.DEFINE_integer("images", 0, "How many single PNGs.", lower_bound=0)
flags.DEFINE_multi_string("given", [], "condition=value or condition=[v1,v2,…], for --images.")
flags.DEFINE_multi_string("text", [], "What the pictures are to show, a row each; may be repeated.")
flags.DEFINE_string("input", None, "A picture, or a folder of pictures, to translate or enlarge.")
flags.DEFINE_string("output", None, "Where those go; default: as --out.")
flags.DEFINE_string("direction", None, "Of the translation: a_to_b or b_to_a.")
flags.DEFINE_integer("longest", None, "Reduces pictures with a longer side.", lower_bound=1)
flags.DEFINE_bool("beside", False, "Puts the original (enlarged bicubically) to the left of the result.")
flags.DEFINE_bool("list", False, "Shows the trained models and stops.")


of_pictures = ("input", "direction", "longest", "beside")
of_nothing = ("images", "given", "text")


def _refuse(names, why):
    """Raises a ZooError where a flag was given that this kind of model does not take."""
    for name in names:
        if cli.FLAGS[name].present:
            raise ZooError(f"{why}, and takes no --{name}.")


def main():
    args = cli.FLAGS
    cli.load_tensorflow()
    from zoo.sample.album import album
    from zoo.saved.card import list_trained
    from zoo.saved.load import load
    from zoo.tasks.super_resolution.folder import enlarge_files
    from zoo.tasks.tagging.folder import tag_files
    from zoo.tasks.translation.folder import translate_files

    if args.list:
        print("\n".join(list_trained()))
        return
    trained = load(cli.required(args.model, "model", "cgan_mnist"))
    out = args.output or args.out or f"samples/{trained.name}"
    if "sample" not in trained.signatures:
        _refuse(of_nothing, f"{trained.name} is given pictures by --input")
    if trained.translations:
        source = cli.required(args.input, "input", "photo.jpg")
        written = translate_files(
            trained, source, out, args.direction, args.seed, args.longest, args.beside
        )
    elif "upscale" in trained.signatures:
        source = cli.required(args.input, "input", "photo.jpg")
        written = enlarge_files(trained, source, out, args.longest, args.beside)
    elif "tag" in trained.signatures:
        source = cli.required(args.input, "input", "photo.jpg")
        written = tag_files(trained, source, out, args.seed)
    else:
        _refuse(of_pictures, f"{trained.name} makes pictures out of nothing")
        given = {**cli.parse(args.given), **({"text": args.text} if args.text else {})}
        written = album(trained, out, args.seed, args.columns, args.images, given)
    for path in written:
        print(path)


if __name__ == "__main__":
    cli.run(main)

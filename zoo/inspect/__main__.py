"""Looks inside a trained model.

    python -m zoo.inspect --model=dcgan_mnist --what=features,neighbors

features     a linear SVM on D's features, compared with pixels, an untrained D and a supervised D
clusters     clusters and a linear probe of D's last features, compared with labels
walks        paths between points of noise: straight, on the sphere, a square between four points; codes
filters      inputs to which D's filters respond, by guided backpropagation
neighbors    memorization and variety of samples
arithmetic   concepts in a − b + c of mean noise, by a classifier
dropping     concepts that are lost without the maps of G that carry them

Each writes images and numbers into --out.
"""

import json
import pathlib

from absl import flags

from zoo import cli, paths
from zoo.errors import ZooError, unknown

flags.DEFINE_string("model", None, "A trained model, or a run folder.")
flags.DEFINE_list("what", ["walks", "neighbors"], "Inspections, as above.")
flags.DEFINE_string("out", None, "Folder for the results; default: inspections/<model>.")
flags.DEFINE_integer("seed", 0, "Random seed.", lower_bound=0)
flags.DEFINE_integer("count", 2000, "Number of images.", lower_bound=20)
flags.DEFINE_list("labels", ["1000"], "Numbers of labels for the features, or all.")
flags.DEFINE_integer("repeats", 3, "Number of repetitions.", lower_bound=1)
flags.DEFINE_string("dataset", None, "Labeled data for features and clusters; default: the model's own.")
flags.DEFINE_string("classifier", None, "Classifier of concepts; default: that of the model's data.")
flags.DEFINE_string("data_dir", None, "Folder of the datasets of TFDS; default: TFDS' own.")


def main():
    """Runs the selected looks."""
    args = cli.FLAGS
    name = cli.required(args.model, "model", "dcgan_mnist")
    cli.load_tensorflow()
    from zoo.inspect.looks import looks
    from zoo.inspect.subject import Subject
    from zoo.tasks import load

    for what in args.what:
        if what not in looks:
            raise unknown("look", what, looks)
        if args.dataset and what not in ("features", "clusters"):
            raise ZooError(f"--dataset is for features and clusters, not {what}. Remove it.")
    if not all(text == "all" or (text.isdigit() and int(text) >= 30) for text in args.labels):
        raise ZooError(f"--labels are numbers from 30 on, or all, not {','.join(args.labels)}.")
    trained = load(name)
    out = pathlib.Path(args.out or f"inspections/{trained.name}")
    labels = [None if text == "all" else int(text) for text in args.labels]
    subject = Subject(
        trained,
        out,
        args.seed,
        args.count,
        labels,
        args.repeats,
        args.classifier,
        args.data_dir,
        args.dataset,
    )
    out.mkdir(parents=True, exist_ok=True)
    for what in args.what:
        found = looks[what](subject)
        with paths.whole(paths.result(out, f"{what}.json")) as file:
            file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{what}: {json.dumps(found, indent=2, ensure_ascii=False)}")
    print(f"Stored in {out}")


if __name__ == "__main__":
    cli.run(main)

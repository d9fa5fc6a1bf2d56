"""A trained model with its data and its classifier."""

import dataclasses
import functools
import pathlib
import shlex

import numpy as np

from zoo import datasets
from zoo.errors import ZooError
from zoo.evaluate import concepts
from zoo.models.build import model_reads
from zoo.saved.card import recipe_of
from zoo.tasks import load
from zoo.train.assemble import load_data

# Which model judges: by the dataset, or else by what the model that is judged reads.
judges = {
    "shapes/class": "attributes",
    "shapes/aligned": "attributes",
    "shapes/segmentation": "segmenter",
    "shapes/paired": "segmenter",
    "shapes/unpaired": "segmenter",
    "shapes/counterparts": "segmenter",
    "descriptions": "attributes",
}


class EvaluationContext:
    """A trained model on the bench, with its data and its judge.

    Args:
        trained: a `zoo.saved.trained.Trained`.
        seeds: how often sampling is repeated.
        count: samples a repetition.
        classifier: the trained classifier that judges; default: classifier_<dataset>.
        data_dir: where TFDS keeps its sets.
        dataset: other data than the model was trained on; a folder without sub-folders for the
            splits is all for testing.
    """

    def __init__(self, trained, seeds=3, count=10_000, classifier=None, data_dir=None, dataset=None):
        self.trained, self.seeds, self.count = trained, range(seeds), count
        self.recipe = recipe_of(trained)
        if dataset:
            self.recipe = dataclasses.replace(self.recipe, dataset=dataset)
        self._whole = (
            dataset
            and datasets.is_folder(dataset)
            and not any(
                (pathlib.Path(dataset).expanduser() / part).is_dir()
                for part in ("train", "trainA", "test", "testA", "val")
            )
        )
        self.classifier, self._data_dir = classifier, data_dir

    def data(self, split):
        """A split as the model was trained on it.

        Raises:
            ValueError: training pictures are wanted of a folder that is all for testing.
        """
        if self._whole:
            if split == "train":
                raise ValueError(
                    f"it needs training images, but {self.recipe.dataset} has one split. Make two "
                    "sub-folders, train and test, or choose other metrics"
                )
            split = "train"  # what a folder without splits is read as
        return load_data(self.recipe, split, self._data_dir, self.reads)

    @property
    def reads(self):
        """The form of its data. The card tells: a model of the user's own file is not in the registry."""
        return self.trained.card.data.get("reads") or model_reads(self.recipe.model)

    @property
    def own_split(self):
        """The split that the model was trained on; of a folder that is all for testing, that."""
        return "test" if self._whole else self.recipe.split

    def own(self, count):
        """The first `count` examples of that split, and their labels.

        Raises:
            ZooError: it has none.
        """
        return self._with_labels(self.data(self.own_split), count)

    def labelled(self, split, count=None):
        """The examples of a split and their labels, of all or the first `count`.

        Raises:
            ZooError: it has none.
        """
        data, classes = self.data(split), self.trained.card.data["classes"]
        if isinstance(classes, int) and data.classes not in (classes, None):
            raise ZooError(
                f"{self.recipe.dataset} has {data.classes} classes, and {self.trained.name} was trained on "
                f"{classes}: its labels would mean others."
            )
        return self._with_labels(data, count)

    def _with_labels(self, data, count):
        x, y = data.arrays(0, count)
        if y is None:
            raise ZooError(f"{self.recipe.dataset} has no labels to compare with: a sub-folder a class.")
        return x, y

    @functools.cached_property
    def judge(self):
        """The classifier of this data; of pictures with descriptions the judge of their factors, of other
        `shapes` the segmenter.

        Raises:
            ZooError: there is none for this data.
        """
        data = self.recipe.dataset
        kind = judges.get(data) or judges.get(self.reads, "classifier")
        parts = [pathlib.Path(data).name] if datasets.is_folder(data) else data.split("/")
        errors = []
        for name in [self.classifier] if self.classifier else [f"{kind}_{part}" for part in parts]:
            try:
                return load(name)
            except ZooError as error:
                errors.append(error)
        sizes = {"image_size": self.recipe.image_size, "channels": self.recipe.channels}
        command = [
            "python",
            "-m",
            "zoo.train",
            f"--model={kind}",
            f"--dataset={data}",
            *(f"--set={field}={value}" for field, value in sizes.items() if value),
            f"--out=runs/{kind}",
        ]
        raise ZooError(
            f"There is no {kind} for {data}: {errors[0]} Train one ({shlex.join(command)}) and name it.",
            classifier=f"runs/{kind}",
        ) from errors[0]

    @functools.cached_property
    def reader(self):
        """The judge; of several factors it is asked for those alone in which real test pictures differ.

        Raises:
            ZooError: there is no judge for this data, or it reads no concepts.
        """
        reader = concepts.Reader(self.judge)
        if len(reader.factors) == 1:
            return reader
        return reader.about(self.data("test").arrays(0, 1000)[0])

    def judged_by(self):
        """What a record says of the judge."""
        return judged_by(self.judge)

    def samples(self, seed, **conditions):
        """uint8 images of one repetition."""
        return self.trained.sample(None if conditions else self.count, seed=seed, **conditions)

    def balanced_labels(self):
        """As many of each class: int32 [count]."""
        classes = self.trained.priors["label"].classes
        return np.repeat(np.arange(classes, dtype=np.int32), self.count // classes)

    def conditional(self, seed):
        """Samples of every class alike where all come equally often, else plain ones."""
        label = self.trained.conditions.get("label")
        alike = label is not None and label.weights is None
        return self.samples(seed, **({"label": self.balanced_labels()} if alike else {}))

    @functools.cached_property
    def pictures(self):
        """The test pictures of both domains, and where it is known their true segmentation."""
        return self.data("test").columns(0, self.count)

    def translations(self):
        """Each direction with what it starts from and what it should give: (name, from, to)."""
        for name in self.trained.interface["translations"]:
            source, target = name.split("_to_")
            yield name, self.pictures[source], self.pictures[target]


def judged_by(judge):
    """What a record says of the trained model that judged: its name, its weights, how good it is itself."""
    tests = [r for r in judge.card.results if r["metric"].startswith("test ")]
    return {
        "extractor": judge.name,
        "extractor_sha256": judge.card.files["variables/variables.data-00000-of-00001"][:16],
        **{f"extractor_{r['metric'].replace(' ', '_')}": r["value"] for r in tests},
    }

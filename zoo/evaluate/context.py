"""A trained model with its data and its classifier."""

import dataclasses
import functools
import pathlib
import sys

import numpy as np

from zoo import datasets
from zoo.commands import spelling
from zoo.errors import ZooError
from zoo.evaluate import concepts
from zoo.models.build import model_reads
from zoo.saved.card import recipe_of
from zoo.tasks import load
from zoo.train.assemble import load_data

# Kinds of classifiers, by dataset or by the form of the data.
classifiers = {
    "shapes/class": "attributes",
    "shapes/captions": "attributes",
    "shapes/aligned": "attributes",
    "shapes/segmentation": "segmenter",
    "shapes/paired": "segmenter",
    "shapes/unpaired": "segmenter",
    "shapes/counterparts": "segmenter",
    "descriptions": "attributes",
}


class EvaluationContext:
    """The trained model, the data and the classifier of an evaluation.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        seeds: Integer. Number of repetitions of sampling. Defaults to 3.
        count: Integer. Number of samples per repetition. Defaults to 10000.
        classifier: String. The trained classifier. Defaults to classifier_<dataset>.
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.
        dataset: String. Data that replaces the model's own. A folder without subfolders for the splits is
            used for testing only.
    """

    def __init__(self, trained, seeds=3, count=10_000, classifier=None, data_dir=None, dataset=None):
        self.trained, self.seeds, self.count = trained, range(seeds), count
        self.recipe = recipe_of(trained)
        if dataset:
            self.recipe = dataclasses.replace(self.recipe, dataset=dataset)
        self._own_data = not dataset
        self._whole = bool(dataset) and datasets.is_folder(dataset) and not datasets.has_splits(dataset)
        self.classifier_name, self._data_dir = classifier, data_dir

    def data(self, split):
        """Returns a split in the form of the training data.

        Raises:
            ValueError: The training split of a folder without splits.
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
        """The form of the data, from the card. Models of a user's file are not in the registry."""
        return self.trained.card.data.get("reads") or model_reads(self.recipe.model)

    @property
    def own_split(self):
        """Name of the training split, or "test" for a folder without splits."""
        return "test" if self._whole else self.recipe.split

    def own(self, count):
        """Returns the first examples and labels of the training split.

        Args:
            count: Integer. Number of examples.

        Raises:
            ZooError: The data does not have labels.
        """
        return self._with_labels(self.data(self.own_split), count)

    def labeled(self, split, count=None):
        """Returns the examples and labels of a split.

        Args:
            split: String.
            count: Integer. Number of examples. Defaults to all.

        Raises:
            ZooError: The data does not have labels, or has other classes than the model.
        """
        data = self.data(split)
        if not isinstance(data.classes, int):
            return self._with_labels(data, count)
        classes, names = (self.trained.card.data.get(key) for key in ("classes", "names"))
        if isinstance(classes, int) and data.classes != classes:
            raise ZooError(
                f"{self.recipe.dataset} has {data.classes} classes, and {self.trained.name} was trained on "
                f"{classes}, so its labels have another meaning."
            )
        x, y = self._with_labels(data, count)
        return x, self._as_trained(y, data.names, names)

    def _as_trained(self, y, names, trained):
        """Returns labels as numbers of the classes that the model was trained on.

        Args:
            y: Integer array. Labels of the data.
            names: Tuple of strings. Names of the classes of the data.
            trained: List of strings. Names of the classes of the model.

        Raises:
            ZooError: The names differ.
        """
        if names is None or (trained is None and self._own_data):
            return y
        if trained is None:
            print(
                f"warning: the card of {self.trained.name} does not name its classes. The classes of "
                f"{self.recipe.dataset} are taken in their order: {', '.join(names[:10])}.",
                file=sys.stderr,
            )
            return y
        if set(names) != set(trained):
            raise ZooError(
                f"The classes of {self.recipe.dataset} ({', '.join(sorted(names)[:10])}) are not those of "
                f"{self.trained.name} ({', '.join(sorted(trained)[:10])})."
            )
        return np.asarray([trained.index(name) for name in names], y.dtype)[y]

    def _with_labels(self, data, count):
        x, y = data.arrays(0, count)
        if y is None:
            raise ZooError(
                f"{self.recipe.dataset} does not have labels to compare with. Use one sub-folder per class."
            )
        return x, y

    @functools.cached_property
    def classifier(self):
        """The classifier of the data.

        Images with descriptions have a classifier of their factors. Other `shapes` have a segmenter.

        Raises:
            ZooError: The classifier does not exist.
        """
        data = self.recipe.dataset
        kind = classifiers.get(data) or classifiers.get(self.reads, "classifier")
        parts = [pathlib.Path(data).name] if datasets.is_folder(data) else data.split("/")
        errors = []
        usual = [f"{kind}_{part}" for part in parts]
        for name in [self.classifier_name] if self.classifier_name else usual:
            try:
                return load(name)
            except ZooError as error:
                errors.append(error)
        sizes = {"image_size": self.recipe.image_size, "channels": self.recipe.channels}
        flags = {"model": kind, "dataset": data, "out": f"runs/{kind}"}
        training = spelling.command("train", flags, {k: v for k, v in sizes.items() if v})
        raise ZooError(
            f"There is no {kind} for {data}: {errors[0]} Train one ({training}) and name it.",
            classifier=f"runs/{kind}",
        ) from errors[0]

    @functools.cached_property
    def reader(self):
        """The classifier, restricted to the factors in which real test images differ.

        Raises:
            ZooError: The classifier does not exist, or does not read concepts.
        """
        reader = concepts.Reader(self.classifier)
        if len(reader.factors) == 1:
            return reader
        return reader.about(self.data("test").arrays(0, 1000)[0])

    def classifier_facts(self):
        """Returns the entries of a record that describe the classifier."""
        return classifier_facts(self.classifier)

    def samples(self, seed, **conditions):
        """Returns the samples of one repetition, uint8 images or float32 points."""
        return self.trained.sample(None if conditions else self.count, seed=seed, **conditions)

    def balanced_labels(self):
        """Returns labels with the same number of each class, int32 `[count]`."""
        classes = self.trained.priors["label"].classes
        return np.repeat(np.arange(classes, dtype=np.int32), self.count // classes)

    def conditional(self, seed):
        """Returns samples with balanced labels, if the prior of the labels is uniform."""
        label = self.trained.conditions.get("label")
        alike = label is not None and label.weights is None
        return self.samples(seed, **({"label": self.balanced_labels()} if alike else {}))

    @functools.cached_property
    def test_images(self):
        """The test images of both domains, and their true segmentation if the data has it."""
        return self.data("test").columns(0, self.count)

    def translations(self):
        """Yields each direction with its inputs and ground truth, as `(name, inputs, targets)`."""
        for name in self.trained.interface["translations"]:
            source, target = name.split("_to_")
            yield name, self.test_images[source], self.test_images[target]


def classifier_facts(classifier):
    """Returns the entries of a record that describe a classifier.

    Args:
        classifier: A `zoo.saved.trained.Trained`.

    Returns:
        Dict of its name, the digest of its weights, and its own test results.
    """
    tests = [r for r in classifier.card.results if r["metric"].startswith("test ")]
    return {
        "extractor": classifier.name,
        "extractor_sha256": classifier.card.files["variables/variables.data-00000-of-00001"][:16],
        **{f"extractor_{r['metric'].replace(' ', '_')}": r["value"] for r in tests},
    }

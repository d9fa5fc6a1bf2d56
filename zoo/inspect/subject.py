"""The trained model of an inspection.

A look is a function of a `Subject` that writes images into its folder and returns numbers.
"""

import dataclasses
import functools
import random

import keras
import numpy as np

from zoo import paths
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.images.files import save_animation, save_image
from zoo.images.sheets import there_and_back
from zoo.layers.activation import Maxout
from zoo.layers.packing import Pack
from zoo.models.rebuild import rebuild

looks = {}


def look(function):
    """Registers a function as a look, under its own name."""
    looks[function.__name__] = function
    return function


class Subject:
    """A trained model that is inspected.

    Args:
        trained: A `zoo.saved.trained.Trained`.
        out: A `pathlib.Path`. Folder of the results.
        seed: Integer. Random seed. Defaults to 0.
        count: Integer. Number of images of statistics. Defaults to 2000.
        labels: Tuple of integers. Numbers of labels in the feature test. `None` for all.
        repeats: Integer. Number of repetitions of random choices. Defaults to 3.
        classifier: String. Trained classifier of concepts. Defaults to that of the data.
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.
        dataset: String. Data on which D's features are tested, in the size of D's images. Defaults to the
            model's own.
    """

    def __init__(
        self,
        trained,
        out,
        seed=0,
        count=2000,
        labels=(1000,),
        repeats=3,
        classifier=None,
        data_dir=None,
        dataset=None,
    ):
        self.trained, self.out, self.seed, self.count = trained, out, seed, count
        self.labels, self.repeats = labels, repeats
        self.context = EvaluationContext(trained, classifier=classifier, data_dir=data_dir, dataset=dataset)
        if dataset and len(trained.interface.get("x_shape", ())) == 3:
            side, _, channels = trained.interface["x_shape"]
            recipe = self.context.recipe
            self.context.recipe = dataclasses.replace(recipe, image_size=side, channels=channels)

    @functools.cached_property
    def model(self):
        """The Keras model with its trained weights."""
        return rebuild(self.trained)

    @functools.cached_property
    def untrained(self):
        """The discriminator with initial weights."""
        random.seed(self.seed)  # from which Keras draws the seeds of the initial weights
        return keras.models.clone_model(self.discriminator)

    @functools.cached_property
    def discriminator(self):
        """The discriminator's network from single examples.

        A network of packs receives packs of one example.

        Raises:
            ZooError: The model does not have it, or was exported without its weights.
        """
        name = self.trained.name
        if "score" not in self.trained.signatures:
            raise ZooError(f"{name} was exported without its discriminator (no signature `score`).")
        shape = (None, *self.model.x_shape)
        for network in self.model.sides["discriminator"]:
            if len(network.inputs) == 1 and tuple(network.inputs[0].shape) == shape:
                return one_by_one(network)
        raise ZooError(f"The discriminator of {name} does not score examples without a condition.")

    @property
    def reader(self):
        """See `zoo.evaluate.context.EvaluationContext.reader`."""
        return self.context.reader

    def examples(self, split, count=None):
        """Returns the examples `(x, y)` of a split, as in the data. y is None without labels."""
        return self.context.data(split).arrays(0, count or self.count)

    def samples(self, count=None):
        """Returns samples of the generator."""
        return self.trained.sample(count or self.count, seed=self.seed)

    def seen_by(self, network, x):
        """Returns the outputs of a network for examples of the data, float32 `[N, …]`."""
        return in_batches(lambda part: network(self.model.to_network(part), training=False), x)

    def labeled(self):
        """Returns the training and the test examples with labels, `((x, y), (x, y))`.

        Raises:
            ZooError: The data does not have labels.
        """
        train, test = self.context.data("train").arrays(), self.examples("test", 10_000)
        if train[1] is None or np.ndim(train[1]) != 1:
            raise ZooError(
                f"{self.context.recipe.dataset} does not have one label per image. Choose other data.",
                dataset="digits",
            )
        return train, test

    def save(self, name, image):
        """Writes an image into the folder."""
        save_image(paths.result(self.out, name), image)

    def animate(self, name, frames):
        """Writes an animation into the folder."""
        save_animation(paths.result(self.out, name), there_and_back(frames))


def one_by_one(network):
    """Returns a copy of a network in which each example is packed with itself."""

    def copied(layer):
        if isinstance(layer, Pack):
            return Pack(layer.m, alone=True)
        return type(layer).from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=copied)
    copy.set_weights(network.get_weights())
    return copy


def require_images(subject):
    """Checks that a model generates images.

    Raises:
        ZooError: It does not.
    """
    if "sample" not in subject.trained.signatures or len(subject.trained.interface["x_shape"]) != 3:
        raise ZooError(f"{subject.trained.name} does not generate images.")


def in_batches(function, x, size=500):
    """Returns the outputs of a function of rows, computed in batches, float32 `[N, …]`."""
    parts = [function(x[i : i + size]) for i in range(0, len(x), size)]
    return np.concatenate([np.asarray(part, np.float32) for part in parts])


activations = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, Maxout)


def hidden_outputs(network):
    """Returns the outputs of a network's activations, in their order.

    Raises:
        ZooError: The network does not have activations.
    """
    outputs = [layer.output for layer in network.layers if isinstance(layer, activations)]
    if not outputs:
        raise ZooError(f"The {network.name} has no activations to look at.")
    return outputs


def spread(values):
    """Returns the standard deviation over repetitions, or None for one value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def over_repeats(rows):
    """Returns the mean and the spread of each number over rows, `{name: {"mean", "spread"}}`."""
    names = dict.fromkeys(name for row in rows for name in row)
    values = {name: [row[name] for row in rows if name in row] for name in names}
    return {name: {"mean": float(np.mean(v)), "spread": spread(v)} for name, v in values.items()}

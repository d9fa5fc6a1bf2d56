"""Looking inside trained models: the experiments of the DCGAN paper, and tests of memory and variety.

A look is a function of a `Subject` that writes pictures into its folder and returns numbers.
"""

import functools
import random

import keras
import numpy as np

from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.images.files import save_animation, save_image
from zoo.images.sheets import there_and_back
from zoo.layers.activation import Maxout
from zoo.layers.packing import Pack
from zoo.models.rebuild import rebuild

looks = {}


def look(function):
    """Makes a function a look, under its own name."""
    looks[function.__name__] = function
    return function


class Subject:
    """A trained model that is looked into.

    Args:
        trained: a `zoo.saved.trained.Trained`.
        out: the folder of what is found, a `pathlib.Path`.
        seed: decides every draw.
        count: pictures that statistics are over.
        labels: how many labels the feature test may see, one reading each; None: all.
        repeats: how often what is chosen at random (labels, samples of a concept) is chosen anew.
        classifier: the trained model that reads concepts; default: see `reader`.
        data_dir: where TFDS keeps its sets.
    """

    def __init__(
        self, trained, out, seed=0, count=2000, labels=(1000,), repeats=3, classifier=None, data_dir=None
    ):
        self.trained, self.out, self.seed, self.count = trained, out, seed, count
        self.labels, self.repeats = labels, repeats
        self.bench = EvaluationContext(trained, classifier=classifier, data_dir=data_dir)

    @functools.cached_property
    def model(self):
        """The Keras model with its trained weights."""
        return rebuild(self.trained)

    @functools.cached_property
    def untrained(self):
        """The same networks as they begin."""
        random.seed(self.seed)  # from which Keras draws the seeds of the initial weights
        return keras.models.clone_model(self.judge)

    @functools.cached_property
    def judge(self):
        """The network of the discriminator's side that sees an example alone; one that packs several sees
        packs of the same.

        Raises:
            ZooError: there is none, or it was exported without its weights.
        """
        name = self.trained.name
        if "score" not in self.trained.signatures:
            raise ZooError(f"{name} was exported without its discriminator (no signature `score`).")
        shape = (None, *self.model.x_shape)
        for network in self.model.sides["discriminator"]:
            if len(network.inputs) == 1 and tuple(network.inputs[0].shape) == shape:
                return one_by_one(network)
        raise ZooError(f"The discriminator of {name} judges no example without its condition.")

    @property
    def reader(self):
        """See `zoo.evaluate.context.EvaluationContext.reader`."""
        return self.bench.reader

    def examples(self, split, count=None):
        """(x, y or None) of a split: x as the data has it."""
        return self.bench.data(split).arrays(0, count or self.count)

    def samples(self, count=None):
        return self.trained.sample(count or self.count, seed=self.seed)

    def seen_by(self, network, x):
        """What a network says of examples as the data has them: float32 [N, …]."""
        return in_batches(lambda part: network(self.model.to_network(part), training=False), x)

    def save(self, name, image):
        save_image(self.out / name, image)

    def animate(self, name, frames):
        save_animation(self.out / name, there_and_back(frames))


def one_by_one(network):
    """A copy of a network, in which each example is a pack of itself."""

    def copied(layer):
        if isinstance(layer, Pack):
            return Pack(layer.m, alone=True)
        return type(layer).from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=copied)
    copy.set_weights(network.get_weights())
    return copy


def require_images(subject):
    if "sample" not in subject.trained.signatures or len(subject.trained.interface["x_shape"]) != 3:
        raise ZooError(f"{subject.trained.name} does not sample pictures.")


def in_batches(function, x, size=500):
    parts = [function(x[i : i + size]) for i in range(0, len(x), size)]
    return np.concatenate([np.asarray(part, np.float32) for part in parts])


activations = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, Maxout)


def hidden_outputs(network):
    """The outputs of a network's activations, in their order."""
    outputs = [layer.output for layer in network.layers if isinstance(layer, activations)]
    if not outputs:
        raise ZooError(f"The {network.name} has no activations to look at.")
    return outputs


def spread(values):
    """The standard deviation over repetitions; of one there is none."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def over_repeats(rows):
    """[{what: number}] as {what: {"mean", "spread"}}, over the rows that have it."""
    names = dict.fromkeys(name for row in rows for name in row)
    values = {name: [row[name] for row in rows if name in row] for name in names}
    return {name: {"mean": float(np.mean(v)), "spread": spread(v)} for name, v in values.items()}

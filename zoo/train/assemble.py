"""The data and the compiled model of a recipe."""

import math
import random

import keras
import numpy as np
import tensorflow as tf

from zoo import datasets
from zoo.errors import ZooError
from zoo.game import optimizers
from zoo.models.build import begin, build_recipe, model_reads

_readers = {
    "examples": lambda recipe, **where: datasets.load(recipe.dataset, **where),
    "photographs": lambda recipe, **where: datasets.load_photographs(recipe.dataset, **where),
    "descriptions": lambda recipe, **where: datasets.load_descriptions(
        recipe.dataset, batch_groups=recipe.batch_groups, distinct=recipe.distinct, **where
    ),
    "pairs": lambda recipe, **where: datasets.load_pairs(
        recipe.dataset, direction=recipe.direction, **where
    ),
    "domains": lambda recipe, **where: datasets.load_domains(recipe.dataset, **where),
}


def load_data(recipe, split=None, data_dir=None, reads=None):
    """Loads the data of a recipe, in the form that its model reads.

    Args:
        recipe: A `Recipe`.
        split: String. Defaults to the recipe's split. Other splits are not augmented.
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.
        reads: String. The form of the data. Required for a model that is not in the registry.

    Returns:
        A `zoo.datasets.Data`, or another class of `zoo.datasets` for other forms.

    Raises:
        ZooError: The data cannot be loaded.
    """
    return _readers[reads or model_reads(recipe.model)](
        recipe,
        split=split or recipe.split,
        image_size=recipe.image_size,
        channels=recipe.channels,
        data_dir=data_dir,
        augment=recipe.augment if split is None else (),
        reading=datasets.Reading(recipe.layout, recipe.holdout, recipe.skip_broken),
    )


def assemble(recipe, data):
    """Builds and compiles the model of a recipe.

    Args:
        recipe: A `Recipe`.
        data: The data of the recipe.

    Returns:
        The compiled `Adversarial`.

    Raises:
        ZooError: The recipe's optimizers, stages or batch size do not fit the model.
    """
    keras.config.set_dtype_policy(recipe.precision)
    random.seed(recipe.seed)  # from which Keras draws the seeds of the initial weights
    model = build_recipe(recipe, data.shape, data.classes)
    begin(model, recipe)
    missing = set(model.sides) ^ set(recipe.optimizers)
    if missing:
        raise ZooError(
            f"{recipe.model} has the sides {', '.join(model.sides)}; the recipe has optimizers for "
            f"{', '.join(recipe.optimizers)}."
        )
    if len(recipe.stages) + 1 != model.stages:
        raise ZooError(
            f"{recipe.model} has {model.stages} stage(s), so the recipe's `stages` holds "
            f"{model.stages - 1} step(s), at which the next begins, not {recipe.stages}."
        )
    lengths = np.diff([0, *recipe.starts, max(recipe.steps, *recipe.starts, 0)]).tolist()
    made = {
        side: optimizers.make(
            spec,
            average=recipe.average if side == model.averaged_side else 0.0,
            updates=max(1, sum(lengths[stage] for stage in model.stages_of(side)) * model.moves(side)),
        )
        for side, spec in recipe.optimizers.items()
    }
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    _check_batch(recipe, model, replicas)
    # Keras' loop over steps does not support several replicas.
    at_once = math.gcd(recipe.at_once, model.every) if replicas == 1 else 1
    model.compile(made, seed=recipe.seed, steps_per_execution=at_once)
    return model


def _check_batch(recipe, model, replicas):
    """Rejects batches that cannot be divided among devices and packs, or that batch norm cannot use."""
    part, rest = divmod(recipe.batch_size, replicas)
    if rest or not part:
        raise ZooError(
            f"A batch of {recipe.batch_size} cannot be divided evenly among {replicas} devices.",
            batch_size=max(part, 1) * replicas,
        )
    if part % model.pack:
        raise ZooError(
            f"The batch size per device is {part}, but must be a multiple of the pack ({model.pack}).",
            batch_size=60 * model.pack * replicas,
        )
    for network in (n for networks in model.sides.values() for n in networks):
        for layer in network._flatten_layers():
            if isinstance(layer, keras.layers.BatchNormalization) and part * _values(layer) == 1:
                raise ZooError(
                    f"The layer {layer.name} of the {network.name} would normalize each feature over one "
                    "value, which becomes 0. Use larger batches.",
                    batch_size=2 * replicas,
                )


def _values(layer):
    """Returns the number of values per example and feature that a layer sees, or 2 if it is not known."""
    try:
        shape = layer.input.shape[1:]
    except (AttributeError, ValueError):  # the layer is not part of a functional network, or is shared
        return 2
    axes = [size for axis, size in enumerate(shape, 1) if axis != layer.axis % (len(shape) + 1)]
    return math.prod(size or 2 for size in axes)

"""From a recipe to its data and its compiled model."""

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
        recipe.dataset, alike=recipe.alike, **where
    ),
    "pairs": lambda recipe, **where: datasets.load_pairs(
        recipe.dataset, direction=recipe.direction, **where
    ),
    "domains": lambda recipe, **where: datasets.load_domains(recipe.dataset, **where),
}


def load_data(recipe, split=None, data_dir=None, reads=None):
    """The data of a recipe, in the form that its model reads; another split where one is named.

    Args:
        reads: that form, where the model is not in the registry: one of a file that was not read here.
    """
    return _readers[reads or model_reads(recipe.model)](
        recipe,
        split=split or recipe.split,
        image_size=recipe.image_size,
        channels=recipe.channels,
        data_dir=data_dir,
        augment=recipe.augment if split is None else (),
    )


def assemble(recipe, data):
    """The recipe's model for that data, built and compiled."""
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
    if recipe.batch_size // replicas % model.pack:
        raise ZooError(
            f"The batch size per device is {recipe.batch_size // replicas}, but must be a multiple of the "
            f"pack ({model.pack}).",
            batch_size=60 * model.pack * replicas,
        )
    # Of several replicas Keras' loop over steps cannot take its batches.
    at_once = math.gcd(recipe.at_once, model.every) if replicas == 1 else 1
    model.compile(made, seed=recipe.seed, steps_per_execution=at_once)
    return model

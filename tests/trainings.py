"""Small trainings that several test files share. See the fixture `small_run`."""

import dataclasses
import functools

from zoo import recipe
from zoo.datasets.sources import embedded_sets
from zoo.models.build import model_options, model_reads
from zoo.train.assemble import load_data

# Upper bounds of the build options, by the last word of their names.
sizes = {
    "width": 4, "blocks": 1, "units": 8, "hidden": 8, "features": 8, "filters": 8, "embedding": 8,
    "points": 100, "k": 10,
}  # fmt: skip

halved = ("dcgan", "pix2pix", "srresnet", "classifier", "tagcgan", "selfcond", "inpainter")

papers = [name for name in recipe.list_recipes() if "_paper" in name]


def bounded(value, most):
    """Returns an option with its integers bounded. Names and `None` stay."""
    if isinstance(value, tuple):
        return tuple(min(v, most) for v in value)
    return min(value, most) if isinstance(value, int) else value


def few(chosen, count=500):
    """Returns the split of a recipe: of large drawn sets its first examples, as reading takes seconds."""
    drawn = chosen.dataset.split("/")[0] in ("shapes", "gaussians")
    domains = model_reads(chosen.model) == "domains"  # a name for two splits
    return f"{chosen.split}[:{count}]" if drawn and not domains else chosen.split


def small(name):
    """Returns a recipe with small networks, as a training of two steps on embedded data.

    Networks that only a user has are replaced by shipped ones, and VGG19 has random weights.

    Args:
        name: String. A model or a recipe.
    """
    chosen = recipe.find(name)
    embedded = chosen.dataset.split("/")[0] in {*embedded_sets()} - {"stacked_mnist"}  # made of MNIST
    default = chosen if embedded else recipe.find(chosen.model)
    network = {**model_options(chosen.model), **chosen.network}
    limits = {option: sizes.get(option.rsplit("_")[-1]) for option in network}
    bounds = {option: bounded(network[option], most) for option, most in limits.items() if most}
    shipped = {k: default.network[k] for k in ("encoder", "image", "features") if k in chosen.network}
    without = {"vectors": None} if "vectors" in chosen.network else {}  # a file
    if chosen.model == "textencoder":
        without["linear"] = True  # the shipped features have another width
    random_vgg = str(network.get("content")).startswith("vgg")
    side = 32 if network.get("networks") == "resnet" else min(default.image_size or 32, 32)
    return dataclasses.replace(
        chosen,
        dataset=default.dataset,
        split=few(default),
        channels=default.channels,
        direction=default.direction,
        batch_groups=default.batch_groups,
        examples=default.examples,
        early_stopping="",
        network={**chosen.network, **bounds, **shipped, **without},
        weights={"vgg19": "random"} if random_vgg else {},  # trained networks are larger
        # An export with half weights traces all signatures twice. One model of each kind does.
        half_weights=chosen.half_weights and chosen.model in halved,
        batch_size=min(chosen.batch_size, 8),
        image_size=default.image_size and side,
        stages=(1,) * len(chosen.stages),  # the two steps are in the first and the last stage
        steps=2,
        period=1,
        steps_per_execution=1,
        precision="float32",
    )


@functools.lru_cache(maxsize=16)
def _data(model, data_dir, fields):
    return load_data(dataclasses.replace(recipe.find(model), **dict(fields)), data_dir=data_dir)


def fields_of_data(chosen):
    """Returns the fields of a recipe on which its data depend, as pairs."""
    names = (
        "dataset",
        "split",
        "image_size",
        "channels",
        "augment",
        "batch_groups",
        "distinct",
        "direction",
    )
    return tuple((name, getattr(chosen, name)) for name in names)


def data_of(chosen, data_dir):
    """Returns the data of a recipe, which is loaded once per process."""
    return _data(chosen.model, data_dir, fields_of_data(chosen))


@functools.lru_cache(maxsize=64)
def _batches(model, data_dir, fields, size, count):
    return tuple(_data(model, data_dir, fields).batches(size, 0).take(count))


def first_batches(chosen, data_dir, per_step=1, count=1):
    """Returns the first batches of a recipe's data, which are read once per process.

    Args:
        chosen: A `Recipe`.
        data_dir: String. Folder of the prepared data.
        per_step: Integer. Batches of the recipe's size that are read as one.
        count: Integer. Number of batches.
    """
    return _batches(chosen.model, data_dir, fields_of_data(chosen), chosen.batch_size * per_step, count)

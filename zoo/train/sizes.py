"""The size of the images of a folder."""

import dataclasses

from zoo.datasets import is_folder
from zoo.datasets.folder.index import facts_of
from zoo.datasets.folder.layout import Reading, domain_of, place_of
from zoo.datasets.sources import embedded_sets
from zoo.errors import ZooError
from zoo.images.files import find_images
from zoo.models.build import build_for_export, model_reads

largest = 64  # of a size that nobody has chosen


def without_own_size(recipe, named):
    """Returns a recipe for other data than its own, without the image size of its own.

    Args:
        recipe: The `Recipe` of a run.
        named: The `Recipe` of that name. The size of one for embedded data belongs to these data.
    """
    embedded = named.dataset.split("/")[0] in embedded_sets()
    if not embedded or recipe.dataset == named.dataset or model_reads(recipe.model) == "photographs":
        return recipe
    return dataclasses.replace(recipe, image_size=None)


def with_size(recipe):
    """Returns a recipe with an image size, if its dataset is a folder.

    It is the smallest shorter side of the images, at most 64, rounded down to a size that the networks
    accept.

    Args:
        recipe: A `Recipe`.

    Raises:
        ZooError: The networks accept no such size.
    """
    if recipe.image_size or not is_folder(recipe.dataset) or model_reads(recipe.model) == "photographs":
        return recipe
    reading = Reading(recipe.layout, recipe.holdout, recipe.skip_broken)
    folder = (
        domain_of(recipe.dataset, "train", "A") or place_of(recipe.dataset, recipe.split, reading).folder
    )
    aspect = 2 if model_reads(recipe.model) == "pairs" else 1
    images = find_images(folder).required(folder)
    facts = [fact for fact in facts_of(folder, images) if fact.width]
    side = min([largest, *(min(fact.height, fact.width // aspect) for fact in facts)])
    channels = recipe.channels or (1 if all(fact.gray for fact in facts) else 3)
    for multiple in (1, 4, 8, 16, 32, 64):
        size = side // multiple * multiple
        if size and _fits(recipe, size, channels):
            print(f"The images are {size}x{size} in training. Set image_size for another size.")
            return dataclasses.replace(recipe, image_size=size)
    raise ZooError(
        f"The networks of {recipe.model} accept no size up to {side}, the smallest side of the images.",
        image_size=...,
    )


def _fits(recipe, size, channels):
    """Returns whether the networks of a recipe can be built for images of a size."""
    of_texts = {"factors": {}, "tags": {"word": 1}}
    try:
        described = model_reads(recipe.model) == "descriptions"
        build_for_export(recipe, (size, size, channels), of_texts if described else 2)
    except (ZooError, ValueError, TypeError):
        return False
    return True

"""Comparisons of the papers' recipes with ours."""

import dataclasses

from zoo import recipe
from zoo.models.build import model_options

_points_and_features = ("parzen_log_likelihood", "classifier_frechet")
_labels_and_features = ("label_agreement", "classifier_frechet")
_translations = ("translation_agreement", "translation_colour")
_captions = ("caption_match", "caption_agreement")

# For each model: the paper's recipe, ours, the number of steps of both (five to eight minutes of the
# paper's recipe on one core), and metrics of two kinds.
comparisons = {
    "gan": ("gan_mnist_paper", "gan_digits", 8000, _points_and_features),
    "cgan": ("cgan_mnist_paper", "cgan_digits", 8000, _labels_and_features),
    "cgan_mlp": ("cgan_mlp_mnist_paper", "cgan_mlp_digits", 8000, _labels_and_features),
    "dcgan": ("dcgan_mnist_paper", "dcgan_digits", 600, _points_and_features),
    "infogan": (
        "infogan_mnist_paper",
        "infogan_digits",
        2000,
        ("code_as_classifier", "classifier_frechet"),
    ),
    "selfcond": ("selfcond_ring_paper", "selfcond_ring", 10_000, ("mode_recovery", "cluster_agreement")),
    "cyclegan": ("cyclegan_horse2zebra_paper", "cyclegan_shapes", 400, _translations),
    "dualgan": ("dualgan_sketch_paper_clip", "dualgan_shapes", 200, _translations),
    "pix2pix": (
        "pix2pix_facades_paper",
        "pix2pix_shapes",
        1000,
        ("translation_agreement", "translation_fidelity"),
    ),
    "srgan": ("srgan_imagenet_paper_mse", "srgan_photos", 300, ("super_resolution",)),
    "textencoder": (
        "textencoder_birds_paper",
        "textencoder_shapes",
        1000,
        ("caption_retrieval", "held_out_retrieval"),
    ),
    "gancls": ("gancls_birds_paper_int_cls", "gancls_shapes", 600, _captions),
    "stackgan": ("stackgan_birds_paper", "stackgan_shapes", 250, _captions),
}
of_data = (
    "dataset",
    "split",
    "image_size",
    "channels",
    "direction",
    "batch_groups",
    "distinct",
    "examples",
)


def compared(name, steps=None):
    """Returns the recipes of a comparison, `{"paper": recipe, "ours": recipe}`.

    Args:
        name: String. A model in `comparisons`.
        steps: Integer. Number of steps. Defaults to that of the comparison.
    """
    paper, ours, usual, metrics = comparisons[name]
    paper, ours = recipe.find(paper), recipe.find(ours)
    own = {k: ours.network[k] for k in ("encoder", "image") if k in ours.network}
    if paper.model == "textencoder":
        own["linear"] = True  # our features have another width
    shared = {field: getattr(ours, field) for field in of_data}
    paper = dataclasses.replace(
        paper,
        **shared,
        network={**paper.network, **own},
        augment=tuple(name for name in paper.augment if name in ours.augment),
        early_stopping="",
    )
    common = {"metrics": metrics, "export": (), "precision": "auto", "weights": {}}
    common["period"] = max((steps or usual) // 4, 1)
    if name == "srgan":
        common["stages"] = (0.5,)  # each trains its own SRResNet first
    return {
        method: dataclasses.replace(scaled(made, steps or usual), **common)
        for method, made in (("paper", paper), ("ours", ours))
    }


def scaled(chosen, steps):
    """Returns a recipe with another number of steps, and with all schedules scaled to it.

    Learning rates, momenta and stages change at the same share of all steps. So do the clusterings of
    Self-Conditioned GAN and the parts that act until a step. The EMA covers the same share.

    Args:
        chosen: A `Recipe`.
        steps: Integer.
    """
    share = steps / chosen.steps

    def count(value):
        return max(round(value * share), 1)

    def schedule(fields):
        new = {k: schedule(v) if isinstance(v, dict) else v for k, v in fields.items()}
        new |= {k: count(new[k]) for k in ("every", "ramp", "until") if new.get(k)}
        if "decay" in new:
            new["decay"] **= 1 / share
        return new

    timed = {k: v for k, v in model_options(chosen.model).items() if k == "every"}
    return dataclasses.replace(
        chosen,
        steps=steps,
        period=max(count(chosen.period), 1),
        stages=tuple(count(s) if isinstance(s, int) and s else s for s in chosen.stages),
        optimizers=schedule(chosen.optimizers),
        network=schedule({**timed, **chosen.network}),
        parts=schedule(chosen.parts),
        average=chosen.average ** (1 / share) if chosen.average else 0.0,
    )

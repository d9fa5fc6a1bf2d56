"""Small networks and strange captions that several test files share."""

import random

from zoo.models import textencoder
from zoo.parts import make_parts

strange = ["", " ", "red", "RED", "x" * 5000, "круг", "赤い丸", "🔴", "a\x00b", "%$#\n\t"]


def tiny_encoder(width=6):
    random.seed(1)  # from which Keras draws the seeds of the initial weights
    return textencoder.char_cnn_rnn(66, (4, 5, 6), width)


ours = {"projection_head": {}, "all_negatives": {}}


small = {
    "attributes": {"width": 4, "features": 8},
    "textencoder": {
        "length": 66,
        "filters": (4, 5, 6),
        "embedding": 6,
        "image": "classifier_digits",
        "linear": True,
    },
    "gancls": {"encoder": tiny_encoder(), "width": 4, "discriminator_width": 4},
    "stackgan": {
        "encoder": tiny_encoder(),
        "width": (4, 8),
        "discriminator_width": (4, 4),
        "blocks": 1,
    },
    "tagcgan": {
        "features": "attributes_shapes",
        "generator_units": (8, 8),
        "size": 12,
        "discriminator_units": (8, 8, 8),
    },
}


def slots(name, **options):
    (made,) = make_parts({name: options})
    return made.slots()

"""Extensions of the papers' algorithms. Importing this package registers all of them."""

from zoo.parts import inputs, losses, networks, updates
from zoo.parts.base import InputPart, LossPart, NetworkPart, Part, UpdatePart, make_parts, part, registered

__all__ = [
    "InputPart",
    "LossPart",
    "NetworkPart",
    "Part",
    "UpdatePart",
    "inputs",
    "losses",
    "make_parts",
    "networks",
    "part",
    "registered",
    "updates",
]

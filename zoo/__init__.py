"""zoo: generative adversarial networks for Keras 3, trained, measured and served.

zoo.load("cgan_mnist").sample(label=[3, 7])     a trained model
zoo.build("dcgan", x_shape=(64, 64, 3))         a model to train
python -m zoo.train --model=cgan                a training
"""

import importlib

__version__ = "0.1.0"

_homes = {
    # Trained models
    "list_trained": "zoo.saved.card",
    "load": "zoo.tasks",
    "rebuild": "zoo.models.rebuild",
    # Models and recipes
    "build": "zoo.models.build",
    "list_models": "zoo.models.build",
    "list_recipes": "zoo.recipe",
    "Recipe": "zoo.recipe",
    "adam": "zoo.recipe",
    "annealed_sgd": "zoo.recipe",
    "linear_decay": "zoo.recipe",
    "ZooError": "zoo.errors",
    # Names for a model of your own
    "Adversarial": "zoo.game.adversarial",
    "Categorical": "zoo.game.priors",
    "Duel": "zoo.tasks.generation.base",
    "Enlarger": "zoo.tasks.super_resolution.base",
    "Generative": "zoo.tasks.generation.base",
    "GAN": "zoo.models.gan",
    "Normal": "zoo.game.priors",
    "Recognizer": "zoo.tasks.recognition.base",
    "Restorer": "zoo.tasks.restoration.base",
    "Text": "zoo.game.priors",
    "Trained": "zoo.saved.trained",
    "TextToImage": "zoo.tasks.text_to_image.base",
    "Translator": "zoo.tasks.translation.base",
    "Uniform": "zoo.game.priors",
    "register": "zoo.registry",
    "step": "zoo.game.adversarial",
    # Names for a part or a metric of your own
    "InputPart": "zoo.parts.base",
    "LossPart": "zoo.parts.base",
    "NetworkPart": "zoo.parts.base",
    "UpdatePart": "zoo.parts.base",
    "part": "zoo.parts.base",
    "protocol": "zoo.evaluate.protocol",
    "record": "zoo.metrics.record",
}
__all__ = sorted(_homes)


def __getattr__(name):
    """Imports public names on first use, so that `import zoo` does not load TensorFlow."""
    if name not in _homes:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    return getattr(importlib.import_module(_homes[name]), name)

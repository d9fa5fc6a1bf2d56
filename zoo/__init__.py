"""zoo: generative adversarial networks for Keras 3, trained, measured and served.

zoo.load("cgan_mnist").sample(label=[3, 7])     a trained model
zoo.build("dcgan", x_shape=(64, 64, 3))         a model to train
python -m zoo.train --model=cgan                a training
"""

__version__ = "0.1.0"

_homes = {
    "build": "zoo.registry",
    "register": "zoo.registry",
    "list_models": "zoo.registry",
    "list_recipes": "zoo.recipe",
    "load": "zoo.serving",
    "list_trained": "zoo.serving",
    "ZooError": "zoo.errors",
}
__all__ = sorted(_homes)


def __getattr__(name):
    """Finds the public names where they live, so that `import zoo` loads no TensorFlow."""
    import importlib

    if name not in _homes:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    return getattr(importlib.import_module(_homes[name]), name)

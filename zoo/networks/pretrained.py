"""Frozen networks with trained weights, as components of other models."""

import contextlib
import contextvars
import pathlib

import keras

from zoo.errors import ZooError

downloads = ("vgg19",)  # networks whose weights a recipe may name as a file
_files = contextvars.ContextVar("files")


@contextlib.contextmanager
def weight_files(files):
    """Names the files of pretrained weights for networks that are built inside.

    Args:
        files: Dict, `{network: file}`.
    """
    token = _files.set(files)
    try:
        yield
    finally:
        _files.reset(token)


def file_of(network):
    """Returns the file of a network's pretrained weights, or None."""
    return _files.get({}).get(network)


def open_trained(name):
    """Returns the Keras model of a trained model. Importing `zoo.models.rebuild` sets it."""
    raise RuntimeError(f"zoo.models.rebuild is not imported, which opens {name}.")


def network(which, part):
    """Returns a frozen network.

    Args:
        which: A Keras model, its file.keras, or a trained model (its name or its run folder).
        part: Function from a trained model's `Adversarial` to the network, or to None if the model does not
            have it.

    Raises:
        ZooError: The network cannot be read, or the model does not have it.
    """
    if isinstance(which, keras.Model):
        found = which
    elif pathlib.Path(str(which)).suffix == ".keras":
        try:
            found = keras.models.load_model(which)
        except (OSError, ValueError, TypeError) as error:
            raise ZooError(f"{which} cannot be read as a Keras model: {error}") from error
    else:
        found = part(open_trained(which))
        if found is None:
            raise ZooError(f"{which} has no network of the kind that is wanted here. Name another one.")
    found.trainable = False
    return found


def features(which, x_shape):
    """Returns a frozen network from images in [−1, 1] to features.

    Args:
        which: A Keras model, its file.keras, or a trained model that has features (attributes_shapes,
            classifier_mnist).
        x_shape: Tuple `(H, W, C)` of the images. They are resized to the size of the network.

    Raises:
        ZooError: See `network`; or images with another number of channels.
    """
    return sized(network(which, _features_of), which, x_shape)


def sized(found, which, x_shape):
    """Returns a network that resizes its images to those that another network takes.

    Args:
        found: The other network.
        which: Name of the other network, for messages.
        x_shape: Tuple `(H, W, C)` of the images.

    Raises:
        ZooError: Images with another number of channels.
    """
    wanted = tuple(found.input_shape[1:])
    if wanted[-1] not in (None, x_shape[-1]):
        raise ZooError(
            f"{which} takes images of {wanted[-1]} channels, not {x_shape[-1]}.", channels=wanted[-1]
        )
    x = keras.Input(x_shape, name="x")
    fits = None in wanted[:2] or wanted[:2] == tuple(x_shape[:2])
    h = x if fits else keras.layers.Resizing(*wanted[:2], "bicubic", antialias=True, dtype="float32")(x)
    # Said here too, for after a Resizing Keras takes a network within another to be in training.
    seen = keras.Model(x, found(h, training=False), name="see")
    seen.trainable = False
    return seen


def _features_of(model):
    """Returns the network of a trained model up to its features, or None."""
    whole = getattr(model, "network", None)
    has = whole is not None and isinstance(whole.output, dict) and "feature" in whole.output
    return keras.Model(whole.input, whole.output["feature"]) if has else None


def begin_as(network, which):
    """Gives a network the weights of a trained model's network of the same name.

    Args:
        network: The Keras model.
        which: String. A trained model: its name or its run folder.

    Raises:
        ZooError: The trained model does not exist, or has no such network.
    """

    def same(model):
        networks = [n for side in model.sides.values() for n in side if n.name == network.name]
        return networks[0] if networks else None

    trained = open_trained(which)
    found = same(trained)
    shapes = [[tuple(w.shape) for w in n.weights] if n else None for n in (network, found)]
    if shapes[0] != shapes[1]:
        raise ZooError(
            f"The network {network.name!r} of {which} has other layers. Give this recipe the network "
            "options in the card of that model, or start from random weights.",
            **{f"weights.{network.name}": None},
        )
    network.set_weights(found.get_weights())

"""Networks that are trained already, as parts of others: frozen."""

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
    """Returns the Keras model of a trained one. `zoo/models/rebuild.py` replaces this function."""
    raise RuntimeError(f"zoo.models.rebuild is not imported, which opens {name}.")


def network(which, part):
    """A frozen network.

    Args:
        which: a Keras model, the file.keras of one, or a trained model of the zoo (its name, or its run
            folder).
        part: a function from a trained model's `Adversarial` to the network that is wanted, or None
            where it has none.

    Raises:
        ZooError: it cannot be read, or has no such part.
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
    """A frozen network from pictures in [−1, 1] to features, in the size that it was trained at.

    Args:
        which: as for `network`; of a trained model, one that has features (attributes_shapes,
            classifier_mnist).
        x_shape: (H, W, C) of the pictures that it is given.

    Raises:
        ZooError: as `network`; or pictures of other channels.
    """
    return sized(network(which, _features_of), which, x_shape)


def sized(found, which, x_shape):
    """A network of pictures for those of another size, which are resized to what it was trained at.

    Args:
        found: the network.
        which: what it is called.
        x_shape: (H, W, C) of the pictures that it is given.

    Raises:
        ZooError: pictures of other channels.
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
    """The network of a trained model that ends in its features, or None."""
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

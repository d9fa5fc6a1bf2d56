"""Networks that are trained already, as parts of others: frozen."""

import pathlib

import keras

from zoo.errors import ZooError


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
        from zoo import serving  # which needs all models, the one that asks among them

        found = part(serving.rebuild(serving.load(which)))
        if found is None:
            raise ZooError(f"{which} has no network of the kind that is wanted here. Name another one.")
    found.trainable = False
    return found

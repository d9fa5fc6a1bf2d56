"""The base class of loaded models."""

import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from zoo.errors import MissingAbility, ZooError, unknown
from zoo.game import priors
from zoo.saved.card import Card, damage, versions


class Trained:
    """A trained model, with methods that take and return NumPy arrays.

    Each task has a subclass with its own methods, which names the task. `zoo.load` chooses the subclass by
    the task in the card.

    Args:
        folder: The folder with `card.json` and the versions.

    Attributes:
        task: String. Name of the task.
        options: Tuple of strings. Flags of `python -m zoo.sample` that `write_samples` takes.
        name: String. Name of the model.
        version: Path of the SavedModel.
        card: The `Card`.
        signatures: Dict, `{name: function of named tensors}`, as TF Serving offers them.
        interface: Dict. Facts about the inputs of the signatures.
        priors: Dict, `{name: prior}` of the inputs of `generate`. Empty if the model does not generate.

    Raises:
        ZooError: The card or the files are missing, damaged or of another format.
    """

    kinds: ClassVar[dict[str | None, type["Trained"]]] = {}
    task: str | None = None
    options: tuple[str, ...] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Registers the class for its task."""
        super().__init_subclass__(**kwargs)
        Trained.kinds[cls.task] = cls

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = pathlib.Path(folder)
        self.card = Card.read(self.folder)
        # An export that was cut off leaves a version that is newer than the card.
        newest_first = [self.folder / str(n) for n in sorted(versions(folder), reverse=True)]
        changes = {version: damage(version, self.card) for version in newest_first}
        named = self.folder / str(self.card.version)
        version = next(
            (v for v, changed in changes.items() if not changed),
            named if named in changes else newest_first[0],
        )
        changed = changes[version]
        if changed:
            raise ZooError(
                f"{version} is damaged: {', '.join(changed)} {'is' if len(changed) == 1 else 'are'} not "
                "what the card says (by SHA-256). Copy it again or export it again."
            )
        self.version = version
        self.name = self.card.name
        try:
            self._loaded = tf.saved_model.load(str(version))
        except (OSError, tf.errors.OpError, ValueError, LookupError) as error:
            raise ZooError(
                f"{version} is damaged or incomplete ({str(error).splitlines()[0][:120]}). Copy it "
                "again or export it again."
            ) from error
        self.signatures: dict[str, Callable[..., dict[str, tf.Tensor]]] = dict(self._loaded.signatures)
        self.variables = list(self._loaded.variables_used)
        self.interface = self.card.interface
        self.priors = priors.restore(self.interface.get("priors", {}))

    def __repr__(self) -> str:
        """Returns the class, the name and the signatures."""
        return f"<{type(self).__name__} {self.name}: {', '.join(self.own_signatures())}>"

    def __getattr__(self, name: str) -> Any:
        """Explains why a method of another task is missing."""
        if not name.startswith("_") and any(name in vars(kind) for kind in Trained.kinds.values()):
            raise MissingAbility(
                f"{self.name} is a model for {self.task or 'no known task'} and has no {name}(). It has "
                f"{', '.join(self.own_signatures())}."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def own_signatures(self) -> list[str]:
        """Returns the names of the signatures without their twins for encoded images."""
        return [name for name in self.card.signatures if not name.endswith("_bytes")]

    def write_samples(
        self, out: str | os.PathLike[str], seed: int = 0, **options: Any
    ) -> list[pathlib.Path]:
        """Writes what `python -m zoo.sample` shows of the model.

        Args:
            out: Folder, or a file where the task writes one.
            seed: Integer. Random seed. Defaults to 0.
            **options: Values of the flags in `options`.

        Returns:
            List of the paths written.

        Raises:
            ZooError: The task has nothing to sample.
        """
        raise ZooError(f"{self.name} does not make images. It has {', '.join(self.own_signatures())}.")

    def call(self, signature: str, batch: int = 256, **inputs: npt.ArrayLike) -> dict[str, np.ndarray]:
        """Runs a signature batch by batch.

        Args:
            signature: String. Name of the signature.
            batch: Integer. Maximum batch size. Defaults to 256.
            **inputs: Arrays with the same number of rows.

        Returns:
            Dict, `{output: array}`.

        Raises:
            ZooError: The signature or an input is unknown, or an input is missing or invalid.
        """
        if signature not in self.signatures:
            raise unknown(f"signature of {self.name} named", signature, self.signatures)
        described = self.card.signatures
        described = {"serving_default": next(iter(described.values())), **described}
        specs = described[signature]["inputs"]
        arrays = {}
        for name, value in inputs.items():
            if name not in specs:
                raise unknown(f"input of {signature} named", name, specs)
            arrays[name] = self.as_array(name, value, specs[name])
        missing = sorted(set(specs) - set(arrays))
        if missing:
            raise ZooError(f"{signature} of {self.name} also needs {', '.join(missing)}.")
        lengths = {name: len(array) for name, array in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise ZooError(f"The inputs differ in length: {lengths}.")
        n = next(iter(lengths.values()))
        if n == 0:
            raise ZooError("The inputs are empty. Pass at least one row.")
        parts = [
            self.signatures[signature](**{k: tf.constant(v[i : i + batch]) for k, v in arrays.items()})
            for i in range(0, n, batch)
        ]
        return {k: np.concatenate([part[k].numpy() for part in parts]) for k in parts[0]}

    def as_array(self, name: str, value: npt.ArrayLike, spec: Mapping[str, Any]) -> np.ndarray:
        """Converts an input to an array of its dtype.

        Args:
            name: String. Name of the input.
            value: Array, or a list of numbers or strings.
            spec: Dict with the "dtype" and "shape" of the input, as in a card.

        Returns:
            Array of that dtype and shape.

        Raises:
            ZooError: The dtype, the shape or a value is invalid.
        """
        prior = self.priors.get(name)
        if spec["dtype"] == "string":
            array = np.asarray(value, object)
            if array.ndim != 1 or not all(isinstance(row, (str, bytes)) for row in array):
                raise ZooError(f"{name} must be a list of strings, not {value!r}.")
            # Command-line arguments may contain bytes that are not UTF-8, as surrogates.
            plain = (r.encode("utf-8", "surrogateescape") if isinstance(r, str) else r for r in array)
            return np.array(list(plain), object)
        try:
            array = np.asarray(value)
            if array.dtype.kind not in "iufb" or (array.dtype.kind == "f" and "int" in spec["dtype"]):
                raise ValueError(f"{array.dtype} is not {spec['dtype']}")
        except ValueError as error:
            raise ZooError(f"{name} must be an array of {spec['dtype']}: {error}.") from error
        if array.ndim != len(spec["shape"]) or any(
            want is not None and have != want for have, want in zip(array.shape, spec["shape"])
        ):
            wanted = "×".join("N" if d is None else str(d) for d in spec["shape"])
            raise ZooError(f"{name} must have shape {wanted}, not {array.shape}.")
        if isinstance(prior, priors.Categorical) and array.size:
            if array.min() < 0 or array.max() >= prior.classes:
                raise ZooError(f"{name} must lie in 0..{prior.classes - 1}, not {array.tolist()}.")
        if array.dtype.kind in "iu" and "int" in spec["dtype"] and array.size:
            least, most = np.iinfo(spec["dtype"]).min, np.iinfo(spec["dtype"]).max
            if array.min() < least or array.max() > most:
                raise ZooError(f"{name} must lie in {least}..{most}, as {spec['dtype']} does.")
        return array.astype(spec["dtype"])

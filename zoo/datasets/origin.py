"""The origin of examples."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Origin:
    """How the examples of a split were read.

    Attributes:
        split: String, in the syntax of TFDS.
        splits: Tuple of strings. All splits of the dataset.
        sizes: Tuple of the smallest and the largest stored size, `((width, height), (width, height))`, or
            `None` if it is not known.
        notes: Tuple of sentences, for example about files that are not read.
        digest: String. Hash of the names and contents of the files of a folder, or "".
    """

    split: str = "train"
    splits: tuple = ()
    sizes: tuple | None = None
    notes: tuple = ()
    digest: str = ""

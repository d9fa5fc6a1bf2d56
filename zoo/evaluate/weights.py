"""The file with the weights of Inception."""

import hashlib
import os
import pathlib
import urllib.request

from zoo import paths
from zoo.errors import ZooError
from zoo.metrics import inception


def inception_weights(given=None):
    """Returns the path of the weights of Inception, which are downloaded if necessary.

    Args:
        given: Path of the file. Defaults to the path in the environment variable ZOO_INCEPTION, or else to
            that of the cached download.

    Raises:
        ZooError: The file does not exist, or cannot be downloaded.
    """
    given = given or os.environ.get("ZOO_INCEPTION")
    path = pathlib.Path(given).expanduser() if given else paths.cache() / "inception-2015-12-05.tgz"
    if path.is_file():
        return path
    if given:
        raise ZooError(f"There is no file {path} for the weights of Inception.")
    source = inception.source
    try:
        with paths.whole(path) as partial:
            urllib.request.urlretrieve(source, partial)
            try:
                right = hashlib.sha256(inception.read_graph(partial)).hexdigest() == inception.sha256
            except ZooError:
                right = False  # for example a web page
            if not right:
                raise ZooError(
                    f"The file from {source} is not the Inception network of 2015-12-05, whose "
                    f"{inception.graph_file} has the SHA-256 {inception.sha256[:16]}…. Download the "
                    "network elsewhere and give its path.",
                    inception=...,
                )
    except OSError as error:
        raise ZooError(
            f"The weights of Inception are not in {path} and cannot be downloaded ({error}). Download "
            f"{source} on a machine with network access, and copy it to {path} or give its path.",
            inception=...,
        ) from error
    return path

"""Requests to a TF Serving server by REST, with Python and NumPy alone."""

import base64
import http.client
import io
import json
import urllib.error
import urllib.request

import numpy as np

from zoo.errors import ZooError
from zoo.images.files import read_image


def upright(path):
    """Returns an image file as an upright PNG without transparency.

    A server applies the orientation of JPEG files and the alpha channel of PNG files only.

    Args:
        path: Path of the image file.

    Raises:
        ZooError: The file is not an image.
    """
    png = io.BytesIO()
    read_image(path).save(png, "PNG")
    return png.getvalue()


def rest(server, model, signature, inputs, timeout=60.0):
    """Sends a request by REST.

    Args:
        server: String. "http://HOST:PORT".
        model, signature: Strings.
        inputs: Dict, `{name: rows}`. Rows of bytes are sent as base64.
        timeout: Float. Seconds. Defaults to 60.

    Returns:
        Dict, `{output: list of rows}`. Rows are bytes if the name ends in "_bytes".

    Raises:
        ZooError: The server is unreachable, refuses the request, or takes other values.
    """
    plain = {name: [_encoded(row) for row in rows] for name, rows in inputs.items()}
    body = json.dumps({"signature_name": signature, "inputs": plain}).encode()
    outputs = _fetched(server, f"/v1/models/{model}:predict", timeout, "outputs", body)
    if not isinstance(outputs, dict):  # of a single output the name is left out
        (name,) = signatures_over_rest(server, model, timeout)[signature]["outputs"]
        outputs = {name: outputs}
    return {name: [_decoded(row) for row in rows] for name, rows in outputs.items()}


def signatures_over_rest(server, model, timeout=60.0):
    """Returns the signatures of a model.

    Args:
        server: String. "http://HOST:PORT".
        model: String.
        timeout: Float. Seconds. Defaults to 60.

    Returns:
        Dict, `{signature: {"inputs": {name: type}, "outputs": {name: type}}}`.

    Raises:
        ZooError: The server is unreachable, or refuses the request.
    """
    metadata = _fetched(server, f"/v1/models/{model}/metadata", timeout, "metadata")
    return {
        signature: {
            side: {name: tensor["dtype"] for name, tensor in parts.get(side, {}).items()}
            for side in ("inputs", "outputs")
        }
        for signature, parts in metadata["signature_def"]["signature_def"].items()
    }


def usual(offered):
    """Returns the signature of a model's default function for image files.

    Args:
        offered: Dict. See `signatures_over_rest`. The order does not matter.

    Returns:
        String. The `_bytes` variant of the default signature, or "serving_default" without such a variant.
    """

    def form(signature):
        sides = offered.get(signature, {"inputs": (), "outputs": ()})
        return [{part.removesuffix("_bytes") for part in sides[side]} for side in ("inputs", "outputs")]

    twins = [s for s in offered if s.endswith("_bytes") and form(s) == form("serving_default")]
    return min(twins, default="serving_default")


# Errors of an answer that is missing, incomplete or of another form.
unreadable = (OSError, http.client.HTTPException, ValueError, LookupError, TypeError)


def _fetched(server, path, timeout, key, body=None):
    try:
        request = urllib.request.Request(server + path, body)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)[key]
    except urllib.error.HTTPError as error:
        raise ZooError(f"{server} refused: {_reason(error)}") from error
    except unreadable as error:
        raise ZooError(
            f"{server} gave no answer ({error}). Check that TF Serving runs there.", server=...
        ) from error


def _encoded(row):
    if isinstance(row, bytes):
        return {"b64": base64.b64encode(row).decode()}
    return np.asarray(row).tolist()


def plain(value):
    """Returns an array or a list as nested lists."""
    return np.asarray(value).tolist()


def _decoded(row):
    return base64.b64decode(row["b64"]) if isinstance(row, dict) else row


def _reason(error):
    try:
        return json.load(error)["error"]
    except unreadable:
        return str(error)

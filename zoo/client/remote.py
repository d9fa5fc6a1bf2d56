"""Asking a TF Serving server, by REST or by gRPC. The REST half needs nothing but Python and NumPy."""

import base64
import http.client
import io
import json
import urllib.error
import urllib.request

import numpy as np

from zoo.errors import ZooError, unknown
from zoo.images.files import read_image


def upright(path):
    """A picture's file as PNG, as people see it: a server turns nothing and lays nothing on white.

    Raises:
        ZooError: it is no picture.
    """
    png = io.BytesIO()
    read_image(path).save(png, "PNG")
    return png.getvalue()


def rest(server, model, signature, inputs, timeout=60.0):
    """Asks by REST.

    Args:
        server: "http://HOST:PORT".
        model, signature: names.
        inputs: {name: rows}; rows of bytes are sent as base64.
        timeout: seconds.

    Returns:
        {output: list of rows}; bytes where the name ends in "_bytes".

    Raises:
        ZooError: the server cannot be reached, or refuses, or wants other values.
    """
    plain = {name: [_encoded(row) for row in rows] for name, rows in inputs.items()}
    body = json.dumps({"signature_name": signature, "inputs": plain}).encode()
    outputs = _fetched(server, f"/v1/models/{model}:predict", timeout, "outputs", body)
    if not isinstance(outputs, dict):  # of a single output the name is left out
        (name,) = signatures_over_rest(server, model, timeout)[signature]["outputs"]
        outputs = {name: outputs}
    return {name: [_decoded(row) for row in rows] for name, rows in outputs.items()}


def signatures_over_rest(server, model, timeout=60.0):
    """What a model offers: {signature: {"inputs": {name: type}, "outputs": {name: type}}}."""
    metadata = _fetched(server, f"/v1/models/{model}/metadata", timeout, "metadata")
    return {
        signature: {
            side: {name: tensor["dtype"] for name, tensor in parts.get(side, {}).items()}
            for side in ("inputs", "outputs")
        }
        for signature, parts in metadata["signature_def"]["signature_def"].items()
    }


def usual(offered):
    """Of the signatures that a server offers, in any order, the twin for files of what it does by default;
    where there is none, that itself."""

    def form(signature):
        sides = offered.get(signature, {"inputs": (), "outputs": ()})
        return [{part.removesuffix("_bytes") for part in sides[side]} for side in ("inputs", "outputs")]

    alike = [s for s in offered if s.endswith("_bytes") and form(s) == form("serving_default")]
    first = [s for s in ("sample_bytes", "a_to_b_bytes") if s in offered]
    return (first + sorted(alike) + ["serving_default"])[0]


# What an answer raises that never comes, ends too early, or is not what was asked for.
unreadable = (OSError, http.client.HTTPException, ValueError, LookupError, TypeError)


def _fetched(server, path, timeout, key, body=None):
    try:
        request = urllib.request.Request(server + path, body)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)[key]
    except urllib.error.HTTPError as error:
        raise ZooError(f"{server} refused: {_reason(error)}") from error
    except unreadable as error:
        raise ZooError(f"{server} gave no answer ({error}). Is TF Serving there? --server=…") from error


def _encoded(row):
    if isinstance(row, bytes):
        return {"b64": base64.b64encode(row).decode()}
    return np.asarray(row).tolist()


def _decoded(row):
    return base64.b64decode(row["b64"]) if isinstance(row, dict) else row


def _reason(error):
    try:
        return json.load(error)["error"]
    except unreadable:
        return str(error)


def grpc(server, model, signature, inputs, timeout=60.0):
    """Asks by gRPC, of "grpc://HOST:PORT"; otherwise as `rest`."""
    import tensorflow as tf

    def ask(apis, stub):
        request = apis.predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = model, signature
        offered = _offered(apis, stub, model, timeout)
        if signature not in offered:
            raise unknown(f"signature of {model} named", signature, offered)
        types = offered[signature]["inputs"]
        for name, rows in inputs.items():
            try:
                request.inputs[name].CopyFrom(tf.make_tensor_proto(rows, types.get(name)))
            except (TypeError, ValueError) as error:
                raise ZooError(f"{signature} of {model} does not take {name}={rows!r}.") from error
        return stub.Predict(request, timeout)

    answer = _called(server, ask)
    return {name: list(tf.make_ndarray(value)) for name, value in answer.outputs.items()}


def signatures_over_grpc(server, model, timeout=60.0):
    """As `signatures_over_rest`, with types as TensorFlow's enumeration has them."""
    return _called(server, lambda apis, stub: _offered(apis, stub, model, timeout))


def _offered(apis, stub, model, timeout):
    request = apis.get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = model
    request.metadata_field.append("signature_def")
    signatures = apis.get_model_metadata_pb2.SignatureDefMap()
    stub.GetModelMetadata(request, timeout).metadata["signature_def"].Unpack(signatures)
    return {
        name: {
            side: {key: tensor.dtype for key, tensor in getattr(signature, side).items()}
            for side in ("inputs", "outputs")
        }
        for name, signature in signatures.signature_def.items()
    }


def _called(server, ask):
    try:
        import grpc as rpc
        from tensorflow_serving import apis
        from tensorflow_serving.apis import (
            get_model_metadata_pb2,  # noqa: F401  (loads it into apis)
            predict_pb2,  # noqa: F401
            prediction_service_pb2_grpc,
        )
    except ImportError as error:
        raise ZooError(f"gRPC needs pip install '.[serving]' ({error}).") from error
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with rpc.insecure_channel(server.removeprefix("grpc://"), unlimited) as channel:
        try:
            return ask(apis, prediction_service_pb2_grpc.PredictionServiceStub(channel))
        except rpc.RpcError as error:
            raise ZooError(f"{server} refused or gave no answer: {error.details()}") from error

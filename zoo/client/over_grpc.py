"""Requests to a TF Serving server by gRPC. They need the extra `serving`."""

import tensorflow as tf

from zoo.errors import ZooError, unknown

try:
    import grpc as rpc
    from tensorflow_serving import apis
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,  # noqa: F401  (loads it into apis)
        predict_pb2,  # noqa: F401
        prediction_service_pb2_grpc,
    )
except ImportError:
    apis = None


def grpc(server, model, signature, inputs, timeout=60.0):
    """Sends a request by gRPC. See `zoo.client.remote.rest`.

    Args:
        server: String. "grpc://HOST:PORT".
        model, signature: Strings.
        inputs: Dict, `{name: rows}`.
        timeout: Float. Seconds. Defaults to 60.

    Returns:
        Dict, `{output: list of rows}`.

    Raises:
        ZooError: The server is unreachable, refuses the request, or takes other values.
    """

    def ask(stub):
        request = apis.predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = model, signature
        offered = _offered(stub, model, timeout)
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
    """Returns the signatures of a model, with types of TensorFlow's enumeration.

    See `zoo.client.remote.signatures_over_rest`.
    """
    return _called(server, lambda stub: _offered(stub, model, timeout))


def _offered(stub, model, timeout):
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
    if apis is None:
        raise ZooError("gRPC needs the extra `serving`: pip install '.[serving]'.")
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with rpc.insecure_channel(server.removeprefix("grpc://"), unlimited) as channel:
        try:
            return ask(prediction_service_pb2_grpc.PredictionServiceStub(channel))
        except rpc.RpcError as error:
            raise ZooError(f"{server} refused or gave no answer: {error.details()}") from error

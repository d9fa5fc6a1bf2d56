"""A small client of a TF Serving server, by REST or by gRPC:

python -m zoo.client --server=http://localhost:8501 --model=cgan_mnist --given=label=[3,7] --out=pictures
python -m zoo.client --server=grpc://localhost:8500 --model=cyclegan_shapes --input=photo.png --out=pictures

The REST half needs nothing but Python and NumPy; the gRPC half pip install '.[serving]'.
"""

import base64
import json
import pathlib
import urllib.error
import urllib.request

import numpy as np
from absl import flags

from zoo import cli
from zoo.errors import ZooError, unknown

flags.DEFINE_string("server", "http://localhost:8501", "http://HOST:PORT or grpc://HOST:PORT.")
flags.DEFINE_string("model", None, "Its name on the server.")
flags.DEFINE_string("signature", None, "Default: sample_bytes, or the first _bytes one for a picture.")
flags.DEFINE_multi_string("given", [], "input=value or input=[v1,v2,…].")
flags.DEFINE_integer("seed", 0, "Of the first row; the next rows have the next seeds.")
flags.DEFINE_string("input", None, "A picture, as PNG or JPEG.")
flags.DEFINE_string("out", "pictures", "The folder of the pictures that come back.")
flags.DEFINE_float("timeout", 60.0, "Seconds.", lower_bound=0.0)


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
        ZooError: the server cannot be reached, or refuses.
    """
    plain = {name: [_encoded(row) for row in rows] for name, rows in inputs.items()}
    body = json.dumps({"signature_name": signature, "inputs": plain}).encode()
    outputs = _fetched(server, f"/v1/models/{model}:predict", timeout, body)["outputs"]
    if not isinstance(outputs, dict):  # of a single output the name is left out
        (name,) = signatures_over_rest(server, model, timeout)[signature]["outputs"]
        outputs = {name: outputs}
    return {name: [_decoded(row) for row in rows] for name, rows in outputs.items()}


def signatures_over_rest(server, model, timeout=60.0):
    """What a model offers: {signature: {"inputs": {name: type}, "outputs": {name: type}}}."""
    answer = _fetched(server, f"/v1/models/{model}/metadata", timeout)
    return {
        signature: {
            side: {name: tensor["dtype"] for name, tensor in parts.get(side, {}).items()}
            for side in ("inputs", "outputs")
        }
        for signature, parts in answer["metadata"]["signature_def"]["signature_def"].items()
    }


def _fetched(server, path, timeout, body=None):
    request = urllib.request.Request(server + path, body)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ZooError(f"{server} refused: {_reason(error)}") from error
    except (OSError, ValueError) as error:
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
    except (ValueError, KeyError):
        return str(error)


def grpc(server, model, signature, inputs, timeout=60.0):
    """Asks by gRPC, of "grpc://HOST:PORT"; otherwise as `rest`."""
    import tensorflow as tf

    def ask(apis, stub):
        request = apis.predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = model, signature
        types = _offered(apis, stub, model, timeout)[signature]["inputs"]
        for name, rows in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(rows, types.get(name)))
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


def main():
    args = cli.FLAGS
    model = cli.required(args.model, "model", "cgan_mnist")
    server = args.server.rstrip("/")
    over_grpc = server.startswith("grpc://")
    offered = (signatures_over_grpc if over_grpc else signatures_over_rest)(server, model, args.timeout)
    signature = args.signature or next((s for s in offered if s in ("sample_bytes", "a_to_b_bytes")), None)
    signature = signature or next((s for s in offered if s.endswith("_bytes")), "serving_default")
    if signature not in offered:
        raise unknown(f"signature of {model} named", signature, offered)
    wanted = offered[signature]["inputs"]
    inputs = {k: v if isinstance(v, list) else [v] for k, v in cli.parse(args.given).items()}
    if args.input:
        path = pathlib.Path(args.input)
        if not path.is_file():
            raise ZooError(f"There is no {path}. --input wants a PNG or JPEG.")
        inputs["image_bytes"] = [path.read_bytes()]
    rows = max(map(len, inputs.values()), default=1)
    if "seed" in wanted:
        inputs.setdefault("seed", list(range(args.seed, args.seed + rows)))
    if set(inputs) != set(wanted):
        raise ZooError(
            f"{signature} of {model} takes {', '.join(sorted(wanted))}, not {', '.join(sorted(inputs))}: "
            "--given=NAME=VALUES, or --input=FILE for image_bytes."
        )
    answer = (grpc if over_grpc else rest)(server, model, signature, inputs, args.timeout)
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    for name, values in answer.items():
        if name != "image_bytes":
            print(f"{name}: {[np.asarray(value).tolist() for value in values]}")
            continue
        for i, png in enumerate(values):
            (out / f"{model}_{i:03d}.png").write_bytes(png)
            print(out / f"{model}_{i:03d}.png")


if __name__ == "__main__":
    cli.run(main)

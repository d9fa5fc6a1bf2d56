"""Warm-up requests, which TF Serving runs when it loads a model.

The file assets.extra/tf_serving_warmup_requests of a version has one request of one row per signature, as
TFRecords of PredictionLog. It is only written if tensorflow-serving-api is installed
(`pip install '.[serving]'`).
"""

import os
import pathlib
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from zoo.saved import encoded

try:
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
except ImportError:  # the extra `serving` is not installed
    predict_pb2 = None

file = pathlib.Path("assets.extra", "tf_serving_warmup_requests")


def write(version: str | os.PathLike[str], name: str, signatures: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes the warm-up requests of a version.

    Args:
        version: Path of the version.
        name: String. Name of the model.
        signatures: Dict of the signatures, as in its card.
    """
    if predict_pb2 is None:
        return
    path = pathlib.Path(version) / file
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as records:
        for key, signature in signatures.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.name = name
            request.model_spec.signature_name = key
            for part, spec in signature["inputs"].items():
                request.inputs[part].CopyFrom(tf.make_tensor_proto(encoded.example(part, spec).numpy()))
            log = prediction_log_pb2.PredictLog(request=request)
            records.write(prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString())

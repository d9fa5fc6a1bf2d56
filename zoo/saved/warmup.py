"""Requests that TF Serving replays when it loads a model, so that the first user does not wait.

They lie in a version's assets.extra/tf_serving_warmup_requests: TFRecords of PredictionLog, a request of
one row for each signature. Written where tensorflow-serving-api is installed: pip install '.[serving]'.
"""

import pathlib

import tensorflow as tf

from zoo.saved import encoded

try:
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
except ImportError:  # the extra `serving` is not installed
    predict_pb2 = None

file = pathlib.Path("assets.extra", "tf_serving_warmup_requests")


def write(version, name, signatures):
    """Writes the requests of a version.

    Args:
        version: its folder.
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

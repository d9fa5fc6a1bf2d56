"""Requests that TF Serving replays when it loads a model, so that the first user does not wait.

They lie in a version's assets.extra/tf_serving_warmup_requests: TFRecords of PredictionLog, a request of
one row for each signature. Written where tensorflow-serving-api is installed: pip install '.[serving]'.
"""

import pathlib

import tensorflow as tf

from zoo.saved import encoded

file = pathlib.Path("assets.extra", "tf_serving_warmup_requests")


def write(version, card):
    """Writes the requests of a version.

    Args:
        version: its folder.
        card: with "name" and "signatures".
    """
    try:
        from tensorflow_serving.apis import predict_pb2, prediction_log_pb2
    except ImportError:
        return
    path = pathlib.Path(version) / file
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as records:
        for name, signature in card["signatures"].items():
            request = predict_pb2.PredictRequest()
            request.model_spec.name = card.get("name", "")
            request.model_spec.signature_name = name
            for key, spec in signature["inputs"].items():
                request.inputs[key].CopyFrom(tf.make_tensor_proto(encoded.example(key, spec).numpy()))
            log = prediction_log_pb2.PredictLog(request=request)
            records.write(prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString())

"""The client and the server's settings, against a server that answers as TF Serving documents it, and
against the real one where it is installed."""

import base64
import concurrent.futures
import functools
import http.server
import json
import shutil
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from PIL import Image

import zoo
from zoo import paths
from zoo.client import over_grpc as grpc_client
from zoo.client import remote
from zoo.errors import ZooError
from zoo.saved import encoded
from zoo.saved.card import Card

model = "cgan_conv_digits"


@functools.cache
def served():
    """The model, loaded once, as a server does."""
    return zoo.load(model)


def free_port():
    with socket.socket() as s:
        s.bind(("localhost", 0))
        return s.getsockname()[1]


class Stub(http.server.BaseHTTPRequestHandler):
    """TF Serving's REST interface, as its documentation has it, over a loaded model."""

    def log_message(self, *arguments):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self):
        signatures = served().card.signatures
        signatures = {**signatures, "serving_default": next(iter(signatures.values()))}
        described = {
            name: {
                side: {key: {"dtype": "DT_" + v["dtype"].upper()} for key, v in parts[side].items()}
                for side in ("inputs", "outputs")
            }
            for name, parts in signatures.items()
        }
        self.answer(200, {"metadata": {"signature_def": {"signature_def": described}}})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            outputs = served().call(request["signature_name"], **request["inputs"])
        except (ZooError, tf.errors.OpError) as error:
            self.answer(400, {"error": str(error)})
            return
        plain = {
            key: [
                {"b64": base64.b64encode(row).decode()} if isinstance(row, bytes) else row for row in rows
            ]
            for key, rows in ((key, value.tolist()) for key, value in outputs.items())
        }
        self.answer(200, {"outputs": plain if len(plain) > 1 else next(iter(plain.values()))})


@pytest.fixture(scope="module")
def rest():
    served()  # here, so that no client waits for it
    server = http.server.ThreadingHTTPServer(("localhost", 0), Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def over_grpc():
    """TF Serving's gRPC interface over a loaded model."""
    served()
    import grpc
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        predict_pb2,
        prediction_service_pb2_grpc,
    )

    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):  # noqa: N802
            inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            try:
                outputs = served().call(request.model_spec.signature_name, **inputs)
            except (ZooError, tf.errors.OpError) as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            made = {key: tf.make_tensor_proto(value) for key, value in outputs.items()}
            return predict_pb2.PredictResponse(outputs=made)

        def GetModelMetadata(self, request, context):  # noqa: N802
            version = served().folder / "1"
            with tf.compat.v1.Session(graph=tf.Graph()) as session:
                meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], str(version))
            signatures = get_model_metadata_pb2.SignatureDefMap(signature_def=meta.signature_def)
            answer = get_model_metadata_pb2.GetModelMetadataResponse()
            answer.metadata["signature_def"].Pack(signatures)
            return answer

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    yield f"grpc://localhost:{port}"
    server.stop(None)


expected = {"label": [3, 7], "seed": [1, 2]}


@pytest.mark.slow
def test_pictures_come_over_rest(rest):
    answer = remote.rest(rest, model, "sample_bytes", expected)
    images = [tf.io.decode_png(file).numpy() for file in answer["image_bytes"]]
    np.testing.assert_array_equal(images, served().call("sample", **expected)["image"])
    answer = remote.rest(rest, model, "sample", expected)
    np.testing.assert_array_equal(answer["image"], images)


@pytest.mark.slow
def test_pictures_come_over_grpc(over_grpc):
    answer = grpc_client.grpc(over_grpc, model, "sample_bytes", expected)
    images = [tf.io.decode_png(file).numpy() for file in answer["image_bytes"]]
    np.testing.assert_array_equal(images, served().call("sample", **expected)["image"])


@pytest.mark.slow
def test_a_refusal_is_told(rest, over_grpc):
    for ask, server in ((remote.rest, rest), (grpc_client.grpc, over_grpc)):
        with pytest.raises(ZooError, match="0..9"):
            ask(server, model, "sample_bytes", {"label": [11], "seed": [0]})
    for server in ("localhost", "127.0.0.1:8501"):
        with pytest.raises(ZooError, match="no answer.* Set server=…"):
            remote.rest(server, model, "sample", expected)
    with pytest.raises(ZooError, match="does not take label=.'abc'."):
        grpc_client.grpc(over_grpc, model, "sample", {"label": ["abc"], "seed": [0]})
    nowhere = free_port()
    with pytest.raises(ZooError, match="no answer"):
        remote.rest(f"http://localhost:{nowhere}", model, "sample", expected, timeout=2)
    with pytest.raises(ZooError, match="no answer"):
        grpc_client.grpc(f"grpc://localhost:{nowhere}", model, "sample", expected, timeout=2)


@pytest.mark.slow
@pytest.mark.parametrize("status, told", [(400, "refused: HTTP Error 400"), (200, "gave no answer")])
@pytest.mark.parametrize("body", [b"", b'{"err', b"[]"], ids=["never comes", "is cut off", "is no object"])
def test_an_answer_that_is_none_is_told(status, told, body):
    class Odd(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def do_POST(self):
            self.send_response(status)
            self.send_header("Content-Length", "2" if body == b"[]" else "9")
            self.end_headers()
            self.wfile.write(body)
            if not body:
                done.wait(20)

    done = threading.Event()
    with http.server.ThreadingHTTPServer(("localhost", 0), Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(ZooError, match=told):
                remote.rest(f"http://localhost:{server.server_port}", model, "sample", expected, timeout=3)
        finally:
            done.set()
            server.shutdown()


def run(module, *arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", f"zoo.{module}", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(paths.saved_models.parent), "PATH": ""},
    )


@pytest.mark.slow
def test_the_command_writes_what_came_and_loads_no_tensorflow(rest, tmp_path):
    done = run("client", f"--server={rest}", f"--model={model}", "--given=label=[3,7]", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "pictures").glob("*.png"))
    assert [file.name for file in files] == [f"{model}_000.png", f"{model}_001.png"]
    images = [tf.io.decode_png(file.read_bytes()).numpy() for file in files]
    want = served().call("sample", label=[3, 7], seed=[0, 1])["image"]
    np.testing.assert_array_equal(images, want)
    done = run("client", f"--server={rest}", f"--model={model}", cwd=tmp_path)
    assert done.returncode == 1 and "label, seed" in done.stderr and "Traceback" not in done.stderr
    done = run("client", f"--server={rest}", f"--model={model}", "--input=here.png", cwd=tmp_path)
    assert done.returncode == 1 and "here.png cannot be read as an image" in done.stderr
    code = "import sys, zoo.client; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=paths.saved_models.parent)


def test_by_default_files_are_asked_for_in_whatever_order_a_server_lists_what_it_offers():
    def offered(name):
        parts = json.loads((paths.saved_models / name / "card.json").read_text())["signatures"]
        return {**parts, "serving_default": next(iter(parts.values()))}

    for name, wanted in (
        ("tagcgan_shapes", "tag_bytes"),
        ("cyclegan_shapes", "a_to_b_bytes"),
        (model, "sample_bytes"),
        ("srgan_photos", "upscale_bytes"),
        ("textencoder_shapes", "serving_default"),
    ):
        parts = offered(name)
        assert remote.usual(parts) == remote.usual(dict(reversed(parts.items()))) == wanted


def test_a_picture_is_sent_upright_and_on_white(tmp_path):
    pixels = np.zeros((4, 6, 4), np.uint8)
    pixels[:, :3] = 255, 0, 0, 255  # red on the left, nothing on the right
    turned = Image.Exif()
    turned[274] = 6  # to be turned to the right by a quarter
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=turned)
    sent = tf.io.decode_png(remote.upright(tmp_path / "a.png")).numpy()
    assert sent.shape == (6, 4, 3)
    assert (sent[:3] == (255, 0, 0)).all() and (sent[3:] == 255).all()


def test_the_settings_of_a_server_are_valid_and_name_every_model(tmp_path):
    from tensorflow_serving.config import model_server_config_pb2

    done = run("serve", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "docker run" in done.stdout and str(paths.saved_models) in done.stdout
    text = (tmp_path / "serving/models.config").read_text()
    config = text_format.Parse(text, model_server_config_pb2.ModelServerConfig())
    assert [c.name for c in config.model_config_list.config] == zoo.list_trained()
    done = run("serve", "--models=cgan_mnits", cwd=tmp_path)
    assert done.returncode == 1 and "cgan_mnist" in done.stderr


# What the command does with its arguments, for one line of them after the other: it starts in ten seconds.
command_line = """
import sys
from tensorflow.python.tools import saved_model_cli
parser = saved_model_cli.create_parser()
for line in sys.stdin:
    parser.parse_args(line.rstrip("\\n").split("\\t")).func()
"""


def asked_of(trained, signatures):
    """What signatures of a model are asked: {signature: {input: array}}."""
    described = trained.card.signatures
    described = {**described, "serving_default": next(iter(described.values()))}
    return {
        name: {
            key: varied(encoded.example(key, spec, rows=2).numpy())
            for key, spec in described[name]["inputs"].items()
        }
        for name in signatures
    }


def varied(rows):
    """Two rows that differ: labels and seeds 0 and 1, noise, random pictures, another text."""
    rng = np.random.default_rng(0)
    if rows.dtype == object:
        if rows[0]:
            pixels = rng.integers(256, size=(2, 32, 32, 3)).astype(np.uint8)
            return np.array([tf.io.encode_png(one).numpy() for one in pixels], object)
        return np.array([b"", b"a large red circle"], object)
    if rows.dtype == np.uint8:
        return rng.integers(256, size=rows.shape).astype(np.uint8)
    if rows.dtype.kind == "f":
        return rng.uniform(-1, 1, rows.shape).astype(rows.dtype)
    return rows + np.arange(2, dtype=rows.dtype).reshape(-1, *[1] * (rows.ndim - 1))


@functools.cache
def one_of_each_kind():
    """Returns signatures of the shipped models, `{model: names}`, one of each name and kind of inputs."""
    folders = [paths.saved_models / name for name in zoo.list_trained()]
    small_first = sorted(folders, key=lambda folder: sum(p.stat().st_size for p in folder.rglob("*")))
    chosen = {"serving_default": ("dcgan_mnist", "serving_default")}
    for model in (folder.name for folder in small_first):
        for name, parts in Card.read(paths.saved_models / model).signatures.items():
            kinds = sorted(
                (key, spec["dtype"], len(spec["shape"])) for key, spec in parts["inputs"].items()
            )
            chosen.setdefault((name, *kinds), (model, name))
    return {model: [name for of, name in chosen.values() if of == model] for model in dict(chosen.values())}


@pytest.fixture(scope="module")
def by_command_line(tmp_path_factory):
    """The folder in which `saved_model_cli run` wrote its outputs, as MODEL/SIGNATURE/OUTPUT.npy."""
    root, lines = tmp_path_factory.mktemp("saved_model_cli"), []
    for name, signatures in one_of_each_kind().items():
        trained = zoo.load(name)
        for signature, given in asked_of(trained, signatures).items():
            out = root / name / signature
            out.mkdir(parents=True)
            for key, value in given.items():
                np.save(out / f"given_{key}.npy", value.astype("S") if value.dtype == object else value)
            inputs = ";".join(f"{key}={out}/given_{key}.npy" for key in given)
            what = ["--dir", str(trained.version), "--tag_set", "serve", "--signature_def", signature]
            lines.append("\t".join(["run", *what, "--inputs", inputs, "--outdir", str(out)]))
    command = [sys.executable, "-c", command_line]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return root


@pytest.mark.slow
@pytest.mark.parametrize("name", one_of_each_kind())
def test_saved_model_cli_runs_each_kind_of_signature(name, by_command_line):
    trained = zoo.load(name)
    for signature, given in asked_of(trained, one_of_each_kind()[name]).items():
        for key, value in trained.call(signature, **given).items():
            got = np.load(by_command_line / name / signature / f"{key}.npy", allow_pickle=True)
            if value.dtype == object:  # words and files
                np.testing.assert_array_equal(got, value)
            else:
                near = {"rtol": 1e-3, "atol": 1.0 if value.dtype == np.uint8 else 1e-4}
                np.testing.assert_allclose(np.float64(got), np.float64(value), **near)


def test_tensorflow_model_server_gives_the_same_pictures(tmp_path):
    binary = shutil.which("tensorflow_model_server")
    if not binary:
        pytest.skip("tensorflow_model_server is not on the PATH")
    port, rest_port = free_port(), free_port()
    server = subprocess.Popen(
        [
            binary,
            f"--port={port}",
            f"--rest_api_port={rest_port}",
            f"--model_name={model}",
            f"--model_base_path={paths.saved_models / model}",
        ]
    )
    try:
        for _ in range(60):
            try:
                remote.signatures_over_rest(f"http://localhost:{rest_port}", model, 1)
                break
            except ZooError:
                time.sleep(0.5)
        want = served().call("sample", **expected)["image"]
        for ask, address in (
            (remote.rest, f"http://localhost:{rest_port}"),
            (grpc_client.grpc, f"grpc://localhost:{port}"),
        ):
            files = ask(address, model, "sample_bytes", expected)["image_bytes"]
            np.testing.assert_array_equal([tf.io.decode_png(file).numpy() for file in files], want)
    finally:
        server.kill()

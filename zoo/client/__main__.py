"""Sends requests to a TF Serving server, by REST or gRPC.

    python -m zoo.client --server=http://localhost:8501 --model=cgan_mnist '--given=label=[3,7]'
    python -m zoo.client --server=grpc://localhost:8500 --model=cyclegan_shapes --input=photo.png

REST does not need TensorFlow. gRPC needs pip install '.[serving]'.
"""

import pathlib

from absl import flags

from zoo import cli, paths
from zoo.errors import ZooError, unknown

flags.DEFINE_string("server", "http://localhost:8501", "http://HOST:PORT or grpc://HOST:PORT.")
flags.DEFINE_string("model", None, "Name of the model on the server.")
flags.DEFINE_string(
    "signature", None, "Signature; default: serving_default, with files as inputs and outputs."
)
flags.DEFINE_multi_string("given", [], "input=value or input=[v1,v2,…].")
flags.DEFINE_integer(
    "seed", 0, "Random seed of the first row. The following rows have the following seeds."
)
flags.DEFINE_string("input", None, "Image file.")
flags.DEFINE_string("out", "pictures", "Folder for the results.")
flags.DEFINE_float("timeout", 60.0, "Seconds until the request fails.", lower_bound=0.0)


def main():
    """Sends one request, prints the outputs and writes the images."""
    from zoo.client import remote

    args = cli.FLAGS
    model = cli.required(args.model, "model", "cgan_mnist")
    server = args.server.rstrip("/")
    if server.startswith("grpc://"):
        cli.load_tensorflow()
        from zoo.client import over_grpc

        ask, describe = over_grpc.grpc, over_grpc.signatures_over_grpc
    else:
        ask, describe = remote.rest, remote.signatures_over_rest
    offered = describe(server, model, args.timeout)
    signature = args.signature or remote.usual(offered)
    if signature not in offered:
        raise unknown(f"signature of {model} named", signature, offered)
    wanted = offered[signature]["inputs"]
    inputs = {k: v if isinstance(v, list) else [v] for k, v in cli.parse(args.given).items()}
    if args.input:
        inputs["image_bytes"] = [remote.upright(args.input)]
    rows = max(map(len, inputs.values()), default=1)
    if "seed" in wanted:
        inputs.setdefault("seed", list(range(args.seed, args.seed + rows)))
    if set(inputs) != set(wanted):
        raise ZooError(
            f"{signature} of {model} takes {', '.join(sorted(wanted))}, not {', '.join(sorted(inputs))}: "
            "--given=NAME=VALUES, or --input=FILE for image_bytes."
        )
    answer = ask(server, model, signature, inputs, args.timeout)
    out = pathlib.Path(args.out)
    for name, values in answer.items():
        if name != "image_bytes":
            print(f"{name}: {[remote.plain(value) for value in values]}")
            continue
        for i, png in enumerate(values):
            path = paths.result(out, f"{model}_{i:03d}.png")
            with paths.whole(path) as file:
                file.write_bytes(png)
            print(path)


if __name__ == "__main__":
    cli.run(main)

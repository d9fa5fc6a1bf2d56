"""Writes the configuration files of TF Serving.

    python -m zoo.serve --out=serving

Writes models.config (every trained model) and batching.config, and prints the command that starts a server.
"""

import os
import pathlib
import shlex

from absl import flags

from zoo import cli, paths
from zoo.errors import ZooError, unknown

flags.DEFINE_string("out", "serving", "Folder for the two files.")
flags.DEFINE_list("models", None, "Trained models; default: all.")
flags.DEFINE_string("root", None, "Folder of exported models; default: the shipped models.")
flags.DEFINE_integer("batch", 32, "Maximum number of rows per batch.", lower_bound=1)
flags.DEFINE_integer("wait", 2000, "Maximum microseconds that a request waits for others.", lower_bound=0)

entry = """  config {{
    name: "{name}"
    base_path: "/models/{name}"
    model_platform: "tensorflow"
  }}
"""
batching = """max_batch_size {{ value: {batch} }}
batch_timeout_micros {{ value: {wait} }}
max_enqueued_batches {{ value: 100 }}
num_batch_threads {{ value: {cores} }}
"""
command = """docker run -p 8500:8500 -p 8501:8501 \\
  -v {root}:/models -v {out}:/config tensorflow/serving:latest \\
  --model_config_file=/config/models.config \\
  --enable_batching --batching_parameters_file=/config/batching.config"""


def main():
    """Writes both files and prints the command."""
    args = cli.FLAGS
    root = pathlib.Path(args.root).expanduser() if args.root else paths.saved_models
    there = sorted(path.parent.name for path in root.glob("*/card.json"))
    if not there:
        raise ZooError(f"There is no trained model in {root}. python -m zoo.export puts them there.")
    for name in args.models or ():
        if name not in there:
            raise unknown("trained model", name, there)
    out = pathlib.Path(args.out)
    entries = "".join(entry.format(name=name) for name in args.models or there)
    settings = batching.format(batch=args.batch, wait=args.wait, cores=os.cpu_count())
    for name, text in (
        ("models.config", f"model_config_list {{\n{entries}}}\n"),
        ("batching.config", settings),
    ):
        with paths.whole(paths.result(out, name)) as file:
            file.write_text(text, encoding="utf-8")
    mounted = {"root": shlex.quote(str(root.resolve())), "out": shlex.quote(str(out.resolve()))}
    print(command.format(**mounted))


if __name__ == "__main__":
    cli.run(main)

"""Records the behavior of the project, to compare it exactly before and after a restructuring.

    python tests/freeze.py record FILE.json [--only=substring] [--data_dir=folder]
    python tests/freeze.py compare OLD.json NEW.json
    python tests/freeze.py golden

`record` writes three groups of values:

* recipes: losses of 8 float32 steps in each stage of each recipe, and digests of the first batch and of
  the final weights.
* trained: outputs of each signature of each shipped model, both rebuilt and as a SavedModel.
* flags: name, type and default of each flag of each entry point.

`compare` lists each difference with its largest absolute and relative deviation, and exits with status 1
if there is one. `golden` writes tests/golden.json, which tests/test_golden.py reads.

Records of different machines or of different TensorFlow versions may differ in the last bits.
"""

import argparse
import contextlib
import dataclasses
import functools
import hashlib
import json
import math
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
import types
import xml.etree.ElementTree
import zlib

import numpy as np

root = pathlib.Path(__file__).resolve().parent.parent
golden_file = root / "tests" / "golden.json"
verbs = (
    "train",
    "sample",
    "evaluate",
    "export",
    "inspect",
    "report",
    "verify",
    "benchmark",
    "serve",
    "client",
    "document",
)
captions = (
    "a large plain red circle at the middle centre on a white ground",
    "there is a small striped blue star, top left, on black",
    "green square",
)


@functools.cache
def zoo_names():
    """Returns the names of zoo that this file uses. Update the imports here if modules move."""
    from zoo import recipe
    from zoo.datasets.sources import embedded_sets
    from zoo.errors import MissingData
    from zoo.models.build import model_options
    from zoo.models.rebuild import rebuild
    from zoo.saved.card import list_trained
    from zoo.tasks import load
    from zoo.train.assemble import assemble, load_data

    return types.SimpleNamespace(
        list_recipes=recipe.list_recipes,
        find=recipe.find,
        options=model_options,
        embedded=embedded_sets,
        data_of=load_data,
        assemble=assemble,
        list_trained=list_trained,
        load=load,
        missing_data=MissingData,
        rebuild=rebuild,
    )


def use_one_thread():
    """Makes TensorFlow deterministic on one CPU thread. Call it before TensorFlow is imported."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    for name in ("OMP", "OPENBLAS", "MKL", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        os.environ[f"{name}_THREADS" if name.startswith("TF") else f"{name}_NUM_THREADS"] = "1"
    import tensorflow as tf
    from absl import logging

    logging.set_verbosity(logging.ERROR)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()


def generator(*key):
    """Returns a NumPy generator that is seeded by strings."""
    return np.random.default_rng(zlib.crc32("/".join(key).encode()))


def random_images(rng, count, height, width, channels):
    """Returns seeded images with coarse and fine structure: uint8 `(count, height, width, channels)`."""
    coarse = rng.uniform(0, 220, (count, -(-height // 8), -(-width // 8), channels))
    images = coarse.repeat(8, 1).repeat(8, 2)[:, :height, :width]
    return (images + rng.uniform(0, 36, images.shape)).astype(np.uint8)


# Data


@dataclasses.dataclass
class Arrays:
    """Seeded random arrays in place of a dataset that is absent.

    Args:
        name: String. Name of the dataset.
        shape: Tuple of integers. Shape of one image.
        classes: Integer. Number of labels.
        count: Integer. Number of examples. Defaults to 64.
    """

    name: str
    shape: tuple
    classes: int
    count: int = 64
    augment: tuple = ()
    is_images = True

    def columns(self, start=0, stop=None):
        count = self.count if stop is None else stop
        rng = generator(self.name)
        x = random_images(rng, count, *self.shape)
        y = rng.integers(0, self.classes, count).astype(np.int32)
        return {"x": x[start:], "y": y[start:]}

    def batches(self, batch_size, seed, first=0):
        import tensorflow as tf

        examples = tf.data.Dataset.from_tensor_slices(self.columns()).repeat()
        return examples.batch(batch_size, drop_remainder=True).skip(first)


absent = {"mnist": ((28, 28, 1), 10), "stacked_mnist": ((32, 32, 3), 1000)}


def write_folders(folder):
    """Writes random images for the recipes that read a folder of images."""
    from PIL import Image

    layouts = {
        "horse2zebra/trainA": (128, 128),
        "horse2zebra/trainB": (128, 128),
        "facades/train": (128, 256),
        "sr/train": (120, 136),
    }
    for name, (height, width) in layouts.items():
        place = pathlib.Path(folder) / name
        place.mkdir(parents=True)
        for i, image in enumerate(random_images(generator(name), 12, height, width, 3)):
            Image.fromarray(image).save(place / f"{i:02d}.png")


def data_for(recipe, data_dir):
    """Returns the data of a recipe: the dataset itself, or random arrays if the dataset is absent."""
    if recipe.dataset in absent:
        return Arrays(recipe.dataset, *absent[recipe.dataset])
    return zoo_names().data_of(recipe, data_dir=data_dir)


def is_embedded(recipe):
    """Returns whether the data of a recipe is part of the package."""
    name = recipe.dataset.split("/")[0]
    return name not in absent and name in zoo_names().embedded()


# Recipes


# Sizes in place of the recipe's: at 128 pixels the gradients vary between runs, even on one thread.
image_sizes = {"cyclegan_horse2zebra": 64}


def shortened(recipe, steps):
    """Returns a copy of a recipe with few steps per stage and small batches.

    Options that count steps are halved, so that the steps include the regimes before and after.

    Args:
        recipe: Recipe.
        steps: Integer. Number of steps per stage.
    """
    options = {**zoo_names().options(recipe.model), **recipe.network}
    half = max(1, steps // 2)
    limits = {"every": half, "pool": half, "points": 10 * (options.get("k") or 0)}
    network = {name: min(options[name], most) for name, most in limits.items() if options.get(name)}
    parts = {
        name: {**chosen, **({"until": min(chosen["until"], half)} if "until" in chosen else {})}
        for name, chosen in recipe.parts.items()
    }
    pack = parts.get("packing", {}).get("m", 1)
    return dataclasses.replace(
        recipe,
        image_size=image_sizes.get(recipe.name, recipe.image_size),
        network={**recipe.network, **network},
        parts=parts,
        batch_size=-(-min(recipe.batch_size, 8) // pack) * pack,
        steps=steps * (len(recipe.stages) + 1),
        stages=tuple(steps * (i + 1) for i in range(len(recipe.stages))),
        steps_per_execution=1,
        precision="float32",
    )


def trained_steps(recipe, data, steps):
    """Trains a recipe for a few steps in each stage.

    Args:
        recipe: Recipe.
        data: Data of the recipe.
        steps: Integer. Number of steps per stage.

    Returns:
        Tuple: the model, the first batch, and `{stage: {loss: [value of each step]}}`.
    """
    import tensorflow as tf

    recipe = shortened(recipe, steps)
    model = zoo_names().assemble(recipe, data)
    batches = data.batches(model.batches_per_step * recipe.batch_size, recipe.seed)
    callbacks = model.callbacks(data)
    first, losses = None, {}
    for callback in callbacks:
        callback.set_model(model)
    for done, batch in enumerate(batches.take(steps * model.stages)):
        if done % steps == 0:
            model.stage = done // steps
            train_step = tf.function(model.train_step)
        for callback in callbacks:
            callback.on_train_batch_begin(done)
        logs = {name: float(value) for name, value in train_step(batch).items()}
        for callback in callbacks:
            callback.on_train_batch_end(done, logs)
        for name, value in logs.items():
            losses.setdefault(str(model.stage), {}).setdefault(name, []).append(value)
        first = batch if first is None else first
    return model, first, losses


def record_recipe(name, data_dir, steps=8):
    """Returns the losses of a recipe's first steps in each stage, and digests of batch and weights."""
    recipe = zoo_names().find(name)
    model, batch, losses = trained_steps(recipe, data_for(shortened(recipe, steps), data_dir), steps)
    weights = {
        side: weights_digest([v for network in networks for v in network.variables])
        for side, networks in model.sides.items()
    }
    optimizers = {side: weights_digest(o.variables) for side, o in model.optimizers.items()}
    return {
        "batch": {key: array_digest(value.numpy()) for key, value in batch.items()},
        "losses": losses,
        "weights": weights,
        "optimizers": optimizers,
        "memory": weights_digest([v for layer in model.memory for v in layer.variables]),
        "iteration": int(model.iteration.numpy()),
    }


def weights_digest(variables):
    """Returns a digest of variables that does not depend on their order."""
    values = [np.asarray(v) for v in variables]
    tagged = (f"{v.dtype}{v.shape}".encode() + v.tobytes() for v in values)
    hashes = sorted(hashlib.sha256(content).hexdigest() for content in tagged)
    numbers = np.concatenate([v.ravel().astype(np.float64) for v in values] or [np.zeros(0)])
    return {
        "count": int(numbers.size),
        "sum": math.fsum(numbers),
        "abs_sum": math.fsum(np.abs(numbers)),
        "sha256": hashlib.sha256("".join(hashes).encode()).hexdigest(),
    }


def array_digest(array):
    """Returns shape, moments, first values and hash of an array. Text is returned as it is, PNG decoded."""
    array = np.asarray(array)
    if array.dtype == object:
        strings = array.ravel().tolist()
        if not all(s.startswith(b"\x89PNG") for s in strings):
            return {"shape": list(array.shape), "text": [s.decode() for s in strings]}
        import tensorflow as tf

        images = [tf.io.decode_png(s).numpy() for s in strings]
        shapes = [list(image.shape) for image in images]
        return {"shapes": shapes, **array_digest(np.concatenate([image.ravel() for image in images]))}
    values = array.astype(np.float64).ravel()
    return {
        "dtype": str(array.dtype),
        "shape": list(array.shape),
        "mean": float(values.mean()) if values.size else 0.0,
        "std": float(values.std()) if values.size else 0.0,
        "first": values[:16].tolist(),
        "sha256": hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest(),
    }


# Shipped models


def input_values(model, name, spec, interface, rows=3):
    """Returns seeded values for one input of a signature.

    Args:
        model: String. Name of the model, which seeds the values.
        name: String. Name of the input.
        spec: Dictionary with `dtype` and `shape`, from the model card.
        interface: Dictionary. Interface of the model, from the model card.
        rows: Integer. Number of rows. Defaults to 3.
    """
    rng = generator(model, name)
    shape = spec["shape"][1:]
    prior = interface.get("priors", {}).get(name, {})
    if spec["dtype"] == "uint8" or name == "image_bytes":
        height, width, channels = interface["x_shape"]
        scale = interface.get("scale", 1)
        size = (height // scale, width // scale, channels)
        if name != "image_bytes":
            return random_images(rng, rows, *(d or size[i] for i, d in enumerate(shape)))
        return np.array([png(image) for image in random_images(rng, rows, *size)], object)
    if spec["dtype"] == "string":
        return np.array(captions[:rows], object)
    if name == "seed":
        return np.array([0, 1, 12345678901][:rows], np.int64)
    if spec["dtype"].startswith("int"):
        return rng.integers(0, prior.get("classes", 2), (rows, *shape)).astype(spec["dtype"])
    if prior.get("kind") == "uniform":
        return rng.uniform(prior["low"], prior["high"], (rows, *shape)).astype(spec["dtype"])
    return rng.standard_normal((rows, *shape)).astype(spec["dtype"])


def png(image):
    import tensorflow as tf

    return tf.io.encode_png(image).numpy()


def record_trained(name):
    """Returns the outputs of each signature of a shipped model, as a SavedModel and rebuilt."""
    import tensorflow as tf

    trained = zoo_names().load(name)
    offered = zoo_names().rebuild(trained).signatures()
    record = {"saved": {}, "rebuilt": {}, "specs": {}}
    for signature, spec in trained.card.signatures.items():
        inputs = {
            key: tf.constant(input_values(name, key, value, trained.interface))
            for key, value in spec["inputs"].items()
        }
        saved = trained.signatures[signature](**inputs)
        record["saved"][signature] = {key: array_digest(v.numpy()) for key, v in saved.items()}
        if signature not in offered:
            continue
        function, specs = offered[signature]
        rebuilt = tf.function(function, autograph=False).get_concrete_function(**specs)(**inputs)
        record["rebuilt"][signature] = {key: array_digest(v.numpy()) for key, v in rebuilt.items()}
    for signature, (_, specs) in offered.items():
        record["specs"][signature] = {k: f"{v.dtype.name} {v.shape}" for k, v in specs.items()}
    return record


# Flags


def record_flags(verb):
    """Returns `{flag: [type, default]}` of an entry point, without the flags of absl."""
    command = [sys.executable, "-m", f"zoo.{verb}", "--helpxml"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    start = result.stdout.find("<?xml")
    if start < 0:
        return {"error": result.stderr.strip().splitlines()[-1:]}
    flags = {}
    for flag in xml.etree.ElementTree.fromstring(result.stdout[start:].encode()).iter("flag"):
        if not flag.findtext("file").startswith("absl."):
            flags[flag.findtext("name")] = [flag.findtext("type"), flag.findtext("default")]
    return dict(sorted(flags.items()))


# Commands


def record(file, only="", data_dir=None):
    """Writes the record of the project to a file."""
    use_one_thread()
    import keras
    import tensorflow as tf

    groups = {
        "flags": (verbs, record_flags),
        "recipes": (zoo_names().list_recipes(), None),
        "trained": (zoo_names().list_trained(), record_trained),
    }
    started, seconds, absent_data = time.monotonic(), {}, []
    results = {group: {} for group in groups}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_folders(folder)
        data_dir = data_dir or os.path.join(folder, "data")
        groups["recipes"] = (groups["recipes"][0], functools.partial(record_recipe, data_dir=data_dir))
        for group, (names, function) in groups.items():
            for name in names:
                key = f"{group}/{name}"
                if only not in key:
                    continue
                before = time.monotonic()
                keras.utils.clear_session()
                keras.config.set_dtype_policy("float32")
                try:
                    results[group][name] = function(name)
                except zoo_names().missing_data as error:
                    absent_data.append(key)
                    print(f"{key} is left out: {error}", flush=True)
                    continue
                seconds[key] = round(time.monotonic() - before, 1)
                print(f"{time.monotonic() - started:6.0f} s  {key}: {seconds[key]} s", flush=True)
    meta = {
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "cpu": cpu_name(),
        "only": only,
        "without_data": absent_data,
        "seconds": seconds,
    }
    pathlib.Path(file).write_text(json.dumps({"meta": meta, **results}, indent=1) + "\n")


def cpu_name():
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def flat(tree, prefix=""):
    """Returns the leaves of nested dictionaries by their paths."""
    if not isinstance(tree, dict):
        return {prefix: tree}
    leaves = {}
    for key, value in tree.items():
        leaves.update(flat(value, f"{prefix}/{key}"))
    return leaves


def difference(old, new):
    """Describes the difference between two leaves, or returns `None` if they are equal."""
    if same(old, new):
        return None
    try:
        a, b = np.asarray(old, np.float64), np.asarray(new, np.float64)
    except (TypeError, ValueError):
        return f"{old!r} before, {new!r} now"
    if a.shape != b.shape:
        return f"shape {a.shape} before, {b.shape} now"
    absolute = np.abs(a - b)
    relative = absolute / np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(np.float64).tiny)
    return f"largest deviation: absolute {np.max(absolute):.3g}, relative {np.max(relative):.3g}"


def same(old, new):
    """Returns whether two leaves are equal. NaN equals NaN."""
    return json.dumps(old) == json.dumps(new)


def compare(old, new):
    """Prints each difference between two records. Returns the exit status."""
    before, now = (json.loads(pathlib.Path(file).read_text()) for file in (old, new))
    meta_before, meta_now = before.pop("meta"), now.pop("meta")
    for key in ("tensorflow", "keras", "numpy", "python", "cpu"):
        if meta_before[key] != meta_now[key]:
            print(f"note: {key} is {meta_before[key]} before, {meta_now[key]} now")
    before, now = flat(before), flat(now)
    count = 0
    for path in {**before, **now}:
        if path not in now:
            text = "only before"
        elif path not in before:
            text = "only now"
        else:
            text = difference(before[path], now[path])
        if text:
            count += 1
            print(f"{path}: {text}")
    print(f"{count} differences in {len({**before, **now})} values.")
    return 1 if count else 0


# Relative tolerances of all losses after the first of a stage, where they depend on the number of threads.
# Other recipes: 1e-4.
tolerances = {"dualgan_shapes": 0.03, "infogan_digits": 1e-3}
# Number of steps per stage of recipes whose steps take long, or whose later losses depend on the number of
# threads (cyclegan_shapes, dualgan_shapes, infogan_digits, stackgan_shapes). Other recipes: 4 steps.
few_steps = {
    "attributes_recoloured": 2,
    "attributes_shapes": 2,
    "cyclegan_shapes": 2,
    "dcgan_shapes": 2,
    "dualgan_shapes": 2,
    "gan_gaussian": 2,
    "gancls_shapes": 2,
    "infogan_digits": 2,
    "segmenter_shapes": 2,
    "selfcond_grid": 2,
    "selfcond_ring": 2,
    "srgan_photos": 2,
    "stackgan_shapes": 1,
}
# Recipe fields that save time: smaller networks, smaller batches and fewer examples. The parts remain.
first = "train[:500]"
smaller = {
    "attributes_recoloured": {"split": first, "batch_size": 4, "network": {"width": 4, "features": 16}},
    "attributes_shapes": {"split": first, "batch_size": 4, "network": {"width": 4, "features": 16}},
    "dcgan_shapes": {"split": first, "batch_size": 4, "network": {"width": 8}},
    "gan_gaussian": {"split": first},
    "gancls_shapes": {
        "split": first,
        "batch_size": 4,
        "network": {"width": 8, "discriminator_width": 8, "units": 16},
    },
    "segmenter_shapes": {"split": first, "batch_size": 4, "network": {"width": 4}},
    "selfcond_grid": {"split": first, "network": {"k": 25, "width": 20}},
    "selfcond_ring": {"split": first, "network": {"k": 10, "width": 20}},
    "srgan_photos": {"batch_size": 2, "network": {"discriminator_width": 4, "units": 16}},
    "stackgan_shapes": {
        "split": first,
        "batch_size": 4,
        "network": {"width": (8, 8), "discriminator_width": (8, 8), "units": 16, "blocks": 1},
    },
}


def golden_losses(name, data_dir):
    """Returns the losses of a recipe in golden.json: `{stage: {loss: [values]}}`."""
    recipe = zoo_names().find(name)
    changes = {"image_size": recipe.image_size and min(recipe.image_size, 32), **smaller.get(name, {})}
    network = {**recipe.network, **changes.get("network", {})}
    recipe = dataclasses.replace(recipe, **{**changes, "network": network})
    steps = few_steps.get(name, 4)
    data = data_for(shortened(recipe, steps), data_dir)
    return trained_steps(recipe, data, steps)[2]


def write_golden():
    """Writes tests/golden.json."""
    use_one_thread()
    losses = {}
    with tempfile.TemporaryDirectory() as data_dir:
        for name in zoo_names().list_recipes():
            if is_embedded(zoo_names().find(name)):
                before = time.monotonic()
                losses[name] = golden_losses(name, data_dir)
                print(f"{name}: {time.monotonic() - before:.1f} s", flush=True)
    golden_file.write_text(json.dumps(losses, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    recorder = commands.add_parser("record", help="Write a record.")
    recorder.add_argument("file")
    recorder.add_argument("--only", default="", help="Substring of GROUP/NAME, for example recipes/gan_.")
    recorder.add_argument("--data_dir", help="Folder of prepared datasets. Default: a temporary folder.")
    comparer = commands.add_parser("compare", help="List the differences between two records.")
    comparer.add_argument("old")
    comparer.add_argument("new")
    commands.add_parser("golden", help="Rewrite tests/golden.json.")
    args = parser.parse_args()
    if args.command == "compare":
        return compare(args.old, args.new)
    sys.path.insert(0, str(root))
    if args.command == "record":
        data_dir = args.data_dir and os.path.abspath(args.data_dir)
        return record(os.path.abspath(args.file), args.only, data_dir)
    return write_golden()


if __name__ == "__main__":
    sys.exit(main())

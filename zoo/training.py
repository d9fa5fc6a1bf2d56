"""One training run: a folder that it owns, and from which it can go on at any time."""

import contextlib
import csv
import dataclasses
import errno
import fcntl
import json
import math
import os
import pathlib
import platform
import random
import shutil
import sys
import time

import keras
import numpy as np
import tensorflow as tf

from zoo import cli, datasets, optimizers, paths, pictures, previews, registry, serving
from zoo.errors import ZooError, unknown
from zoo.recipe import Recipe, command_of, speed


def fastest_precision():
    """What trains fastest on this machine at equal quality.

    float16 on GPUs with tensor cores, bfloat16 on CPUs with instructions for its products, else
    float32. With AVX-512's, a step of DCGAN, of CycleGAN and of a segmenter took 0.68, 0.56 and 0.44 of
    its float32 time, one of batch 1 or of small dense networks about as long as before.
    """
    if tf.config.list_physical_devices("GPU"):
        return "mixed_float16"
    with contextlib.suppress(OSError):
        known = set(pathlib.Path("/proc/cpuinfo").read_text().split())
        if known & {"amx_bf16", "avx512_bf16"}:
            return "mixed_bfloat16"
    return "float32"


def share_cores(side_by_side):
    """Lets so many operations compute beside each other on a CPU, each on its share of the cores.

    On two cores CycleGAN's default step took 78 ms for 106 where each operation has one of them, DualGAN's
    43 for 73: their networks are small, and G does not wait for F. With 1, and where
    $TF_NUM_INTRAOP_THREADS says otherwise, it stays as it is; so it does where TensorFlow computed before.
    """
    if side_by_side > 1 and "TF_NUM_INTRAOP_THREADS" not in os.environ:
        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(max(os.cpu_count() // side_by_side, 1))


def strategy(name):
    """How training is spread.

    Args:
        name: "one" device, "mirrored" over all local ones, and over several machines "multi_worker", which
            reads the cluster from $TF_CONFIG, or "slurm", which reads it from its own job step.

    Raises:
        ZooError: an unknown name, or several workers without what says where they are.
    """
    makers = {
        "one": tf.distribute.get_strategy,
        "mirrored": tf.distribute.MirroredStrategy,
        "multi_worker": tf.distribute.MultiWorkerMirroredStrategy,
        "slurm": lambda: tf.distribute.MultiWorkerMirroredStrategy(_slurm()),
    }
    if name not in makers:
        raise unknown("strategy", name, makers)
    if name == "multi_worker":
        try:
            json.loads(os.environ.get("TF_CONFIG", ""))
        except ValueError as error:
            raise ZooError(
                f"--strategy=multi_worker needs $TF_CONFIG ({error}), the same cluster and its own task in "
                "each process: https://www.tensorflow.org/guide/distributed_training#TF_CONFIG"
            ) from error
    if name == "slurm" and "SLURM_PROCID" not in os.environ:
        raise ZooError("--strategy=slurm is for the tasks of a Slurm job: srun python -m zoo.train …")
    return makers[name]()


def _slurm():
    """The tasks of this Slurm job step, with the GPUs that Slurm gave this one (--gpus-per-task).

    TensorFlow's resolver would hand out all GPUs of a node itself, and fails where there are none; so it is
    told of as many as there could be tasks, and to hand out none.
    """
    tasks = tf.distribute.cluster_resolver.SlurmClusterResolver(
        gpus_per_node=2**16, gpus_per_task=1, auto_set_gpu=False
    )
    cluster = tasks.cluster_spec()
    kind, number = tasks.get_task_info()
    return tf.distribute.cluster_resolver.SimpleClusterResolver(
        cluster,
        task_type=kind,
        task_id=number,
        num_accelerators={"GPU": len(tf.config.list_physical_devices("GPU"))},
        rpc_layer="grpc",
    )


def _is_chief(spread):
    """Whether this process writes: of several workers the chief, or the first where none is called so."""
    resolver = getattr(spread, "cluster_resolver", None)
    if resolver is None or not resolver.task_type:
        return True
    chief = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    return (resolver.task_type, resolver.task_id) == (chief, 0)


_readers = {
    "examples": lambda recipe, **where: datasets.load(recipe.dataset, **where),
    "photographs": lambda recipe, **where: datasets.load_photographs(recipe.dataset, **where),
    "descriptions": lambda recipe, **where: datasets.load_descriptions(
        recipe.dataset, alike=recipe.alike, **where
    ),
    "pairs": lambda recipe, **where: datasets.load_pairs(
        recipe.dataset, direction=recipe.direction, **where
    ),
    "domains": lambda recipe, **where: datasets.load_domains(recipe.dataset, **where),
}


def data_of(recipe, split=None, data_dir=None, reads=None):
    """The data of a recipe, in the form that its model reads; another split where one is named.

    Args:
        reads: that form, where the model is not in the registry: one of a file that was not read here.
    """
    return _readers[reads or registry.reads(recipe.model)](
        recipe,
        split=split or recipe.split,
        image_size=recipe.image_size,
        channels=recipe.channels,
        data_dir=data_dir,
        augment=recipe.augment if split is None else (),
    )


def assemble(recipe, data):
    """The recipe's model for that data, built and compiled."""
    keras.config.set_dtype_policy(recipe.precision)
    random.seed(recipe.seed)  # from which Keras draws the seeds of the initial weights
    model = registry.build(recipe.model, data.shape, data.classes, **recipe.network)
    missing = set(model.sides) ^ set(recipe.optimizers)
    if missing:
        raise ZooError(
            f"{recipe.model} has the sides {', '.join(model.sides)}; the recipe has optimizers for "
            f"{', '.join(recipe.optimizers)}."
        )
    if len(recipe.stages) + 1 != model.stages:
        raise ZooError(
            f"{recipe.model} has {model.stages} stage(s), so the recipe's `stages` holds "
            f"{model.stages - 1} step(s), at which the next begins, not {recipe.stages}."
        )
    lengths = np.diff([0, *recipe.starts, max(recipe.steps, *recipe.starts, 0)]).tolist()
    made = {
        side: optimizers.make(
            spec,
            average=recipe.average if side == model.averaged_side else 0.0,
            updates=max(1, sum(lengths[stage] for stage in model.stages_of(side)) * model.moves(side)),
        )
        for side, spec in recipe.optimizers.items()
    }
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    if recipe.batch_size // replicas % model.pack:
        raise ZooError(
            f"A batch of {recipe.batch_size // replicas} cannot be packed by {model.pack}: "
            f"--batch_size={60 * model.pack * replicas}."
        )
    # Of several replicas Keras' loop over steps cannot take its batches.
    at_once = math.gcd(recipe.at_once, model.every) if replicas == 1 else 1
    model.compile(made, seed=recipe.seed, steps_per_execution=at_once)
    return model


def train(recipe, out, epochs=None, spread="one", data_dir=None):
    """Trains a recipe in a folder, or goes on with what is there.

    Args:
        recipe: a `Recipe`.
        out: the run's folder.
        epochs: passes over the data, in place of the recipe's steps.
        spread: see `strategy`.
        data_dir: where TFDS keeps its sets.

    Returns:
        The path of the exported SavedModel's version.

    Raises:
        ZooError: the folder is in use or holds another run, the losses became NaN, the disk is
            full, or the recipe does not fit its data.
    """
    out = pathlib.Path(out)
    share_cores(recipe.side_by_side)
    spread = strategy(spread)
    chief = _is_chief(spread)
    tf.config.experimental.enable_op_determinism()
    if epochs is not None and not 0 < epochs < np.inf:
        raise ZooError(f"--epochs takes a number above 0, not {epochs}.")
    with _full():
        data = data_of(recipe, data_dir=data_dir)
    if recipe.precision == "auto":
        recipe = dataclasses.replace(recipe, precision=fastest_precision())
    if epochs is not None:
        a_step = recipe.batch_size * assemble(recipe, data).batches_per_step
        whole = max(round(epochs * data.count / a_step), 1)
        recipe = dataclasses.replace(recipe, steps=whole)
    with _full(), _owned(out) if chief else contextlib.nullcontext(), _lost_worker(spread):
        # Before its first checkpoint a run has nothing to lose, and a mistake may be mended.
        begun = bool(_states(out / "checkpoints"))
        before = _same_recipe(out, recipe) if begun else None
        with spread.scope():
            model = assemble(recipe, data)
            checkpoints = Checkpoints(out / "checkpoints", model, write=chief)
            done = checkpoints.restore()
            model.steps_per_execution = math.gcd(model.steps_per_execution, done)
        k = model.batches_per_step
        if k > 1 and data.count < k * recipe.batch_size:
            raise ZooError(
                f"{data.name} has {data.count} examples, and a step reads {k} batches of "
                f"{recipe.batch_size}. Take fewer or smaller batches (--batch_size), or more data."
            )
        batches = data.batches(k * recipe.batch_size, recipe.seed, first=done)
        if done:
            _goes_on(before, recipe, done)
            print(f"Going on from step {done} of {recipe.steps} in {out}.")
        if chief:
            _keep_recipe(out, recipe)
        for start in recipe.starts:
            if start >= recipe.steps:
                print(
                    f"warning: a stage begins at step {start}, after the last of {recipe.steps}: its "
                    "networks are not trained.",
                    file=sys.stderr,
                )
        record = Record(out, recipe, data, checkpoints, done, write=chief)
        if done < recipe.steps:
            model.fit(
                batches,
                epochs=-(-recipe.steps // recipe.period),
                initial_epoch=done // recipe.period,
                steps_per_epoch=min(recipe.period, recipe.steps),
                shuffle=False,
                callbacks=[Stages(recipe.starts), *model.callbacks(data), record],
                verbose=1 if sys.stdout.isatty() else 2,
            )
        if record.failure:
            raise ZooError(record.failure)
        if not chief:
            return None
        there = _exported(out, recipe) if done == recipe.steps else None
        version = there or export(model, recipe, data, out, record.seconds)
    print(f"Done: {recipe.steps} steps. Pictures in {out}; load it with zoo.load({str(out)!r}).")
    return version


def export(model, recipe, data, out, seconds):
    """Writes the run's SavedModel: float32, one device, averaged weights where there are any."""
    plain = registry.build_in_float32(recipe.model, data.shape, data.classes, **recipe.network)
    with model.averaged():
        for side, networks in model.sides.items():
            for network, copy in zip(networks, plain.sides[side]):
                copy.set_weights(network.get_weights())
        for kept, copy in zip(model.memory, plain.memory):
            copy.set_weights(kept.get_weights())
    if recipe.average:
        plain.settle(data, min(recipe.batch_size, 64))
    folder = out / "saved_model"
    folder.mkdir(parents=True, exist_ok=True)
    before = [path for path in folder.iterdir() if path.is_dir()]
    card = {
        "name": recipe.name,
        "summary": recipe.summary,
        "command": command_of(recipe),
        "recipe": recipe.plain(),
        "data": {
            "name": data.name,
            "count": data.count,
            "classes": data.classes,
            "reads": registry.reads(recipe.model),
        },
        "training": {
            "seconds": round(seconds),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
        },
        "results": [],
    }
    version = serving.export(plain, folder, card, recipe.export, recipe.half_weights)
    for old in before:  # there until now, for those who read it
        shutil.rmtree(old, ignore_errors=True)
    return version


def _exported(out, recipe):
    """The version that a run that goes no further has exported already, or None: to export it again would
    lose what it was measured to do."""
    try:
        trained = serving.load(str(out / "saved_model"))
    except ZooError:
        return None
    made = serving.recipe_of(trained).plain()  # with the fields that came since
    now, then = ({**r, **dict.fromkeys(_told)} for r in (recipe.plain(), made))
    return trained.version if now == then else None


@contextlib.contextmanager
def _owned(out):
    """The run folder, for this process alone."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = open(out / ".lock", "w")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise ZooError(f"{out} cannot be written ({error.strerror}). Choose another --out.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go even by kill -9
        except OSError as error:
            raise ZooError(
                f"{out} is in use by another training. Wait for it, or give this one another --out."
            ) from error
        yield


@contextlib.contextmanager
def _full():
    """Says of a full disk, in Python's words or TensorFlow's, and of full memory, what they mean."""
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        if "No space left" in str(error) or "disk full" in str(error).lower():
            raise ZooError(f"The disk is full. {cli.space}") from error
        if isinstance(error, tf.errors.ResourceExhaustedError):
            raise ZooError(f"Out of memory ({str(error).splitlines()[0][:120]}): --batch_size=…") from error
        raise


@contextlib.contextmanager
def _lost_worker(spread):
    """Says of what is left of several workers what happened to it."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.InternalError) as error:
        if isinstance(spread, tf.distribute.MultiWorkerMirroredStrategy):
            raise ZooError(
                "Another worker is gone, or cannot be reached. Start all again with the same command; "
                "they go on from the last checkpoint."
            ) from error
        raise


# Of a recipe, and no part of a run, or what changes no weight but for rounding.
_told = ("name", "summary", "default", "published", "metrics", *speed)


def _same_recipe(out, recipe):
    """Refuses to go on with another recipe; more steps are no change. Returns the one before, or None."""
    file = out / "recipe.json"
    now = recipe.plain()
    if not file.is_file():
        return None
    try:
        restored = Recipe.restore(json.loads(file.read_text()))
        before = restored.plain()
    except (ValueError, TypeError, AttributeError) as error:
        raise ZooError(f"{file} cannot be read ({error}). Use another --out.") from error
    free = (*_told, "export", "half_weights", "steps", "stages")  # what the last become, `_goes_on` says
    changes = [
        f"{key}: {before[key]!r} there, {now[key]!r} now"
        for key in now
        if before[key] != now[key] and key not in free
    ]
    if changes:
        raise ZooError(
            f"{out} holds a run of another recipe ({'; '.join(changes)}). Give this one "
            "another --out, or the same settings as before."
        )
    return restored


def _goes_on(before, recipe, done):
    """Refuses what a run that has come so far cannot become."""
    if done > recipe.steps:
        raise ZooError(f"This run has made {done} steps already: --steps={done} or more, or another --out.")
    were = before.starts if before else recipe.starts
    begun, now = ([s for s in starts if s < done] for starts in (were, recipe.starts))
    if begun != now:
        raise ZooError(
            f"The next stage of this run began at {begun}, and would at {now}, of {done} steps made. To go "
            f"on: --set 'stages={were}'."
        )


def _keep_recipe(out, recipe):
    with paths.whole(out / "recipe.json") as file:
        file.write_text(json.dumps(recipe.plain(), indent=2) + "\n")


def _states(folder):
    """The paths of the checkpoints in a folder, oldest first: by their files, for the list that TensorFlow
    keeps beside them may be lost, or cut short."""
    steps = (p.stem.partition("-")[2] for p in pathlib.Path(folder).glob("step-*.index"))
    return [str(pathlib.Path(folder) / f"step-{n}") for n in sorted(int(s) for s in steps if s.isdecimal())]


class Checkpoints:
    """The last two states of a run, each whole or not there.

    Args:
        folder: where they are.
        model: a compiled `Adversarial`.
        write: whether this process writes (of several, one does).
    """

    def __init__(self, folder, model, write=True):
        self.folder, self.model, self.write = pathlib.Path(folder), model, write
        for unfinished in self.folder.glob("*_temp") if write else ():
            shutil.rmtree(unfinished, ignore_errors=True)  # of a save that was killed
        # Keys by place, not by Keras' names, which count how many layers a process has made.
        lists = {
            "model": [model.iteration],
            **{f"memory/{i}": m.variables for i, m in enumerate(model.memory)},
        }
        for side, networks in model.sides.items():
            lists.update({f"{side}/{network.name}": network.variables for network in networks})
            lists[f"{side}/optimizer"] = model.optimizers[side].variables
        state = {f"{key}/{i}": v.value for key, vs in lists.items() for i, v in enumerate(vs)}
        self._checkpoint = tf.train.Checkpoint(**{"state": state})
        if write:
            self._mend_list()
            self._manager = tf.train.CheckpointManager(
                self._checkpoint, str(folder), max_to_keep=2, checkpoint_name="step"
            )

    def _mend_list(self):
        """Writes TensorFlow's list of the checkpoints anew where it is not that of the files."""
        there, listed = _states(self.folder), []
        with contextlib.suppress(ValueError):
            state = tf.train.get_checkpoint_state(str(self.folder))
            listed = [os.path.basename(path) for path in state.all_model_checkpoint_paths] if state else []
        if not there:
            (self.folder / "checkpoint").unlink(missing_ok=True)
        elif listed != [os.path.basename(path) for path in there]:
            times = [os.path.getmtime(f"{path}.index") for path in there]
            listing = {"all_model_checkpoint_timestamps": times, "last_preserved_timestamp": 0.0}
            tf.compat.v1.train.update_checkpoint_state(str(self.folder), there[-1], there, **listing)

    def restore(self):
        """Restores the newest state that is whole. Returns its step, 0 where there is none."""
        found = _states(self.folder)[::-1]
        for path in found:
            try:
                self._checkpoint.restore(path).assert_existing_objects_matched().assert_consumed()
                return int(self.model.iteration.numpy())
            except (tf.errors.OpError, ValueError, AssertionError, LookupError) as error:
                reason = str(error).splitlines()[0][:120]
                print(f"warning: checkpoint {path} is damaged ({reason}).", file=sys.stderr)
        if found:
            raise ZooError(
                f"No checkpoint in {self.folder} can be read. Start anew with another --out, or "
                f"delete {self.folder}."
            )
        return 0

    def save(self):
        if self.write:
            self._manager.save(int(self.model.iteration.numpy()), check_interval=False)

    def protect(self):
        """Copies the newest state to where it is never overwritten, as a run that can be gone on with.
        Returns its folder; None where there is no state yet."""
        run, states = self.folder.parent, _states(self.folder)
        if not states:
            return None
        newest = pathlib.Path(states[-1])
        kept = run / "last_good" / newest.name
        if self.write and not kept.exists():
            partial = kept.with_name(f".{newest.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            (partial / "checkpoints").mkdir(parents=True)
            for file in (newest.parent / "checkpoint", *newest.parent.glob(newest.name + ".*")):
                shutil.copy(file, partial / "checkpoints")
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(run / "recipe.json", partial)
            os.replace(partial, kept)
        return kept


class Stages(keras.callbacks.Callback):
    """Moves the model on to its next stage at the recipe's steps."""

    def __init__(self, starts):
        super().__init__()
        self.starts = starts

    def on_train_batch_begin(self, batch, logs=None):
        done = int(self.model.iteration.numpy())
        stage = sum(done >= start for start in self.starts)
        if stage != self.model.stage:
            self.model.stage = stage
            self.model.make_train_function(force=True)  # the graph of the stage before would go on


class Record(keras.callbacks.Callback):
    """What a run leaves behind each period: losses, samples, curves, TensorBoard, a checkpoint.

    Also notices losses that are no numbers and generators that make one thing only.
    """

    collapsed_below = 0.1  # the samples' spread over the data's

    def __init__(self, out, recipe, data, checkpoints, done, write):
        super().__init__()
        self.out, self.recipe, self.checkpoints = out, recipe, checkpoints
        self.write = write
        self.step = done
        self.window = recipe.period // 10
        self.failure = None
        self._pending = []
        self._rows = self._kept_rows(done)
        self.seconds = float(self._rows[-1]["seconds"]) if self._rows else 0.0
        self._data, self._done = data, done

    def on_train_begin(self, logs=None):
        self._started = time.monotonic() - self.seconds
        if self.write:
            self._board = tf.summary.create_file_writer(str(self.out / "tensorboard"))
            self._preview = previews.preview(self.model, self._data)
            # Before a generator has learned anything it makes one thing only; that is no collapse.
            self._warned = False
            self._varied = bool(self._done) and self._spread_now() >= self.collapsed_below

    def on_train_batch_end(self, batch, logs=None):
        self.step += self.model.steps_per_execution
        values = {name: float(np.mean(value)) for name, value in logs.items()}
        if not all(np.isfinite(v) for v in values.values()):
            bad = ", ".join(f"{k} = {v}" for k, v in values.items() if not np.isfinite(v))
            self._fail(bad)
            return
        self._pending.append(values)
        at_once = self.model.steps_per_execution
        crossed = self.step % max(self.window, at_once) < at_once  # the end of a window
        if crossed or self.step % self.recipe.period == 0 or self.step >= self.recipe.steps:
            self._note()
        if self.step >= self.recipe.steps:
            self.model.stop_training = True

    def _fail(self, what):
        folder = self.checkpoints.folder
        good = f" The last good checkpoint is kept in {folder}." if _states(folder) else ""
        self.failure = (
            f"At step {self.step} {what}.{good} Start a run in another --out with a lower learning "
            f"rate (--set optimizers.{next(iter(self.recipe.optimizers))}.learning_rate=…), or "
            "--precision=float32."
        )
        self.model.stop_training = True

    def _note(self):
        """Averages the losses since the last row into a new one; of a loss that no longer is or not
        yet, nothing. Of several steps that one call of the graph makes, Keras tells the last one's."""
        names = dict.fromkeys(name for values in self._pending for name in values)
        means = {k: np.mean([v[k] for v in self._pending if k in v]) for k in names}
        self.seconds = time.monotonic() - self._started
        self._rows.append({"step": self.step, "seconds": round(self.seconds, 1), **means})
        self._pending = []

    def on_epoch_end(self, epoch, logs=None):
        if self.failure:
            return
        for side in self.model.sides:  # the losses are of the weights before the last update
            if not all(np.all(np.isfinite(v)) for v in self.model.side_variables(side)):
                return self._fail(f"the weights of the {side} are no numbers")
        if self.write:
            self._pictures()
            self._write_rows()  # first: rows later than the checkpoint are dropped on going on
        self.checkpoints.save()

    def _spread_now(self):
        with self.model.averaged():
            return self._preview.draw(self.step)[1]

    def _pictures(self):
        with self.model.averaged():
            picture, spread = self._preview.draw(self.step)
        with self._board.as_default():
            for name, value in self._rows[-1].items():
                if name != "step":
                    tf.summary.scalar(name, value, self.step)
            if picture is not None:
                tf.summary.image("samples", picture[None], self.step)
        self._board.flush()
        pictures.save(self.out / "curves.png", pictures.curves(self.history()))
        if picture is None:
            return
        pictures.save(self.out / "samples" / f"step_{self.step:07d}.png", picture)
        collapsed = spread < self.collapsed_below
        last = self.step >= self.recipe.steps
        if collapsed and (self._varied or (last and not self._warned)):
            self._warned = True
            kept = self.checkpoints.protect()
            good = f" The checkpoint before it is kept in {kept}." if kept else ""
            print(
                f"\nwarning: collapse at step {self.step}: the samples vary {spread:.1%} as much as "
                f"the data.{good} Other seeds, a lower learning rate or another game may help.",
                file=sys.stderr,
            )
        self._varied = not collapsed

    def on_train_end(self, logs=None):
        if self.write:
            self._board.close()
            frames = sorted((self.out / "samples").glob("step_*.png"))
            pictures.animate(self.out / "samples.gif", _read(pictures.thinned(frames, 60)))

    def history(self):
        """{"step": […], loss: […], …}; NaN where a stage has no such loss."""
        names = [n for n in self._columns() if n != "seconds"]
        return {n: [float(row.get(n) or "nan") for row in self._rows] for n in names}

    def _columns(self):
        return list(dict.fromkeys(name for row in self._rows for name in row))

    def _kept_rows(self, done):
        file = self.out / "history.csv"
        if not file.is_file():
            return []
        with open(file) as lines:
            return [row for row in csv.DictReader(lines) if int(row["step"]) <= done]

    def _write_rows(self):
        with paths.whole(self.out / "history.csv") as partial, open(partial, "w", newline="") as file:
            writer = csv.DictWriter(file, self._columns())
            writer.writeheader()
            writer.writerows(self._rows)


def _read(files):
    from PIL import Image

    frames = [np.asarray(Image.open(f)) for f in files]
    return [f[..., None] if f.ndim == 2 else f for f in frames]

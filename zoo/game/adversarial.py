"""The training loop that all adversarial models share.

A model is a subclass of `Adversarial` whose `train_step` follows the algorithm of its paper:

    @step
    def train_step(self, batch):
        x = self.real(batch)
        fakes = …
        with self.turn("discriminator") as d:
            d.loss = losses.minimax(self.discriminator(x, training=True), …)

Loss scaling, replicas, weight averages, seeds and metrics are implemented here.
"""

import contextlib
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import randomness

Batch = dict[str, tf.Tensor]
Signature = tuple[Callable[..., dict[str, tf.Tensor]], dict[str, tf.TensorSpec]]


class TrainingData(Protocol):
    """The methods of `zoo.datasets.data.Data` that a model uses."""

    def batches(self, batch_size: int, seed: int, first: int = 0) -> tf.data.Dataset:
        """Returns endless batches."""

    def columns(self, start: int = 0, stop: int | None = None) -> dict[str, Any]:
        """Returns examples as arrays."""


def step(
    train_step: Callable[["Adversarial", Batch], None],
) -> Callable[["Adversarial", Batch], dict[str, tf.Tensor]]:
    """Decorates the `train_step` of an `Adversarial`.

    The decorated method runs inside the random source of the step and counts the step. It returns the
    losses of all turns and the values of `report`.
    """

    @functools.wraps(train_step)
    def counted(self: "Adversarial", batch: Batch) -> dict[str, tf.Tensor]:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        self._reports = {}
        with randomness.Draws(self.seed, self.iteration.value, replica):
            train_step(self, batch)
        self.iteration.assign_add(1)
        return self._logs()

    return counted


class Turn:
    """One update of a side.

    Attributes:
        loss: Scalar tensor to minimize, set by `train_step`.
    """

    loss: tf.Tensor | None = None

    def __init__(self, tape: tf.GradientTape) -> None:
        self._tape = tape

    def paused(self) -> contextlib.AbstractContextManager:
        """Returns a context in which the tape of this turn does not record.

        Use it around a turn of another side.
        """
        return self._tape.stop_recording()


class Adversarial(keras.Model):
    """A Keras model with several sides, each with its own networks and optimizer.

    Args:
        sides: Dict, `{name: networks}`, in the order in which the losses are shown.
        **kwargs: Keyword arguments of `keras.Model`.

    Attributes:
        sides: Dict, as given.
        iteration: int64 variable. Number of steps so far.
        batches_per_step: Integer. Number of batches that one `train_step` receives. A model with several
            discriminator updates per step sets it and divides its input with `split`. Defaults to 1.
        every: Integer. Number of steps between callback calls. 0 if the model does not have such a
            callback. Defaults to 0.
        pack: Integer. Number of examples that the discriminator sees together. Defaults to 1.
        stages: Integer. Number of stages. The field `stages` of a recipe sets their lengths. Defaults to 1.
        stage: Integer. Current stage, from 0. A Python number, since each stage has its own graph.
        memory: Tuple of layers that do not belong to a side and whose variables a checkpoint keeps.
        averaged_side: String. Side whose weights the field `average` of a recipe averages. Defaults to
            "generator".
        task: String. Task of the trained model. See `zoo/tasks`.
        values: Dict, `{side: names}`, of the values that `train_step` passes to `extended`.
        views: Tuple of strings. Names of the inputs that `train_step` passes through a `view`.
        parts: List of the extensions that a recipe adds. See `zoo/parts`.
        data_label: String. Name of the input that takes labels of the data, or "".
        names: Sequence of strings. Names of the labels of the data, for the export, or `None`.
        stop: Variable that is 1 in a worker that has to stop. With several workers, each step reports its
            mean as "stop".
        preview: Class of the images that a run writes each period, called with the model and its data, or
            `None`. See `zoo/tasks/preview.py`.
    """

    batches_per_step: int = 1
    every: int = 0
    pack: int = 1
    stages: int = 1
    stage: int = 0
    memory: tuple = ()
    averaged_side: str = "generator"
    task: str = ""
    values: Mapping[str, Sequence[str]] = {}
    views: tuple[str, ...] = ()
    parts: Sequence[Any] = ()
    preview: Callable[..., Any] | None = None
    data_label: str = ""
    names: Sequence[str] | None = None
    stop: tf.Variable | None = None
    _reports: dict[str, tf.Tensor]

    def __init__(self, sides: dict[str, list[keras.Model]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sides = sides
        self.seed = 0
        self.iteration = self.add_weight(
            name="iteration",
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
        self.optimizers: dict[str, keras.optimizers.Optimizer] = {}

    def side_variables(self, side: str) -> list[keras.Variable]:
        """Returns the trainable variables of a side."""
        return [v for network in self.sides[side] for v in network.trainable_variables]

    def attach(self, parts: Iterable[Any]) -> None:
        """Adds extensions to the model.

        Args:
            parts: List of parts. See `zoo/parts/base.py`.

        Raises:
            ZooError: A part needs a value, an input or a side that the model does not have.
        """
        self.parts = [part.attach(self) for part in parts]
        self.stages = max([self.stages, *(getattr(part, "stage", 0) + 1 for part in self.parts)])
        self.memory = (*self.memory, *(m for part in self.parts for m in getattr(part, "memory", ())))

    def show(self, captions: Sequence[str]) -> None:
        """Sets the captions of sample grids.

        Raises:
            ZooError: The model does not take captions.
        """
        raise ZooError(f"{type(self).__name__} does not take captions. Remove the recipe's examples.")

    def adapt(self, data: TrainingData) -> None:
        """Sets initial weights that depend on the training data, before the first step.

        Does nothing. A model whose paper has such weights overrides it.

        Args:
            data: The training data, a `zoo.datasets.Data`.
        """

    def extended(self, side: str, loss: tf.Tensor, **values: Any) -> tf.Tensor:
        """Returns the loss of a side after the recipe's loss parts.

        Args:
            side: String. The side.
            loss: Scalar tensor. The paper's own loss.
            **values: Named values that parts may need, those in `values[side]`.
        """
        assert set(values) == set(self.values.get(side, ())), f"values[{side!r}] differs from {set(values)}"
        for part in self.parts:
            if hasattr(part, "needs") and self.stage >= part.stage and side in part.sides(self):
                loss = part(self, side, loss, values)
        return loss

    def view(self, name: str) -> Callable[[tf.Tensor], tf.Tensor]:
        """Returns the change that the recipe's input parts make to an input, as a function.

        Random values are drawn here, so that several calls of the function make the same change.
        """
        changes = [part.view(self) for part in self.parts if getattr(part, "input", None) == name]
        return lambda x: functools.reduce(lambda x, change: change(x), changes, x)

    def has_view(self, name: str) -> bool:
        """Returns whether an input part changes an input."""
        return any(getattr(part, "input", None) == name for part in self.parts)

    def stages_of(self, side: str) -> Iterable[int]:
        """Returns the stages, from 0, in which a side is updated."""
        return range(self.stages)

    def moves(self, side: str) -> int:
        """Returns the number of updates of a side per step."""
        return self.batches_per_step if side == "discriminator" else 1

    def compile(
        self,
        optimizers: Mapping[str, keras.optimizers.Optimizer],
        seed: int = 0,
        steps_per_execution: int = 1,
    ) -> None:
        """Sets the optimizer of each side.

        Args:
            optimizers: Dict, `{side: optimizer}`.
            seed: Integer. Random seed of the run. Defaults to 0.
            steps_per_execution: Integer. Number of steps per call of the graph. Defaults to 1.
        """
        super().compile(
            optimizer=None,  # the default is one RMSprop for all sides
            jit_compile=False,  # Keras does not combine XLA with deterministic ops
            steps_per_execution=steps_per_execution,
        )
        self.seed = seed
        for side, optimizer in optimizers.items():
            if keras.config.dtype_policy().name == "mixed_float16":
                optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
            optimizer.build(self.side_variables(side))  # a checkpoint restores only built optimizers
            self.optimizers[side] = optimizer
        self.built = True

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Does nothing. The model is already built, and Keras' check fails on several workers."""

    @contextlib.contextmanager
    def turn(self, side: str) -> Iterator[Turn]:
        """Updates a side at the end of a `with` block.

        The gradient is taken with respect to the variables of the side only. The loss is reported as
        "<side>_loss".

        Args:
            side: String. The side.

        Yields:
            A `Turn`, whose `loss` must be set inside the block.
        """
        variables = self.side_variables(side)
        optimizer = self.optimizers[side]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for variable in variables:
                tape.watch(variable.value)
            turn = Turn(tape)
            yield turn
            replicas = tf.distribute.get_strategy().num_replicas_in_sync
            target = optimizer.scale_loss(turn.loss / replicas)  # gradients are summed over replicas
        self.report(f"{side}_loss", turn.loss)
        self.move(side, variables, tape.gradient(target, [v.value for v in variables]))
        for part in self.parts:
            if hasattr(part, "after"):
                part.after(self, side)

    def move(self, side: str, variables: list[keras.Variable], gradients: list[tf.Tensor | None]) -> None:
        """Applies the gradients of a side.

        Args:
            side: String. The side.
            variables: List of variables.
            gradients: List of gradients, `None` for variables that the loss does not depend on.
        """
        optimizer = self.optimizers[side]
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            gradients = _agree_on_overflow(gradients)
        optimizer.apply(gradients, variables)

    def report(self, name: str, value: tf.Tensor) -> None:
        """Reports a scalar of this step next to the losses."""
        self._reports[name] = tf.cast(value, tf.float32)

    def _logs(self) -> dict[str, tf.Tensor]:
        """Returns the reported values in the form that `fit` expects."""
        if isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy):
            # With several workers, `fit` reduces values over axis 0.
            if self.stop is not None:
                self.report("stop", self.stop)
            return {name: tf.reshape(value, [1]) for name, value in self._reports.items()}
        return dict(self._reports)

    def split(self, values: tf.Tensor) -> list[tf.Tensor]:
        """Splits the examples of one step into `batches_per_step` batches."""
        return tf.split(values, self.batches_per_step)

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """Replaces the weights by their moving averages (EMA) inside a `with` block.

        Sides whose optimizer does not keep averages are left unchanged.
        """
        live = []
        for side, optimizer in self.optimizers.items():
            optimizer = getattr(optimizer, "inner_optimizer", optimizer)
            if optimizer.use_ema:
                for variable, average in zip(
                    self.side_variables(side), optimizer._model_variables_moving_average
                ):
                    live.append((variable, variable.numpy()))
                    variable.assign(average)
        try:
            yield
        finally:
            for variable, value in live:
                variable.assign(value)

    def recalibrate_batch_norm(self, data: TrainingData, size: int, batches: int = 32) -> None:
        """Recomputes the batch-norm statistics of the averaged side.

        The moving averages of training belong to the latest weights, not to the averaged weights. Does
        nothing if the side does not have batch norm.

        Args:
            data: The training data, a `zoo.datasets.Data`.
            size: Integer. Batch size.
            batches: Integer. Number of batches. Defaults to 32.

        Reference:
            Izmailov et al., 2018, "Averaging Weights Leads to Wider Optima and Better Generalization",
            arXiv 1803.05407, section 3.2.
        """
        layers = itertools.chain(*(n._flatten_layers() for n in self.sides[self.averaged_side]))
        norms = {n: n.momentum for n in layers if isinstance(n, keras.layers.BatchNormalization)}
        if not norms:
            return
        try:
            for i, batch in enumerate(data.batches(size, seed=0).take(batches)):
                for norm in norms:
                    norm.momentum = i / (i + 1)  # the mean of all batches
                with randomness.Draws(0, i, 0):
                    self.forward(batch)
        finally:
            for norm, momentum in norms.items():
                norm.momentum = momentum

    def forward(self, batch: Batch) -> None:
        """Runs the averaged side on a batch in training mode.

        Override it if that side has batch norm.

        Args:
            batch: Dict of tensors.
        """

    def callbacks(self, data: TrainingData) -> list[keras.callbacks.Callback]:
        """Returns Keras callbacks that the model needs in training.

        Args:
            data: The training data, a `zoo.datasets.Data`.
        """
        return []

    def signatures(self) -> dict[str, Signature]:
        """Returns the signatures of the exported model.

        Returns:
            Dict, `{name: (function, {input: tf.TensorSpec})}`.
        """
        return {}

    def label_facts(self) -> dict[str, str]:
        """Returns the part of `describe` about labels of the data, which is empty without them."""
        return {"data_label": self.data_label} if self.data_label else {}

    def describe(self) -> dict[str, Any]:
        """Returns facts about the inputs of the signatures as JSON values, for the model card."""
        return {}


def _agree_on_overflow(gradients: list[tf.Tensor | None]) -> list[tf.Tensor | None]:
    """Makes all replicas see a NaN or infinite gradient of one replica.

    Keras' LossScaleOptimizer only checks the gradients of replica 0. The sum of 0 · gradient over the
    replicas is NaN if one of them is not finite, and 0 otherwise.
    """
    present = [g for g in gradients if g is not None]
    context = tf.distribute.get_replica_context()
    spread = context.all_reduce("sum", tf.add_n([tf.reduce_sum(0.0 * g) for g in present]))
    return [None if g is None else g + tf.cast(spread, g.dtype) for g in gradients]

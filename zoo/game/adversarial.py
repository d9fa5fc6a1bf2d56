"""The game: what every adversarial scheme shares and no paper mentions.

A scheme is a subclass of `Adversarial` whose `train_step` reads like its paper's algorithm:

    @step
    def train_step(self, batch):
        x = self.real(batch)
        fakes = …
        with self.turn("discriminator") as d:
            d.loss = losses.minimax(self.discriminator(x, training=True), …)

Loss scaling, replicas, averages of weights, seeds and metrics live here, once.
"""

import contextlib
import functools
import itertools

import keras
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import randomness


def step(train_step):
    """Makes a method one step of the game.

    It opens the step's own randomness, counts the step, and returns what the turns lost and
    what `report` was told, as Keras wants it.
    """

    @functools.wraps(train_step)
    def counted(self, batch):
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        self._reports = {}
        with randomness.Draws(self.seed, self.iteration.value, replica):
            train_step(self, batch)
        self.iteration.assign_add(1)
        return self._logs()

    return counted


class Turn:
    """One side's move. The scheme sets `loss`, a scalar to minimise."""

    loss = None

    def __init__(self, tape):
        self._tape = tape

    def paused(self):
        """Stops this side's tape from recording, while the other side moves within."""
        return self._tape.stop_recording()


class Adversarial(keras.Model):
    """A game between sides, each a list of networks with an optimizer.

    Args:
        sides: {name: [networks]}, in the order in which their losses are shown.

    Attributes:
        sides: as given.
        iteration: how many steps were made, int64.
        batches_per_step: how many batches one `train_step` takes in; a scheme with several
            discriminator updates a step raises it and splits what it is given with `split`.
        every: a callback of the scheme acts before every so many steps; 0: it has none that does.
        pack: how many examples its discriminator judges together.
        stages: how many the scheme has; a recipe's `stages` says when the second, third, … begin.
        stage: which it is in, from 0. A Python number: each stage has a graph of its own.
        memory: layers that belong to no side and whose variables a checkpoint keeps.
        averaged_side: the side whose weights a recipe's `average` is about.
        task: String. Task of the trained model. See `zoo/tasks`.
        values: Dict, `{side: names}`, of the values that `train_step` passes to `extended`.
        views: Tuple of strings. Names of the inputs that `train_step` passes through a `view`.
        parts: List of the extensions that a recipe adds. See `zoo/parts`.
        preview: Class of the images that a run writes each period, called with the model and its data, or
            None. See `zoo/tasks/preview.py`.
    """

    batches_per_step = 1
    every = 0
    pack = 1
    stages = 1
    stage = 0
    memory = ()
    averaged_side = "generator"
    task = ""
    values = {}
    views = ()
    parts = ()
    preview = None

    def __init__(self, sides, **kwargs):
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
        self.optimizers = {}

    def side_variables(self, side):
        """The variables that a side moves."""
        return [v for network in self.sides[side] for v in network.trainable_variables]

    def attach(self, parts):
        """Adds extensions to the model.

        Args:
            parts: List of parts. See `zoo/parts/base.py`.

        Raises:
            ZooError: A part needs a value, an input or a side that the model does not have.
        """
        self.parts = [part.attach(self) for part in parts]
        self.stages = max([self.stages, *(getattr(part, "stage", 0) + 1 for part in self.parts)])
        self.memory = (*self.memory, *(m for part in self.parts for m in getattr(part, "memory", ())))

    def show(self, captions):
        """Sets the captions of sample grids.

        Raises:
            ZooError: The model does not take captions.
        """
        raise ZooError(f"{type(self).__name__} does not take captions. Remove the recipe's examples.")

    def extended(self, side, loss, **values):
        """Returns the loss of a side after the recipe's loss parts.

        Args:
            side: String. The side.
            loss: Scalar tensor. The paper's own loss.
            **values: Named values that parts may need, those in `values[side]`.
        """
        for part in self.parts:
            if hasattr(part, "needs") and self.stage >= part.stage and side in part.sides(self):
                loss = part(self, side, loss, values)
        return loss

    def view(self, name):
        """Returns the change that the recipe's input parts make to an input, as a function.

        Random values are drawn here, so that several calls of the function make the same change.
        """
        changes = [part.view(self) for part in self.parts if getattr(part, "input", None) == name]
        return lambda x: functools.reduce(lambda x, change: change(x), changes, x)

    def has_view(self, name):
        """Returns whether an input part changes an input."""
        return any(getattr(part, "input", None) == name for part in self.parts)

    def stages_of(self, side):
        """The stages in which a side plays, from 0."""
        return range(self.stages)

    def moves(self, side):
        """How many moves a side makes in one step."""
        return self.batches_per_step if side == "discriminator" else 1

    def compile(self, optimizers, seed=0, steps_per_execution=1):
        """Gives each side its optimizer.

        Args:
            optimizers: {side: Keras optimizer}.
            seed: the run's seed; with the step it decides every random draw.
            steps_per_execution: how many steps one call of the graph makes.
        """
        super().compile(
            optimizer=None,  # Keras' default would be an RMSprop over both sides
            jit_compile=False,  # Keras has no XLA beside deterministic ops; what it would bring: README
            steps_per_execution=steps_per_execution,
        )
        self.seed = seed
        for side, optimizer in optimizers.items():
            if keras.config.dtype_policy().name == "mixed_float16":
                optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
            optimizer.build(self.side_variables(side))  # unbuilt, a restore would skip its state
            self.optimizers[side] = optimizer
        self.built = True

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Nothing: all is built by now, and Keras' way to see so fails with several workers."""

    @contextlib.contextmanager
    def turn(self, side):
        """One side's move: watches its variables alone, and moves them on leaving.

        Yields:
            A `Turn`, whose `loss` must be set inside. It is reported as "<side>_loss".
        """
        variables = self.side_variables(side)
        optimizer = self.optimizers[side]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for variable in variables:
                tape.watch(variable.value)
            turn = Turn(tape)
            yield turn
            replicas = tf.distribute.get_strategy().num_replicas_in_sync
            target = optimizer.scale_loss(turn.loss / replicas)  # replicas' gradients are summed
        self.report(f"{side}_loss", turn.loss)
        self.move(side, variables, tape.gradient(target, [v.value for v in variables]))
        for part in self.parts:
            if hasattr(part, "after"):
                part.after(self, side)

    def move(self, side, variables, gradients):
        """Applies a side's gradients (None where the loss does not reach a variable)."""
        optimizer = self.optimizers[side]
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            gradients = _agree_on_overflow(gradients)
        optimizer.apply(gradients, variables)

    def report(self, name, value):
        """Shows a scalar of this step beside the losses."""
        self._reports[name] = tf.cast(value, tf.float32)

    def _logs(self):
        if isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy):
            # `fit` reduces what several workers return over axis 0.
            return {name: tf.reshape(value, [1]) for name, value in self._reports.items()}
        return dict(self._reports)

    def split(self, values):
        """Cuts the batch of one step into `batches_per_step` batches."""
        return tf.split(values, self.batches_per_step)

    @contextlib.contextmanager
    def averaged(self):
        """Puts the averages of the weights (where an optimizer keeps them) in their place."""
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

    def recalibrate_batch_norm(self, data, size, batches=32):
        """Finds batch norm's statistics of the averaged side anew: those that training kept are of the
        weights of its last updates, not of their average. Izmailov et al. 2018, Averaging Weights Leads to
        Wider Optima, arXiv 1803.05407, §3.2.

        Args:
            data: what it was trained on, a `zoo.datasets.Data`.
            size, batches: how many examples a batch, and how many of these.
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

    def forward(self, batch):
        """What the averaged side makes of a batch in training. To say, where it has batch norm."""

    def callbacks(self, data):
        """What the scheme does between steps, as Keras callbacks.

        Args:
            data: what it is trained on, a `zoo.datasets.Data`.
        """
        return []

    def signatures(self):
        """What the trained model offers: {name: (function, {input: tf.TensorSpec})}."""
        return {}

    def describe(self):
        """What a card says of the signatures' inputs, as plain data."""
        return {}


def _agree_on_overflow(gradients):
    """Makes a gradient that is not finite on one replica so on all.

    Keras' LossScaleOptimizer asks replica 0 alone, so that another replica's NaN would reach
    the weights. Adding 0 · (the sum over the replicas) spreads it, and changes nothing else.
    """
    present = [g for g in gradients if g is not None]
    context = tf.distribute.get_replica_context()
    spread = context.all_reduce("sum", tf.add_n([tf.reduce_sum(0.0 * g) for g in present]))
    return [None if g is None else g + tf.cast(spread, g.dtype) for g in gradients]

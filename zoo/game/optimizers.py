"""Optimizers and schedules of the papers, with one fused kernel per variable.

A recipe describes them as plain data: `{"name": "adam", "learning_rate": 2e-4, "beta_1": 0.5}`.
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from zoo.errors import ZooError, unknown


class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is constant at first and then decays linearly to 0.

    Args:
        start: Float. Initial learning rate.
        constant: Float in [0, 1). Share of the updates before the decay.
        updates: Integer. Number of updates of the whole training.
        every: Integer. Number of updates between changes, such as those of an epoch. Defaults to 1.

    Raises:
        ValueError: `constant` is outside [0, 1), or `every` is less than 1.

    Example:
        >>> schedule = LinearDecay(0.1, constant=0.5, updates=100)
        >>> [round(float(schedule(step)), 3) for step in (0, 50, 75, 100)]
        [0.1, 0.1, 0.05, 0.0]
    """

    def __init__(self, start: float, constant: float, updates: int, every: int = 1) -> None:
        if not 0 <= constant < 1:
            raise ValueError(f"the share of constant rate must be in [0, 1), not {constant}")
        if every < 1:
            raise ValueError(f"the updates between changes must be at least 1, not {every}")
        self.start, self.constant, self.updates, self.every = start, constant, updates, every

    def __call__(self, step: int | tf.Tensor) -> tf.Tensor:
        """Returns the learning rate at an update."""
        step = tf.cast(step, tf.int64)
        done = tf.cast(step - step % self.every, tf.float32) / self.updates
        return self.start * tf.clip_by_value((1.0 - done) / (1.0 - self.constant), 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the schedule as a dict."""
        return {
            "start": self.start, "constant": self.constant, "updates": self.updates, "every": self.every
        }  # fmt: skip


class StepDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is multiplied by a factor at equal distances.

    Args:
        start: Float. Initial learning rate.
        factor: Float. Factor of each change.
        every: Integer. Number of updates between changes, such as those of 100 epochs.

    Raises:
        ValueError: `every` is less than 1.

    Example:
        >>> schedule = StepDecay(0.8, factor=0.5, every=10)
        >>> [round(float(schedule(step)), 3) for step in (0, 9, 10, 25)]
        [0.8, 0.8, 0.4, 0.2]
    """

    def __init__(self, start: float, factor: float, every: int) -> None:
        if every < 1:
            raise ValueError(f"the updates between changes must be at least 1, not {every}")
        self.start, self.factor, self.every = start, factor, every

    def __call__(self, step: int | tf.Tensor) -> tf.Tensor:
        """Returns the learning rate at an update."""
        changes = tf.cast(tf.cast(step, tf.int64) // self.every, tf.float32)
        return self.start * tf.pow(tf.constant(self.factor, tf.float32), changes)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the schedule as a dict."""
        return {"start": self.start, "factor": self.factor, "every": self.every}


class Adam(keras.optimizers.Adam):
    """Adam with one fused kernel per variable.

    The updates agree with those of `keras.optimizers.Adam` up to rounding.

    Args:
        *args: Positional arguments of `keras.optimizers.Adam`.
        amsgrad: Boolean. Must be `False`. Defaults to `False`.
        **kwargs: Other keyword arguments of `keras.optimizers.Adam`.

    Raises:
        ValueError: `amsgrad` is `True`.

    Reference:
        Kingma and Ba, 2014, "Adam: A Method for Stochastic Optimization", arXiv 1412.6980.
    """

    def __init__(self, *args: Any, amsgrad: bool = False, **kwargs: Any) -> None:
        if amsgrad:
            raise ValueError("AMSGrad is not offered")
        super().__init__(*args, **kwargs)

    def update_step(self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor) -> None:
        """Updates one variable."""
        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(tf.constant(self.beta_1), step),
            beta2_power=tf.pow(tf.constant(self.beta_2), step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )


class SGD(keras.optimizers.Optimizer):
    """Stochastic gradient descent with the schedules of the GAN authors' code.

    Args:
        learning_rate: Float. Learning rate of the first update. Defaults to 0.1.
        decay: Float. The learning rate is divided by it at each update. Defaults to 1.
        minimum: Float. Lower bound of the learning rate. Defaults to 0.
        momentum: Float. Momentum of the first update. Defaults to 0.
        final_momentum: Float. Momentum after `ramp` updates. `None` for a constant momentum. Defaults to
            `None`.
        ramp: Integer. Number of updates over which the momentum changes linearly. 0 uses `final_momentum`
            from the first update. Defaults to 0.
        clip_columns: Float. Maximum Euclidean norm of each column of a matrix ("max column norm"). 0
            disables it. Defaults to 0.
        **kwargs: Other keyword arguments of `keras.optimizers.Optimizer`.

    Reference:
        Goodfellow et al., 2014, "Generative Adversarial Nets", arXiv 1406.2661, and its code.
    """

    def __init__(
        self,
        learning_rate: float | LinearDecay = 0.1,
        decay: float = 1.0,
        minimum: float = 0.0,
        momentum: float = 0.0,
        final_momentum: float | None = None,
        ramp: int = 0,
        clip_columns: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.decay, self.minimum = decay, minimum
        self.momentum = momentum
        self.final_momentum = momentum if final_momentum is None else final_momentum
        self.ramp, self.clip_columns = ramp, clip_columns

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Creates the velocities of the variables."""
        if not self.built:
            super().build(variables)
            self.velocities = self.add_optimizer_variables(variables, "velocity")

    def update_step(self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor) -> None:
        """Updates one variable."""
        t = tf.cast(self.iterations, tf.float32)
        rate = tf.maximum(tf.cast(learning_rate, tf.float32) / self.decay**t, self.minimum)
        progress = tf.minimum(t / self.ramp, 1.0) if self.ramp else 1.0
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=variable.handle,
            accum=self.velocities[self._get_variable_index(variable)].value.handle,
            lr=rate,
            grad=tf.cast(gradient, tf.float32),
            momentum=self.momentum + (self.final_momentum - self.momentum) * progress,
        )
        if self.clip_columns and len(variable.shape) == 2:
            variable.assign(tf.clip_by_norm(variable, self.clip_columns, axes=[0]))


_optimizers: dict[str, type] = {
    "adam": Adam,
    "sgd": SGD,
    "rmsprop": keras.optimizers.RMSprop,
}


def make(spec: Mapping[str, Any], average: float = 0.0, updates: int = 1) -> keras.optimizers.Optimizer:
    """Creates an optimizer from the description in a recipe.

    Args:
        spec: Dict with the "name" ("adam", "sgd" or "rmsprop") and arguments of the optimizer. If
            "learning_rate" is a dict, it has the arguments of a `StepDecay`, or those of a `LinearDecay`
            without `updates`.
        average: Float. Decay of an exponential moving average (EMA) of the weights. 0 disables the EMA.
            Defaults to 0.
        updates: Integer. Number of updates of the whole training, for `LinearDecay`. Defaults to 1.

    Returns:
        The optimizer, not yet built.

    Raises:
        ZooError: The optimizer or an argument is unknown, or an argument is invalid.
    """
    arguments = dict(spec)
    name = arguments.pop("name", None)
    if name not in _optimizers:
        raise unknown("optimizer", name, _optimizers)
    parameters = {
        parameter
        for kind in inspect.getmro(_optimizers[name])
        for parameter in inspect.signature(kind.__init__).parameters  # type: ignore[misc]
    }
    for argument in arguments:
        if argument not in parameters:
            raise unknown(
                f"argument of optimizer {name!r} named", argument, parameters - {"self", "args", "kwargs"}
            )
    if average:
        arguments.update(use_ema=True, ema_momentum=average)
    try:
        course = arguments.get("learning_rate")
        if isinstance(course, dict):
            stepped = "factor" in course
            arguments["learning_rate"] = (
                StepDecay(**course) if stepped else LinearDecay(**course, updates=updates)
            )
        return _optimizers[name](**arguments)
    except (TypeError, ValueError) as error:
        raise ZooError(f"Optimizer {name!r} cannot be made with {spec}: {error}") from error

"""Optimizers and schedules of the papers, with one fused kernel a variable.

A recipe names them as plain data: `{"name": "adam", "learning_rate": 2e-4, "beta_1": 0.5}`.
"""

import inspect

import keras
import tensorflow as tf

from zoo.errors import ZooError, unknown


class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that stays for a share of a training and then falls linearly to 0 at its end.

    Args:
        start: the rate at first.
        constant: the share of the updates, in [0, 1), before it falls.
        updates: how many there are in the whole training.
    """

    def __init__(self, start, constant, updates):
        if not 0 <= constant < 1:
            raise ValueError(f"the share of constant rate must be in [0, 1), not {constant}")
        self.start, self.constant, self.updates = start, constant, updates

    def __call__(self, step):
        done = tf.cast(step, tf.float32) / self.updates
        return self.start * tf.clip_by_value((1.0 - done) / (1.0 - self.constant), 0.0, 1.0)

    def get_config(self):
        return {"start": self.start, "constant": self.constant, "updates": self.updates}


class Adam(keras.optimizers.Adam):
    """Keras' Adam with each update in one kernel rather than ten: the same formula, without AMSGrad.

    Raises:
        ValueError: AMSGrad is asked for.
    """

    def __init__(self, *args, amsgrad=False, **kwargs):
        if amsgrad:
            raise ValueError("AMSGrad is not offered")
        super().__init__(*args, **kwargs)

    def update_step(self, gradient, variable, learning_rate):
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
    """Stochastic gradient descent as the GAN authors' released code runs it.

    Args:
        learning_rate: at the first update.
        decay: the rate is divided by this at each update (1: constant).
        minimum: the rate never falls below this.
        momentum, final_momentum: the momentum rises linearly from one to the other …
        ramp: … over this many updates (0: constant).
        clip_columns: the largest Euclidean norm of a unit's incoming weights, for every
            matrix ("max column norm"), or 0 for none.
    """

    def __init__(
        self,
        learning_rate=0.1,
        decay=1.0,
        minimum=0.0,
        momentum=0.0,
        final_momentum=None,
        ramp=0,
        clip_columns=0.0,
        **kwargs,
    ):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.decay, self.minimum = decay, minimum
        self.momentum = momentum
        self.final_momentum = momentum if final_momentum is None else final_momentum
        self.ramp, self.clip_columns = ramp, clip_columns

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self.velocities = self.add_optimizer_variables(variables, "velocity")

    def update_step(self, gradient, variable, learning_rate):
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


_known = {
    "adam": Adam,
    "sgd": SGD,
    "rmsprop": keras.optimizers.RMSprop,
}


def make(spec, average=0.0, updates=1):
    """An optimizer from a recipe's description.

    Args:
        spec: {"name": …} and arguments of that optimizer; a learning rate that is a dict holds the
            arguments of a `LinearDecay`.
        average: decay of the exponential moving average it keeps of its variables; 0: none.
        updates: how many it will make in the whole training.

    Raises:
        ZooError: an unknown optimizer or argument.
    """
    arguments = dict(spec)
    name = arguments.pop("name", None)
    if name not in _known:
        raise unknown("optimizer", name, _known)
    known = {
        parameter
        for kind in inspect.getmro(_known[name])
        for parameter in inspect.signature(kind.__init__).parameters
    }
    for argument in arguments:
        if argument not in known:
            raise unknown(
                f"argument of optimizer {name!r} named", argument, known - {"self", "args", "kwargs"}
            )
    if average:
        arguments.update(use_ema=True, ema_momentum=average)
    try:
        if isinstance(arguments.get("learning_rate"), dict):
            arguments["learning_rate"] = LinearDecay(**arguments["learning_rate"], updates=updates)
        return _known[name](**arguments)
    except (TypeError, ValueError) as error:
        raise ZooError(f"Optimizer {name!r} cannot be made with {spec}: {error}") from error

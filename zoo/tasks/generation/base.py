"""Schemes whose generator makes data out of noise and conditions."""

import tensorflow as tf

from zoo.game import losses, randomness
from zoo.game import priors as prior_kinds
from zoo.game.adversarial import Adversarial
from zoo.images import pixels
from zoo.layers.packing import each_its_own_pack
from zoo.tasks.generation.preview import Samples


class Generative(Adversarial):
    """A game in which a generator turns draws from priors into examples.

    Args:
        generator: a network from {prior name: encoded values [B, ·]} to examples [B, …].
        sides: as for `Adversarial`; the side "generator" is the generator alone where it is left out.
        priors: {name: prior}. The priors named in `noise` are drawn for whoever samples; the
            others are conditions, which may be given.
        value_range: (low, high), what the generator's pixels lie between; None for points.
        noise: names of the priors that nobody gives.

    Attributes:
        x_shape: the shape of one example.
        judged_with: names of the conditions that the discriminator sees beside an example.
    """

    judged_with = ()
    task = "generation"
    preview = Samples

    def __init__(self, generator, priors, sides, value_range=None, noise=("z",), **kwargs):
        super().__init__(sides={**sides, "generator": sides.get("generator", [generator])}, **kwargs)
        self.generator = generator
        self.priors = priors
        self.noise = tuple(noise)
        self.value_range = value_range
        self.x_shape = tuple(generator.output_shape[1:])

    @property
    def output_name(self):
        return "image" if len(self.x_shape) == 3 else "point"

    def real(self, batch):
        """The real examples of a batch, in the generator's range: float32 [B, …]."""
        return self.to_network(batch["x"])

    def to_network(self, x):
        """Pixels uint8 0..255 to the generator's range; points stay as they are."""
        return tf.cast(x, tf.float32) if self.value_range is None else pixels.scale(x, *self.value_range)

    def from_network(self, x):
        """The inverse of `to_network`, rounded to the nearest uint8."""
        return tf.cast(x, tf.float32) if self.value_range is None else pixels.quantize(x, *self.value_range)

    def draw(self, n):
        """Draws from every prior, with the step's randomness: {name: values [n, …]}."""
        return {name: prior.draw(n, randomness.seed()) for name, prior in self.priors.items()}

    def encode(self, inputs):
        """What networks are fed with, from values of the priors."""
        return {name: self.priors[name].encode(value) for name, value in inputs.items()}

    def generate(self, inputs, training=False):
        """Examples from values of all priors: float32 [B, …], in the generator's range."""
        return self.generator(self.encode(inputs), training=training)

    def sample(self, seed, **conditions):
        """Examples as people see them.

        Args:
            seed: int64 [B]. A row is a function of its own seed and conditions alone, whatever
                its neighbours.
            **conditions: values of the conditions, [B, …]; those left out are drawn.

        Returns:
            uint8 images [B, H, W, C] or float32 points [B, d].
        """
        return self.from_network(self.generate(self.filled(seed, conditions)))

    def filled(self, seed, conditions):
        """Values of all priors: those given, and draws from the others, each row by its own seed."""
        inputs = dict(conditions)
        for tag, (name, prior) in enumerate(self.priors.items()):
            if name not in inputs:
                inputs[name] = prior_kinds.draw_rows(prior, seed, tag)
        return inputs

    def forward(self, batch):
        self.generate(self.draw(tf.shape(batch["x"])[0]), training=True)

    def score(self, x, **conditions):
        """The discriminator's verdict on examples in the generator's range: float32 [B, 1].

        In (0, 1) where the scheme's D is a probability; otherwise the scheme's own score.
        """
        raise NotImplementedError(f"{type(self).__name__} must say how its D scores.")

    def conditions(self):
        """The priors that whoever samples may give: {name: prior}."""
        return {name: p for name, p in self.priors.items() if name not in self.noise}

    def signatures(self):
        """`sample` (seed and conditions to what people see), `generate` (all priors, raw), `score`
        (the discriminator's verdict)."""

        def sample(seed, **conditions):
            with tf.control_dependencies(_checks(self.priors, conditions)):
                return {self.output_name: self.sample(seed, **conditions)}

        def generate(**inputs):
            with tf.control_dependencies(_checks(self.priors, inputs)):
                return {self.output_name: self.generate(inputs)}

        def score(**inputs):
            x = self.to_network(inputs.pop(self.output_name))
            with tf.control_dependencies(_checks(self.priors, inputs)):
                return {"score": self.score(x, **inputs)}

        dtype = tf.float32 if self.value_range is None else tf.uint8
        x = {self.output_name: tf.TensorSpec([None, *self.x_shape], dtype, self.output_name)}
        judged = {name: self.priors[name] for name in self.judged_with}
        seeds = {"seed": tf.TensorSpec([None], tf.int64, "seed")}
        return {
            "sample": (sample, {**_specs(self.conditions()), **seeds}),
            "generate": (generate, _specs(self.priors)),
            "score": (score, {**x, **_specs(judged)}),
        }

    def describe(self):
        return {
            "priors": prior_kinds.describe(self.priors),
            "noise": list(self.noise),
            "value_range": self.value_range,
            "x_shape": list(self.x_shape),
        }


class Duel(Generative):
    """One generator against one discriminator, with the two losses of a game.

    Args:
        generator, priors: as for `Generative`.
        discriminator: a network from examples (and conditions) to logits [B, 1].
        game: its name in `zoo.losses`.
        pack: how many examples the discriminator judges together; see `zoo.layers.Pack`.
    """

    values = {"discriminator": ("critic", "real", "fake"), "generator": ("image",)}

    def __init__(self, generator, discriminator, priors, game, pack=1, **kwargs):
        super().__init__(generator, priors, {"discriminator": [discriminator]}, **kwargs)
        self.discriminator = discriminator
        self.pack = pack
        self.discriminator_loss, self.generator_loss = losses.game(game)
        self.probability = tf.sigmoid if losses.is_probability(game) else tf.identity

    def verdict(self, inputs):
        """The logits of examples one by one."""
        return self.discriminator(each_its_own_pack(inputs, self.pack))


def _specs(priors):
    return {name: tf.TensorSpec([None, *prior.shape], prior.dtype, name) for name, prior in priors.items()}


def _checks(priors, inputs):
    """Assertions, inside the served graph, that labels are in range."""
    return [
        tf.debugging.Assert(
            tf.reduce_all((value >= 0) & (value < priors[name].classes)),
            [f"{name} must lie in 0..{priors[name].classes - 1}, not", value],
        )
        for name, value in inputs.items()
        if isinstance(priors[name], prior_kinds.Categorical)
    ]

"""Training base classes of generators."""

import tensorflow as tf

from zoo.game import losses, randomness
from zoo.game import priors as prior_kinds
from zoo.game.adversarial import Adversarial
from zoo.images import pixels
from zoo.layers.packing import each_its_own_pack
from zoo.networks.blocks import start_at_mean
from zoo.tasks.generation.preview import Samples


class Generative(Adversarial):
    """A model whose generator turns samples of priors into examples.

    Args:
        generator: Network from `{prior name: encoded values [B, ·]}` to examples `[B, …]`.
        priors: Dict, `{name: prior}`, of the inputs of the generator.
        sides: Dict of the sides. See `Adversarial`. The side "generator" defaults to the generator alone.
        value_range: Pair of floats. Range of the generator's pixels. `None` for points, the default.
        noise: Tuple of strings. Names of the priors that are always sampled. Callers may pass values for
            the other priors, the conditions. Defaults to `("z",)`.
        dropout: Boolean. Whether `sample` keeps the dropout of the generator, with masks drawn from each
            row's seed. `generate` does not. Defaults to `False`.

    Attributes:
        x_shape: Tuple. Shape of one example.
        discriminator_conditions: Tuple of strings. Names of the conditions that the discriminator receives.
    """

    discriminator_conditions = ()
    task = "generation"
    preview = Samples

    def __init__(self, generator, priors, sides, value_range=None, noise=("z",), dropout=False, **kwargs):
        super().__init__(sides={**sides, "generator": sides.get("generator", [generator])}, **kwargs)
        self.generator = generator
        self.priors = priors
        self.noise = tuple(noise)
        self.value_range = value_range
        self.dropout = dropout
        self.x_shape = tuple(generator.output_shape[1:])

    @property
    def output_name(self):
        """Name of the examples in signatures: "image" or "point"."""
        return "image" if len(self.x_shape) == 3 else "point"

    def real(self, batch):
        """Returns the real examples of a batch in the generator's range, float32 `[B, …]`."""
        return self.to_network(batch["x"])

    def to_network(self, x):
        """Scales uint8 pixels to the generator's range. Casts points to float32."""
        return tf.cast(x, tf.float32) if self.value_range is None else pixels.scale(x, *self.value_range)

    def from_network(self, x):
        """Scales examples of the generator to uint8 pixels. Casts points to float32."""
        return tf.cast(x, tf.float32) if self.value_range is None else pixels.quantize(x, *self.value_range)

    def draw(self, n):
        """Samples every prior with the randomness of the step.

        Args:
            n: Integer or scalar tensor. Number of rows.

        Returns:
            Dict, `{name: values [n, …]}`.
        """
        return {name: prior.draw(n, randomness.seed()) for name, prior in self.priors.items()}

    def encode(self, inputs):
        """Returns the inputs of networks for values of the priors."""
        return {name: self.priors[name].encode(value) for name, value in inputs.items()}

    def generate(self, inputs, training=False):
        """Returns examples for values of all priors, float32 `[B, …]` in the generator's range."""
        return self.generator(self.encode(inputs), training=training)

    def sample(self, seed, **conditions):
        """Returns examples for seeds and conditions.

        Args:
            seed: Tensor int64 `[B]`. A row depends only on its own seed and conditions.
            **conditions: Values of the conditions, `[B, …]`. Missing conditions are sampled.

        Returns:
            uint8 images `[B, H, W, C]`, or float32 points `[B, d]`.
        """
        inputs = self.filled(seed, conditions)
        if not self.dropout:
            return self.from_network(self.generate(inputs))
        with randomness.RowDraws(seed):
            return self.from_network(self.generate(inputs, training=True))

    def filled(self, seed, conditions):
        """Returns the conditions, and samples of the other priors by each row's seed."""
        inputs = dict(conditions)
        for tag, (name, prior) in enumerate(self.priors.items()):
            if name not in inputs:
                inputs[name] = prior_kinds.draw_rows(prior, seed, tag)
        return inputs

    def forward(self, batch):
        """Runs the generator on samples of the priors, in training mode."""
        self.generate(self.draw(tf.shape(batch["x"])[0]), training=True)

    def score(self, x, **conditions):
        """Returns the discriminator's score of examples, float32 `[B, 1]`.

        The score lies in (0, 1) if D predicts a probability.

        Args:
            x: Tensor `[B, …]` of examples, in the generator's range.
            **conditions: Values of the conditions in `discriminator_conditions`.
        """
        raise NotImplementedError(f"{type(self).__name__} must say how its D scores.")

    def conditions(self):
        """Returns the priors for which callers may pass values, `{name: prior}`."""
        return {name: p for name, p in self.priors.items() if name not in self.noise}

    def signatures(self):
        """Returns `sample`, `generate` and `score`.

        `sample` takes seeds and conditions and returns images or points. `generate` takes all priors and
        returns examples in the generator's range. `score` takes examples and conditions.
        """

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
        given = {name: self.priors[name] for name in self.discriminator_conditions}
        seeds = {"seed": tf.TensorSpec([None], tf.int64, "seed")}
        return {
            "sample": (sample, {**_specs(self.conditions()), **seeds}),
            "generate": (generate, _specs(self.priors)),
            "score": (score, {**x, **_specs(given)}),
        }

    def describe(self):
        """Returns the priors, the noise, the range of pixels and the shape of the examples."""
        return {
            "priors": prior_kinds.describe(self.priors),
            "noise": list(self.noise),
            "value_range": self.value_range,
            "x_shape": list(self.x_shape),
            **self.label_facts(),
        }


class Duel(Generative):
    """A generator and a discriminator with the two losses of a game.

    Args:
        generator, priors: See `Generative`.
        discriminator: Network from examples (and conditions) to logits `[B, 1]`.
        game: String. Name of the losses. See `zoo.game.losses.game`.
        pack: Integer. Number of examples per pack. See `zoo.layers.Pack`. Defaults to 1.
        bias_from_data: Boolean. Whether `adapt` sets the output bias of the generator. Defaults to `False`.
    """

    values = {"discriminator": ("critic", "real", "fake"), "generator": ("image",)}

    def __init__(self, generator, discriminator, priors, game, pack=1, bias_from_data=False, **kwargs):
        super().__init__(generator, priors, {"discriminator": [discriminator]}, **kwargs)
        self.discriminator = discriminator
        self.pack, self.bias_from_data = pack, bias_from_data
        self.discriminator_loss, self.generator_loss = losses.game(game)
        self.probability = tf.sigmoid if losses.is_probability(game) else tf.identity

    def adapt(self, data):
        """Starts the output bias of a generator of pixels in [0, 1] at the logit of each pixel's mean."""
        if self.bias_from_data and self.value_range == (0.0, 1.0):
            start_at_mean(self.generator, data)

    def verdict(self, inputs):
        """Returns the logits of single examples. Each example is packed with itself."""
        return self.discriminator(each_its_own_pack(inputs, self.pack))


def _specs(priors):
    return {name: tf.TensorSpec([None, *prior.shape], prior.dtype, name) for name, prior in priors.items()}


def _checks(priors, inputs):
    """Returns assertions, for the exported graph, that labels are in range."""
    return [
        tf.debugging.Assert(
            tf.reduce_all((value >= 0) & (value < priors[name].classes)),
            [f"{name} must lie in 0..{priors[name].classes - 1}, not", value],
        )
        for name, value in inputs.items()
        if isinstance(priors[name], prior_kinds.Categorical)
    ]

"""InfoGAN, a GAN whose code is recoverable from the image.

Reference: Chen et al. 2016, Interpretable Representation Learning by Information Maximizing Generative
Adversarial Nets, arXiv 1606.03657.
"""

import keras
import numpy as np
import tensorflow as tf

from zoo.errors import ZooError
from zoo.game import losses
from zoo.game.adversarial import step
from zoo.game.priors import Categorical, Uniform
from zoo.layers.packing import each_its_own_pack, packed
from zoo.networks.blocks import batch_norm, init, strided_convolution
from zoo.registry import register
from zoo.tasks.generation.base import Generative


class InfoGAN(Generative):
    """Trains G, Q and D by min_{G,Q} max_D V(D, G) − λ L_I(G, Q), L_I = E log Q(c|x) + H(c).

    The code c is a category and continuous numbers. H(c) is constant and left out. As in the authors'
    code, the update of D also moves Q and the shared layers towards a larger L_I.

    Args:
        generator, priors: See `Generative`.
        trunk: Network of the layers that D and Q share.
        discriminator: Network from the trunk's features to logits.
        recognition: Network from the trunk's features to the distribution Q.
        weights: Pair of floats. λ of the category and of the continuous codes.
        code_std: Float. Standard deviation of Q for continuous codes. `None` if Q predicts it.
        pack: Integer. Number of examples per pack.

    Reference:
        Chen et al., 2016, equation 6.
    """

    views = ("category",)
    values = {"discriminator": ("critic", "real", "fake"), "generator": ("image",)}

    def __init__(
        self, generator, trunk, discriminator, recognition, priors, weights, code_std, pack, **kwargs
    ):
        sides = {"discriminator": [trunk, discriminator, recognition]}
        super().__init__(generator, priors, sides, **kwargs)
        self.trunk = trunk  # the layers that D and Q share
        self.discriminator = discriminator
        self.critic = keras.Model(trunk.input, discriminator(trunk.output))
        self.recognition = recognition  # Q
        self.category_weight, self.code_weight = weights  # λ
        self.code_std = code_std
        self.pack = pack

    def recognized(self, features, training=False):
        """Returns the parameters of Q for each example.

        Args:
            features: Tensor `[B // pack, F]`. Features of packs.
            training: Boolean. Defaults to `False`.

        Returns:
            Dict of tensors `[B, ·]`: "logits", "mean", and "log_std" if Q predicts it.
        """
        q = self.recognition(features, training=training)
        return {name: tf.reshape(v, [-1, v.shape[-1] // self.pack]) for name, v in q.items()}

    @step
    def train_step(self, batch):
        """Makes one update of D, Q and the shared layers, and one of G."""
        x = self.real(batch)
        c = self.draw(tf.shape(x)[0])  # and z
        with self.turn("generator") as g:
            fakes = self.generate(c, training=True)
            with g.paused(), self.turn("discriminator") as d:
                real, fake = self.trunk(x, training=True), self.trunk(fakes, training=True)
                minimax = losses.minimax(
                    self.discriminator(real, training=True),
                    self.discriminator(fake, training=True),
                )
                d.loss = minimax - self.information(c, fakes, fake)
                values = {"critic": self.critic, "real": x, "fake": fakes}
                d.loss = self.extended("discriminator", d.loss, **values)
            fake = self.trunk(fakes, training=True)
            information = self.information(c, fakes, fake)
            g.loss = losses.non_saturating(self.discriminator(fake, training=True)) - information
            g.loss = self.extended("generator", g.loss, image=fakes)
        self.report("information", information)

    def information(self, c, fakes, features):
        """Returns λ E log Q(c|x), with Q a categorical and a factored Gaussian (appendix C)."""
        q = self.recognized(features, training=True)
        logits = q["logits"]
        if self.has_view("category"):
            features = self.trunk(self.view("category")(fakes), training=True)
            logits = self.recognized(features, training=True)["logits"]
        category = -tf.nn.sparse_softmax_cross_entropy_with_logits(c["category"], logits)
        log_std = q["log_std"] if self.code_std is None else tf.math.log(float(self.code_std))
        deviation = (c["code"] - q["mean"]) * tf.exp(-log_std)
        code = -0.5 * tf.square(deviation) - log_std - 0.5 * np.log(2 * np.pi)
        return self.category_weight * tf.reduce_mean(category) + self.code_weight * tf.reduce_mean(
            tf.reduce_sum(code, axis=1)
        )

    def score(self, x):
        """Returns D(x), float32 `[B, 1]`."""
        return tf.sigmoid(self.discriminator(self.trunk(each_its_own_pack(x, self.pack))))

    def signatures(self):
        """Returns the signatures of `Generative`, and `recognise`: images to codes."""

        def recognise(image):
            q = self.recognized(self.trunk(each_its_own_pack(self.to_network(image), self.pack)))
            first = {name: v[:: self.pack] for name, v in q.items()}
            return {"category": tf.nn.softmax(first["logits"]), "code": first["mean"]}

        images = {"image": tf.TensorSpec([None, *self.x_shape], tf.uint8, "image")}
        return {**super().signatures(), "recognise": (recognise, images)}


@register("infogan")
def build(
    x_shape,
    classes=None,
    z_dim=62,
    categories=10,
    codes=2,
    width=64,
    hidden=1024,
    category_weight=1.0,
    code_weight=0.1,
    code_std=None,
    *,
    pack=1,
):
    """Builds the MNIST networks of appendix C.1.

    Args:
        x_shape: Tuple `(H, W, C)`. The sides are multiples of 4.
        classes: Not used.
        z_dim: Integer. Coordinates of z ~ U(−1, 1). Defaults to 62.
        categories: Integer. Number of values of the categorical code. Defaults to 10.
        codes: Integer. Number of continuous codes, each ~ U(−1, 1). Defaults to 2.
        width: Integer. Channels next to the image. The inner layers have twice as many. Defaults to 64.
        hidden: Integer. Units of the dense layers of G, and of the layers that D and Q share.
        category_weight, code_weight: Floats. λ of the category and of the continuous codes.
        code_std: Float. Standard deviation of Q for the continuous codes. `None` if Q predicts it for each
            image. The paper does not give it. The authors' code for MNIST has 1, and λ = 1 for both.
        pack: Set by the part `packing`. Q predicts the codes of each example.

    Raises:
        ZooError: The sides are not multiples of 4, or `code_std` is not positive.
    """
    if len(x_shape) != 3 or any(side % 4 for side in x_shape[:2]):
        raise ZooError(
            f"infogan makes images whose sides are multiples of 4, not {tuple(x_shape)}.", image_size=28
        )
    if code_std is not None and code_std <= 0:
        raise ZooError(f"network.code_std is a standard deviation above 0, or None, not {code_std}.")
    priors = {"z": Uniform(z_dim), "category": Categorical(categories), "code": Uniform(codes)}
    rows, columns = x_shape[0] // 4, x_shape[1] // 4

    def dense(units):
        return keras.layers.Dense(units, use_bias=False, kernel_initializer=init())

    up, down = keras.layers.Conv2DTranspose, keras.layers.Conv2D

    inputs = {name: keras.Input((prior.width,), name=name) for name, prior in priors.items()}
    h = keras.layers.Concatenate()(list(inputs.values()))
    h = keras.layers.ReLU()(batch_norm(dense(hidden)(h)))
    h = keras.layers.ReLU()(batch_norm(dense(rows * columns * 2 * width)(h)))
    h = keras.layers.Reshape((rows, columns, 2 * width))(h)
    h = strided_convolution(up, width, use_bias=False)(h)
    h = keras.layers.ReLU()(batch_norm(h))
    h = strided_convolution(up, x_shape[-1])(h)
    # The paper's table ends linear; its data and ours are bounded, hence the sigmoid.
    pixels = keras.layers.Activation("sigmoid", dtype="float32")(h)
    generator = keras.Model(inputs, pixels, name="generator")

    x = keras.Input(x_shape, name="x")
    h = keras.layers.LeakyReLU(0.1)(strided_convolution(down, width)(packed(x, pack)))
    h = strided_convolution(down, 2 * width, use_bias=False)(h)
    h = keras.layers.Flatten()(keras.layers.LeakyReLU(0.1)(batch_norm(h)))
    h = keras.layers.LeakyReLU(0.1)(batch_norm(dense(hidden)(h)))
    trunk = keras.Model(x, h, name="trunk")

    features = keras.Input((hidden,), name="features")
    logit = keras.layers.Dense(1, kernel_initializer=init(), dtype="float32")(features)
    discriminator = keras.Model(features, logit, name="discriminator")

    features = keras.Input((hidden,), name="features")
    h = keras.layers.LeakyReLU(0.1)(batch_norm(dense(128)(features)))

    def head(units):
        return keras.layers.Dense(pack * units, kernel_initializer=init(), dtype="float32")(h)

    q = {"logits": head(categories), "mean": head(codes)}
    if code_std is None:
        q["log_std"] = head(codes)
    recognition = keras.Model(features, q, name="recognition")

    weights = (category_weight, code_weight)
    networks = (generator, trunk, discriminator, recognition)
    return InfoGAN(*networks, priors, weights, code_std, pack, value_range=(0.0, 1.0))

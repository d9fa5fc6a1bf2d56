"""The training base class of text-to-image models."""

import keras
import tensorflow as tf

from zoo.datasets.captions import captions_of, one_each, several_each
from zoo.game import randomness
from zoo.game.priors import Text
from zoo.tasks.generation.base import Generative


class TextToImage(Generative):
    """A generator of images from captions.

    Args:
        generator: A network from `{"text": φ(t) [B, E], noise …}` to images in [-1, 1].
        encoder: φ, a frozen network from strings [B] to embeddings [B, E].
        noise: Dict, `{name: prior}`, of the other inputs of the generator.
        sides: Dict of the sides. See `Adversarial`.
        scaled: Class of the layer through which G and D receive φ(t). Defaults to the identity.
        captions: Integer. Number of captions per image whose embeddings are averaged in training. Defaults
            to 1.
    """

    discriminator_conditions = ("text",)
    task = "text_to_image"

    def __init__(
        self, generator, encoder, noise, sides, scaled=keras.layers.Identity, captions=1, **kwargs
    ):
        priors = {**noise, "text": Text()}
        super().__init__(generator, priors, sides, value_range=(-1.0, 1.0), noise=tuple(noise), **kwargs)
        self.encoder, self.captions = encoder, captions
        self.width_of_phi = encoder.output_shape[-1]
        self.scaled = scaled()
        self.scaled.build((None, self.width_of_phi))
        self.memory = (encoder, self.scaled)

    def show(self, captions):
        """Sets the captions of sample grids, which `sample` also uses without a caption."""
        self.priors["text"] = Text(tuple(captions))

    def embed(self, text):
        """Returns the embeddings that G and D receive: string [B] to float32 [B, E]."""
        return self.scaled(self.phi(text))

    def phi(self, text):
        """Returns φ(t): string [B] to float32 [B, E]."""
        return tf.cast(self.encoder(text, training=False), tf.float32)

    def embed_batch(self, batch):
        """Returns the embeddings of one caption per image, or the mean over several captions.

        Returns:
            Tuple of the embeddings that G and D receive, and of φ(t).
        """
        if self.captions == 1:
            phi = self.phi(one_each(captions_of(batch)))
        else:
            texts = several_each(captions_of(batch), self.captions)
            phi = tf.reshape(self.phi(tf.reshape(texts, [-1])), [-1, texts.shape[1], self.width_of_phi])
            phi = tf.reduce_mean(phi, 1)
        return self.scaled(phi, training=True), phi

    def sample_noise(self, n):
        """Returns noise for `n` images, `{name: [n, …]}`."""
        return {name: self.priors[name].draw(n, randomness.seed()) for name in self.noise}

    def forward(self, batch):
        """Runs the generator on the captions of a batch, in training mode."""
        t = self.embed(one_each(captions_of(batch)))
        self.paint({"text": t, **self.sample_noise(tf.shape(t)[0])}, training=True)

    def encode(self, inputs):
        """Returns the inputs of networks: embeddings for captions, and encoded noise."""
        rest = {name: value for name, value in inputs.items() if name != "text"}
        return {**super().encode(rest), "text": self.embed(inputs["text"])}

    def generate(self, inputs, training=False):
        """Returns images for captions and noise."""
        return self.paint(self.encode(inputs), training)

    def paint(self, given, training=False):
        """Returns images for embeddings and noise, float32 `[B, H, W, C]`."""
        return self.generator(given, training=training)

    def signatures(self):
        """Returns the signatures of `Generative`, `embed` and `paint`.

        `embed` takes captions and returns embeddings. `paint` takes embeddings and noise and returns
        images.
        """

        def embed(text):
            return {"embedding": self.embed(text)}

        def paint(embedding, **noise):
            return {self.output_name: self.from_network(self.paint({**noise, "text": embedding}))}

        made = super().signatures()
        _, specs = made["generate"]
        embedding = {"embedding": tf.TensorSpec([None, self.width_of_phi], tf.float32, "embedding")}
        text = {"text": specs["text"]}
        noise = {name: specs[name] for name in self.noise}
        return {**made, "embed": (embed, text), "paint": (paint, {**embedding, **noise})}

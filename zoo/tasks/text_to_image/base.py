"""The training base class of text-to-image models."""

import keras
import tensorflow as tf

from zoo.datasets.captions import captions_of, one_each
from zoo.game import randomness
from zoo.game.priors import Text
from zoo.layers.normalization import Whitening
from zoo.tasks.generation.base import Generative


class TextToImage(Generative):
    """A game whose generator makes the picture that a text speaks of.

    Args:
        generator: a network from {"text": φ(t) [B, E], noise …} to pictures in [−1, 1].
        encoder: φ, a frozen network from strings [B] to [B, E].
        noise: {name: prior} of what else the generator is fed with.
        examples: texts that stand for those that nobody gives.
        sides: as for `Adversarial`.
        whitened: whether G and D are told φ(t) by a `Whitening`.
        memory: what else a checkpoint keeps, as of `Adversarial`.
    """

    judged_with = ("text",)
    task = "text_to_image"

    def __init__(self, generator, encoder, noise, examples, sides, whitened=False, memory=(), **kwargs):
        priors = {**noise, "text": Text(tuple(examples))}
        super().__init__(generator, priors, sides, value_range=(-1.0, 1.0), noise=tuple(noise), **kwargs)
        self.encoder = encoder
        self.scaled = Whitening() if whitened else keras.layers.Identity()
        self.scaled.build((None, encoder.output_shape[-1]))
        self.memory = (encoder, self.scaled, *memory)

    def embed(self, text):
        """φ(t), whitened where this is asked for: string [B] to float32 [B, E]."""
        return self.scaled(self.phi(text))

    def phi(self, text):
        return tf.cast(self.encoder(text, training=False), tf.float32)

    def told(self, batch):
        """φ of one caption of each picture of a batch, as the networks are told it and as it is."""
        embeddings = self.phi(one_each(captions_of(batch)))
        return self.scaled(embeddings, training=True), embeddings

    def fresh(self, n):
        """Noise for n pictures, {name: [n, …]}."""
        return {name: self.priors[name].draw(n, randomness.seed()) for name in self.noise}

    def pass_over(self, batch):
        t = self.embed(one_each(captions_of(batch)))
        self.paint({"text": t, **self.fresh(tf.shape(t)[0])}, training=True)

    def encode(self, inputs):
        rest = {name: value for name, value in inputs.items() if name != "text"}
        return {**super().encode(rest), "text": self.embed(inputs["text"])}

    def generate(self, inputs, training=False):
        return self.paint(self.encode(inputs), training)

    def paint(self, told, training=False):
        """Pictures from embeddings and noise: float32 [B, H, W, C]."""
        return self.generator(told, training=training)

    def signatures(self):
        """Those of `Generative`; `embed`, texts to embeddings; and `paint`, embeddings and noise to
        pictures, for walks from one text to another."""

        def embed(text):
            return {"embedding": self.embed(text)}

        def paint(embedding, **noise):
            return {self.output_name: self.from_network(self.paint({**noise, "text": embedding}))}

        made = super().signatures()
        _, specs = made["generate"]
        embedding = {
            "embedding": tf.TensorSpec([None, self.encoder.output_shape[-1]], tf.float32, "embedding")
        }
        text = {"text": specs["text"]}
        noise = {name: specs[name] for name in self.noise}
        return {**made, "embed": (embed, text), "paint": (paint, {**embedding, **noise})}

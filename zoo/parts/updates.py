"""Parts that act after an update."""

import tensorflow as tf

from zoo.errors import unknown
from zoo.parts.base import UpdatePart, part


@part("weight_clipping")
class WeightClipping(UpdatePart):
    """Clips the weights of a side after each of its updates.

    Args:
        limit: Float. Weights stay within ±limit. Defaults to 0.01.
        side: String. The side. Defaults to "discriminator".

    Reference:
        Arjovsky et al., 2017, "Wasserstein GAN", arXiv 1701.07875, algorithm 1.
    """

    limit: float = 0.01
    side: str = "discriminator"

    def attach(self, model):
        """Checks that the model has the side."""
        if self.side not in model.sides:
            raise unknown(f"side of {type(model).__name__} named", self.side, model.sides)
        return self

    def after(self, model, side):
        """Clips the weights, if `side` is the part's side."""
        if side == self.side:
            for variable in model.side_variables(side):
                variable.assign(tf.clip_by_value(variable, -self.limit, self.limit))

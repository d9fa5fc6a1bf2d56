"""The CGAN of words that tags photographs, on MIR Flickr.

Mirza & Osindero 2014, arXiv 1411.1784, section 4.2: batches of 100 pairs of an image and one of its tags,
SGD, dropout 0.5. Three inputs are expected where the command is run:

* `mirflickr`: folder with the images `im1.jpg`, … and the folder `tags` with `tags1.txt`, …, one tag per
  line.
* `features.keras`: a Keras network from images in [−1, 1] to 4,096 features. The paper has the last hidden
  layer of a convolutional network that was trained on ImageNet.
* `vectors.txt`: word vectors of 200 coordinates, one word per line with its coordinates. The paper has
  skip-gram vectors of the texts of YFCC100M (247,465 words).

Differences from the paper: the user's network and word vectors, because the paper's are not published. The
paper does not give the number of updates (60,000 here, as in section 4.1), the initial weights (Glorot's),
the length of word vectors (1 here) and the dropout of samples (none here). The ramp of the momentum over
250 epochs and the loss of G are those of the GAN authors' code.
"""

from zoo.recipe import Recipe, adam, annealed_sgd

epoch = 250  # updates, of batches of 100

recipe = Recipe(
    model="tagcgan",
    dataset="./mirflickr",
    image_size=224,
    channels=3,
    batch_size=100,
    steps=60_000,
    stages=(0,),  # the word vectors are given
    period=4 * epoch,
    network={"features": "features.keras", "vectors": "vectors.txt"},
    optimizers={
        "words": adam(1e-3),
        "discriminator": annealed_sgd(0.1, 1.00004, 1e-6, 0.5, 0.7, 250 * epoch),
        "generator": annealed_sgd(0.1, 1.00004, 1e-6, 0.5, 0.7, 250 * epoch),
    },
    half_weights=True,
    metrics=("tag_agreement",),
)

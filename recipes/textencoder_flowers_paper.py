"""The char-CNN-RNN text encoder on flowers and their captions.

Reed et al. 2016, arXiv 1605.05395: the plain hybrid network. Expects the folder `flowers` with images and
captions, and the file `googlenet.keras`, a network from images in [−1, 1] to 1,024 features, where the
command is run.

Differences from the paper: each image is its own class. Keras does not have the GoogLeNet of the paper.
"""

from zoo.recipe import Recipe, rmsprop, step_decay

epoch = 174  # updates, of batches of 40

recipe = Recipe(
    model="textencoder",
    dataset="./flowers",
    image_size=224,
    channels=3,
    batch_size=40,
    steps=200 * epoch,
    period=2 * epoch,
    network={"image": "googlenet.keras", "filters": (384, 512, 256), "recurrent": "rnn"},
    optimizers={"encoder": rmsprop(step_decay(7e-4, 0.98, epoch), 0.99)},
    half_weights=True,
    metrics=("caption_retrieval",),
)

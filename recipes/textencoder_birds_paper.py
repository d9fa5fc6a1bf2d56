"""The char-CNN-RNN text encoder on birds and their captions.

Reed et al. 2016, arXiv 1605.05395. The network for birds is that of Reed et al. 2016, arXiv 1605.05396,
with a GRU of 18 steps and 512 units. Expects the folder `birds/train` with one folder of images per class
and a folder `text` of their captions, and the file `googlenet.keras`, a network from images in [−1, 1] to
1,024 features, where the command is run.

Differences from the paper: as in the authors' code, the hinges of all wrong partners are averaged, where
the paper takes the largest. Views are random crops and mirror images, where the authors have ten fixed
crops. Keras does not have the GoogLeNet of the paper. RMSProp is Keras', which adds its ε of 1e-7 under
the root.
"""

from zoo.recipe import Recipe, rmsprop, step_decay

epoch = 150  # updates, as many as training classes in the authors' code

recipe = Recipe(
    model="textencoder",
    dataset="./birds",
    image_size=224,
    channels=3,
    batch_size=40,
    steps=200 * epoch,
    period=2 * epoch,
    augment=("jitter", "mirror"),
    distinct="label",
    network={"image": "googlenet.keras", "filters": (384, 512, 512), "recurrent": "gru"},
    optimizers={"encoder": rmsprop(step_decay(7e-4, 0.98, epoch), 0.99)},
    half_weights=True,
    metrics=("caption_retrieval",),
)

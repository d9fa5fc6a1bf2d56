"""Self-Conditioned GAN on Places365, at 128 pixels.

Liu et al. 2020, arXiv 2006.10728, section 4.4, with the configuration of the authors' code: residual
networks, 100 clusters, R1 and averaged weights. The authors' weight 0.1 multiplies the squared slope,
ours its half.

Differences from the paper: the number of steps is the default of the authors' code, 250 epochs. The
authors also add uniform noise of less than one gray level to the images.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="selfcond",
    dataset="places365_small",
    image_size=128,
    channels=3,
    batch_size=128,
    steps=3_522_250,
    period=5000,
    augment=("mirror",),
    network={
        "k": 100,
        "points": 50_000,
        "every": 75_000,
        "z_dim": 256,
        "embedding": 256,
        "width": 64,
        "networks": "resnet",
    },
    parts={"r1": {"weight": 0.2}},
    average=0.999,
    optimizers={"discriminator": adam(1e-4, 0.0, 0.99), "generator": adam(1e-4, 0.0, 0.99)},
    half_weights=True,
    metrics=("cluster_agreement",),
)

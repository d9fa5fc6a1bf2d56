"""StackGAN on scenes that captions speak of, 16 pixels first and then 64; some pairs are held out.

Zhang et al. 2017, arXiv 1612.03242. A quarter of the paper's sizes, a part of its channels, half its
residual blocks. Both stages' D, their rates and batches, what G's maps are told, what each G pays for in
its first steps and stage II in its second part are those of `gancls_shapes`, departures that its recipe
names; rates fall to 0 in each stage. λ of the conditions' divergence is a hundredth of the authors', for
words that differ in one thing are not to blur. Stage I's D is narrow: before there were such first steps,
black was never drawn beside one of 64 channels, and beside one of 24 now and then.
"""

from gancls_shapes import recipe as gancls

from zoo.recipe import Recipe

recipe = Recipe(
    model="stackgan",
    dataset="shapes/captions",
    image_size=64,
    channels=3,
    batch_size=64,
    steps=1600,
    stages=(0.35, 0.6),
    period=200,
    default=True,
    batch_groups=gancls.batch_groups,
    network={
        "encoder": "textencoder_shapes",
        "width": (48, 24),
        "discriminator_width": (24, 16),
        "blocks": 2,
        "divergence": 0.02,
        "z_dim": 10,
    },
    parts={
        "projection_head": {},
        "all_negatives": {},
        "text_norm": {},
        "inner_relu": {},
        "normal_epsilon": {},
        "narrow_conditioning": {},
        "whitening": {},
        "modulation": {},
        "detail": {},
        "r1": {"weight": 0.03, "share": 0.25},
        "pixel_l1": {"until": 200},
        "matching": {"encoder": "textencoder_shapes", "weight": 0.1, "stage": 2},
    },
    examples=gancls.examples,
    optimizers={
        "first_discriminator": gancls.optimizers["discriminator"],
        "first_generator": gancls.optimizers["generator"],
        **gancls.optimizers,
    },
    half_weights=True,
    metrics=("caption_agreement", "caption_match", "caption_score", "caption_frechet"),
)

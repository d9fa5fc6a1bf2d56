"""The char-CNN-RNN text encoder on scenes and their captions; gancls and stackgan are told by it.

Reed et al. 2016, arXiv 1605.05395. A quarter of the paper's channels (half in the last layer), 128
characters for 201, embeddings of 48 for 1024, batches of 128 for the authors' 40
(the more captions to choose from, the finer what must be told apart), and Adam for RMSProp. In two epochs
of four batches are of scenes that are alike in place and in ground or size: among others these alone tell
most captions apart, and the object's colour, a word that also grounds have, is hardly learned. In another
they are alike in shape and ground, for the place: captions that leave things out teach each of them less.
No caption of a pair of shape and colour that is held out is ever read. Pictures are seen by
attributes_recoloured.
"""

from zoo.recipe import Recipe, adam, linear_decay

recipe = Recipe(
    model="textencoder",
    dataset="shapes/captions",
    image_size=32,
    channels=3,
    batch_size=128,
    steps=6000,
    period=1000,
    default=True,
    batch_groups=("place+ground", "place+size", "kind+ground", ""),
    network={
        "image": "attributes_recoloured",
        "length": 128,
        "filters": (96, 128, 128),
        "embedding": 48,
        "limit": None,
        "linear": True,
    },
    parts={"hardest_partners": {}},
    optimizers={"encoder": adam(linear_decay(1e-3, 0.5))},
    half_weights=True,
    metrics=("caption_retrieval", "held_out_retrieval"),
)

"""InfoGAN on MNIST: ten categories and two continuous codes.

Chen et al. 2016, arXiv 1606.03657, appendix C.1: batches of 128, Adam with 2e-4 for D and 1e-3 for G.

Differences from the paper: its table of networks ends linearly; the output of G has a sigmoid, as in the
authors' code. The paper does not give the number of updates (5,000, as in the authors' code) and the
deviation of the continuous codes, which Q predicts here and is 1 in the authors' code.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="infogan",
    dataset="mnist",
    batch_size=128,
    steps=5_000,
    period=500,
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(1e-3, 0.5)},
    half_weights=True,
    metrics=("code_as_classifier", "parzen_log_likelihood", "classifier_frechet"),
    published={"error of the categorical code": "about 0.05"},
)

"""InfoGAN on MNIST: ten categories and two continuous codes, found without labels.

Chen et al. 2016, arXiv 1606.03657, appendix C.1: batch 128, Adam 2e-4 for D and 1e-3 for G, β1 0.5;
the category as a classifier errs on about 5 % of digits. Half the paper's channels and dense units,
so that the trained model stays small; averaged weights for samples. A departure: Q reads the category off
warped fakes, for as the paper has it slants and widths became categories, and digits shared one.
"""

from zoo.recipe import Recipe, adam

recipe = Recipe(
    model="infogan",
    dataset="mnist",
    batch_size=128,
    steps=16 * 468,
    period=468,
    network={"width": 32, "hidden": 512},
    parts={"warp": {"by": 0.3}},
    optimizers={"discriminator": adam(2e-4, 0.5), "generator": adam(1e-3, 0.5)},
    average=0.999,
    half_weights=True,
    metrics=("code_as_classifier", "parzen_log_likelihood", "classifier_frechet"),
    published={"error of the categorical code": "about 0.05"},
)

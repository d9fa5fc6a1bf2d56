"""Makes golden_fidelity.npz with torch-fidelity 0.4.0, the oracle of FID, KID, IS, precision and recall.

Run by hand where torch and torch-fidelity are: python tests/golden_fidelity.py. The tests need neither.
"""

import pathlib
import re
import sys
import zlib

import numpy as np

file = pathlib.Path(__file__).with_suffix(".npz")
blocks = {"5b": "mixed", "5c": "mixed_1", "5d": "mixed_2", "6a": "mixed_3", "6b": "mixed_4"}
blocks.update(
    {"6c": "mixed_5", "6d": "mixed_6", "6e": "mixed_7", "7a": "mixed_8", "7b": "mixed_9", "7c": "mixed_10"}
)
batch_norm = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
stem = {"1a": "conv", "2a": "conv_1", "2b": "conv_2", "3b": "conv_3", "4a": "conv_4"}


def features():
    """Two sides of features and some logits, the same wherever this runs."""
    rng = np.random.RandomState(0)
    mix = rng.normal(size=(16, 16))
    a, b = rng.normal(size=(300, 16)) @ mix, rng.normal(0.3, 1.2, size=(250, 16)) @ mix
    return np.float32(a), np.float32(b), np.float32(rng.normal(0, 3, size=(230, 10)))


def images():
    """Two pictures, smaller and larger than what Inception sees."""
    rng = np.random.RandomState(1)
    return [rng.randint(0, 256, size).astype(np.uint8) for size in ((40, 52, 3), (420, 333, 3))]


def constant(name, shape):
    """A random constant of the graph, a function of its name."""
    rng = np.random.RandomState(zlib.crc32(name.encode()))
    if name.endswith("conv2d_params"):
        return np.float32(rng.normal(0, np.sqrt(2 / np.prod(shape[:3])), shape))
    if name.endswith(("gamma", "moving_variance")):
        return np.float32(rng.uniform(0.8, 1.2, shape))
    return np.float32(rng.normal(0, 0.05, shape))


def graph_name(name):
    """What torch-fidelity calls Mixed_7b.branch3x3_2a, the graph calls mixed_9/tower/mixed/conv."""
    place, _, branch = name.partition(".")
    key = place.split("_")[1]
    if key in stem:
        return stem[key]
    kind, number, half = re.fullmatch(r"branch_?([a-z0-9]+?)(?:_(\d)([ab])?)?", branch).groups()
    double = {"3x3dbl": key != "6a", "7x7dbl": True, "7x7x3": True}
    tower = "tower_2" if kind == "pool" else "tower_1" if double.get(kind) else "tower"
    scope = blocks[key] if kind == "1x1" or branch == "branch3x3" else f"{blocks[key]}/{tower}"
    index = int(number or 1) - 1
    if half:
        scope, index = f"{scope}/mixed", "ab".index(half)
    return f"{scope}/conv_{index}" if index else f"{scope}/conv"


def main():
    import torch
    from torch_fidelity import feature_extractor_inceptionv3 as inception
    from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc

    a, b, logits = map(torch.tensor, features())
    fid = metric_fid.fid_statistics_to_metric(
        metric_fid.fid_features_to_statistics(a), metric_fid.fid_features_to_statistics(b), verbose=False
    )
    kid = metric_kid.kid_features_to_metric(a, b, kid_subsets=20, kid_subset_size=100, verbose=False)
    score = metric_isc.isc_features_to_metric(logits)
    prc = metric_prc.prc_features_to_metric(b, a, verbose=False)
    found = {**fid, **kid, **score, **prc}

    # The constructor wants a file of weights; it is given ours instead.
    inception.torch.load = lambda *_, **__: None
    fill = torch.nn.Module.load_state_dict
    inception.FeatureExtractorInceptionV3.load_state_dict = lambda self, _: fill(
        self, {name: torch.tensor(weight(name, tuple(v.shape))) for name, v in self.state_dict().items()}
    )
    extractor = inception.FeatureExtractorInceptionV3("i", ["2048", "logits_unbiased"], "ours")
    for i, image in enumerate(images()):
        pool3, unbiased = extractor(torch.tensor(image).permute(2, 0, 1)[None])
        found.update({f"pool3_{i}": pool3[0].numpy(), f"logits_{i}": unbiased[0].numpy()})
    np.savez_compressed(file, **found)
    print({k: v for k, v in found.items() if np.ndim(v) == 0}, file=sys.stderr)


def weight(name, shape):
    """The constant of the graph that is this weight of torch-fidelity's network, in its layout."""
    place, _, part = name.rpartition(".")
    if part == "num_batches_tracked":
        return 0
    if place == "fc":
        return (
            constant("softmax/weights", shape[::-1]).T if part == "weight" else np.zeros(shape, "float32")
        )
    scope, _, kind = place.rpartition(".")
    if kind == "conv":
        o, i, h, w = shape
        return constant(f"{graph_name(scope)}/conv2d_params", (h, w, i, o)).transpose(3, 2, 0, 1)
    return constant(f"{graph_name(scope)}/batchnorm/{batch_norm[part]}", shape)


if __name__ == "__main__":
    main()

"""The recipes of the papers: two steps in each precision, and the sizes of the networks."""

import dataclasses
import math

import keras
import numpy as np
import pytest
from trainings import data_of, first_batches, papers, small

from zoo import recipe
from zoo.models.build import build
from zoo.networks.encoders import Characters
from zoo.train.assemble import assemble

pytestmark = pytest.mark.slow


def test_differences_from_the_paper_are_listed():
    for name in papers:
        documentation = (recipe.paths.recipes / f"{name}.py").read_text()
        assert "Differences from the paper: " in documentation.split('"""')[1], name


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("name", papers)
def test_two_steps(name, precision, data_dir):
    chosen = dataclasses.replace(small(name), precision=precision)
    data = data_of(chosen, data_dir)
    model = assemble(chosen, data)
    batches = iter(first_batches(chosen, data_dir, model.batches_per_step, 2))
    for callback in model.callbacks(data):
        callback.on_train_batch_begin(0)
    for stage in {0, model.stages - 1}:
        model.stage = stage
        for _ in range(2 if model.stages == 1 else 1):
            logs = model.train_step(next(batches))
            assert all(np.isfinite(float(value)) for value in logs.values()), logs
    for side in model.sides:
        assert all(np.isfinite(v).all() for v in model.side_variables(side))


def encoder():
    """Returns a network from strings to 1,024 coordinates."""
    text = keras.Input((), dtype="string", name="text")
    h = keras.layers.Flatten()(Characters(20, dtype="float32")(text))
    return keras.Model(text, keras.layers.Dense(1024, dtype="float32")(h))


def features(x_shape, count):
    """Returns a network from images to features."""
    x = keras.Input(x_shape)
    return keras.Model(x, keras.layers.Dense(count)(keras.layers.GlobalAveragePooling2D()(x)))


shapes = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3), "stacked_mnist": (32, 32, 3), "gaussians": (2,)}

# Numbers of trainable parameters of each side.
counts = {
    "cgan_mlp_mnist_paper": {"discriminator": 932865, "generator": 1511312},
    "cgan_mlp_mnist_paper_pairs": {"discriminator": 932865, "generator": 1511312},
    "cgan_mlp_mnist_paper_scores": {"discriminator": 933378, "generator": 1511312},
    "cgan_mnist_paper": {"discriminator": 1224351, "generator": 2413984},
    "cyclegan_horse2zebra_paper": {"discriminator": 5531266, "generator": 22766854},
    "cyclegan_monet_paper": {"discriminator": 5531266, "generator": 22766854},
    "dcgan_lsun_paper": {"discriminator": 17232897, "generator": 18855043},
    "dcgan_mnist_paper": {"discriminator": 835585, "generator": 2077569},
    "dualgan_sketch_paper_clip": {"discriminator": 5531264, "generator": 108829062},
    "dualgan_sketch_paper_gp": {"discriminator": 7898882, "generator": 61255814},
    "gan_mnist_paper": {"discriminator": 1231441, "generator": 2503984},
    "gancls_birds_paper": {"discriminator": 4029889, "generator": 18905475},
    "gancls_birds_paper_int": {"discriminator": 4029889, "generator": 18905475},
    "gancls_birds_paper_int_cls": {"discriminator": 4029889, "generator": 18905475},
    "gancls_flowers_paper": {"discriminator": 4029889, "generator": 18905475},
    "infogan_mnist_paper": {"discriminator": 6691151, "generator": 6645121},
    "pix2pix_facades_paper": {"discriminator": 2768705, "generator": 54414531},
    "selfcond_cifar10_paper": {"discriminator": 3746980, "generator": 5935107},
    "selfcond_grid_paper": {"discriminator": 415050, "generator": 500802},
    "selfcond_imagenet_paper": {"discriminator": 93514276, "generator": 100305347},
    "selfcond_places365_paper": {"discriminator": 93514276, "generator": 100305347},
    "selfcond_ring_paper": {"discriminator": 415050, "generator": 500802},
    "selfcond_ring_unit_paper": {"discriminator": 415050, "generator": 500802},
    "selfcond_stacked_mnist_paper": {"discriminator": 2963364, "generator": 5935107},
    "srgan_imagenet_paper_gaussian": {"discriminator": 23565505, "generator": 1550659},
    "srgan_imagenet_paper_mse": {"discriminator": 23565505, "generator": 1550659},
    "srgan_imagenet_paper_vgg22": {"discriminator": 23565505, "generator": 1550659},
    "srgan_imagenet_paper_vgg54": {"discriminator": 23565505, "generator": 1550659},
    "srresnet_imagenet_paper": {"generator": 1550659},
    "stackgan_birds_paper": {
        "first_discriminator": 4029889, "first_generator": 14217091,
        "discriminator": 48603585, "generator": 26290211,
    },
    "tagcgan_mirflickr_paper": {"words": 4800, "discriminator": 10120901, "generator": 8744700},
    "textencoder_birds_paper": {"encoder": 4045184},
    "textencoder_flowers_paper": {"encoder": 1813888},
}  # fmt: skip


@pytest.mark.parametrize("name", papers)
def test_number_of_parameters(name, tmp_path):
    chosen = recipe.find(name)
    shape = shapes.get(chosen.dataset.split("/")[0], (chosen.image_size, chosen.image_size, 3))
    network = dict(chosen.network)
    if "encoder" in network:
        network["encoder"] = encoder()
    if "image" in network:
        network["image"] = features(shape, 1024)
    if "features" in network:
        network |= {"features": features(shape, 4096), "vectors": tmp_path / "vectors.txt"}
        (tmp_path / "vectors.txt").write_text("".join(f"word{i}{' 0.5' * 200}\n" for i in range(12)))
    if str(network.get("content", "vgg" if chosen.model == "srgan" else "")).startswith("vgg"):
        network["content"] = "mse"
    classes = {"tags": {"word0": 9}} if chosen.model == "tagcgan" else 10
    model = build(chosen.model, shape, classes, chosen.parts, **network)
    found = {side: sum(math.prod(v.shape) for v in model.side_variables(side)) for side in model.sides}
    assert found == counts[name]

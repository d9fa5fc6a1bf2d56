"""Files in, files out: the twins of signatures, and the requests that warm a server up."""

import dataclasses
import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo import recipe
from zoo.images import pixels
from zoo.saved import encoded
from zoo.train.run import train


@pytest.fixture(scope="module")
def runs(tmp_path_factory, data_dir):
    """A sampler, a judge of pictures of one size, a noisy translator of any size, and an enlarger."""
    small = {
        "cgan_mlp": (16, {"generator_units": (8, 8), "discriminator_units": (8, 8)}),
        "classifier": (16, {"width": 4, "features": 8}),
        "pix2pix": (16, {"width": 4, "discriminator_width": 4, "patch": 16}),
        "srresnet": (24, {"width": 4, "blocks": 1}),
    }
    made = {}
    for name, (size, network) in small.items():
        chosen = dataclasses.replace(
            recipe.find(name), image_size=size, network=network, steps=1, period=1, batch_size=1
        )
        made[name] = tmp_path_factory.mktemp(name)
        train(chosen, made[name], data_dir=data_dir)
    return made


def png(array):
    file = io.BytesIO()
    Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array).save(file, "png")
    return file.getvalue()


def read(string):
    array = np.asarray(Image.open(io.BytesIO(string)))
    return array[..., None] if array.ndim == 2 else array


def test_samples_come_as_files(runs):
    model = zoo.load(runs["cgan_mlp"])
    given = {"label": [3, 7], "seed": [1, 2]}
    images = model.call("sample", **given)["image"]
    files = model.call("sample_bytes", **given)["image_bytes"]
    for image, file in zip(images, files, strict=True):
        np.testing.assert_array_equal(read(file), image)
    assert "generate_bytes" not in model.signatures  # what is raw has no file


def test_files_of_other_sizes_are_fitted_to_a_network_of_one_size(runs):
    model = zoo.load(runs["classifier"])
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, shape).astype(np.uint8) for shape in ((16, 16, 1), (40, 30, 3))]
    files = [png(picture) for picture in pictures]
    found = model.call("classify_bytes", image_bytes=files)
    grey = [tf.io.decode_image(file, 1) for file in files]
    fitted = np.stack([pixels.fitted(picture, 16, 1).numpy() for picture in grey])
    expected = model.call("classify", image=fitted)
    np.testing.assert_allclose(found["probability"], expected["probability"], atol=1e-6)
    np.testing.assert_array_equal(fitted[0], pictures[0])


def test_files_of_any_sizes_go_through_in_one_request(runs):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, shape).astype(np.uint8) for shape in ((16, 20, 3), (33, 7, 3))]
    model = zoo.load(runs["pix2pix"])
    files = model.call("a_to_b_bytes", image_bytes=[png(p) for p in pictures], seed=[4, 5])["image_bytes"]
    for picture, seed, file in zip(pictures, (4, 5), files, strict=True):
        np.testing.assert_array_equal(read(file), model.translate(picture, seed=seed))
    model = zoo.load(runs["srresnet"])
    files = model.call("upscale_bytes", image_bytes=[png(p) for p in pictures])["image_bytes"]
    for picture, file in zip(pictures, files, strict=True):
        np.testing.assert_array_equal(read(file), model.upscale(picture))


def test_jpeg_and_grey_files_are_taken_and_a_broken_one_is_an_error_of_the_request(runs):
    model = zoo.load(runs["srresnet"])
    file = io.BytesIO()
    Image.fromarray(np.full((8, 8), 90, np.uint8)).save(file, "jpeg")
    (made,) = model.call("upscale_bytes", image_bytes=[file.getvalue()])["image_bytes"]
    assert read(made).shape == (32, 32, 3)
    with pytest.raises(tf.errors.InvalidArgumentError):
        model.call("upscale_bytes", image_bytes=[b"no picture"])


def test_files_are_fitted_to_a_network_of_any_shape():
    picture = np.random.default_rng(0).integers(0, 256, (40, 64, 1), np.uint8)
    string = tf.io.encode_png(picture)
    for height, width in ((20, 16), (20, 32), (28, 30), (40, 64)):
        spec = tf.TensorSpec([None, height, width, 1], tf.uint8)
        assert encoded._decoded(string, spec).shape == (height, width, 1)
    np.testing.assert_array_equal(
        encoded._decoded(string, tf.TensorSpec([None, 40, 64, 1], tf.uint8)), picture
    )


def test_examples_fit_their_inputs():
    assert encoded.example("label", {"dtype": "int32", "shape": [None]}, rows=2).numpy().tolist() == [0, 0]
    image = encoded.example("image", {"dtype": "uint8", "shape": [None, None, None, 3]}, side=8)
    assert image.shape == (1, 8, 8, 3)

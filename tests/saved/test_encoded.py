"""Files in, files out: the twins of signatures, and the requests that warm a server up."""

import dataclasses
import io

import numpy as np
import pytest
import skimage.data
import tensorflow as tf
from PIL import Image

import zoo
from zoo import recipe
from zoo.images.decoding import decode
from zoo.images.files import read_image
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
            recipe.find(name), image_size=size, network=network, steps=1, period=1, batch_size=2
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


@pytest.mark.slow
def test_samples_come_as_files(runs):
    model = zoo.load(runs["cgan_mlp"])
    given = {"label": [3, 7], "seed": [1, 2]}
    images = model.call("sample", **given)["image"]
    files = model.call("sample_bytes", **given)["image_bytes"]
    for image, file in zip(images, files, strict=True):
        np.testing.assert_array_equal(read(file), image)
    assert "generate_bytes" not in model.signatures  # what is raw has no file


@pytest.mark.slow
def test_files_of_other_sizes_are_fitted_to_a_network_of_one_size(runs):
    model = zoo.load(runs["classifier"])
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, shape).astype(np.uint8) for shape in ((16, 16, 1), (40, 30, 3))]
    files = [png(picture) for picture in pictures]
    found = model.call("classify_bytes", image_bytes=files)
    fitted = np.stack([np.asarray(read_image(io.BytesIO(file), 16).convert("L")) for file in files])
    expected = model.call("classify", image=fitted[..., None])
    np.testing.assert_allclose(found["probability"], expected["probability"], atol=1e-3)
    np.testing.assert_array_equal(fitted[0], pictures[0][..., 0])


@pytest.mark.slow
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


@pytest.mark.slow
def test_jpeg_and_grey_files_are_taken_and_a_broken_one_is_an_error_of_the_request(runs):
    model = zoo.load(runs["srresnet"])
    file = io.BytesIO()
    Image.fromarray(np.full((8, 8), 90, np.uint8)).save(file, "jpeg")
    (made,) = model.call("upscale_bytes", image_bytes=[file.getvalue()])["image_bytes"]
    assert read(made).shape == (32, 32, 3)
    with pytest.raises(tf.errors.InvalidArgumentError):
        model.call("upscale_bytes", image_bytes=[b"no picture"])


@pytest.mark.slow
def test_files_are_fitted_to_a_network_of_any_shape():
    picture = np.random.default_rng(0).integers(0, 256, (40, 64, 1), np.uint8)
    string = tf.io.encode_png(picture)
    for sides in ((20, 16), (20, 32), (28, 30), (40, 64)):
        assert decode(string, sides, 1).shape == (*sides, 1)
    np.testing.assert_array_equal(decode(string, (40, 64), 1), picture)


def encoded_file(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def with_alpha(image):
    image = image.copy()
    image.putalpha(image.convert("L").rotate(180))
    return image


def of_16_bits(image):
    values = np.asarray(image.convert("L"), np.uint16)
    return Image.fromarray(values * 251 + np.arange(values.shape[1], dtype=np.uint16) % 1500)


formats = {
    "RGB PNG": lambda photo: encoded_file(photo, "PNG"),
    "gray PNG": lambda photo: encoded_file(photo.convert("L"), "PNG"),
    "RGBA PNG": lambda photo: encoded_file(with_alpha(photo), "PNG"),
    "gray PNG with alpha": lambda photo: encoded_file(with_alpha(photo).convert("LA"), "PNG"),
    "palette PNG": lambda photo: encoded_file(photo.quantize(), "PNG"),
    "palette PNG, 4 bits": lambda photo: encoded_file(photo.quantize(9), "PNG", bits=4),
    "palette PNG, transparent color": lambda photo: encoded_file(photo.quantize(), "PNG", transparency=3),
    "gray PNG, transparent level": lambda photo: encoded_file(photo.convert("L"), "PNG", transparency=80),
    "bilevel PNG": lambda photo: encoded_file(photo.convert("1"), "PNG"),
    "16-bit PNG": lambda photo: encoded_file(of_16_bits(photo), "PNG"),
    "JPEG": lambda photo: encoded_file(photo, "JPEG"),
    "gray JPEG": lambda photo: encoded_file(photo.convert("L"), "JPEG"),
    "BMP": lambda photo: encoded_file(photo, "BMP"),
    "GIF": lambda photo: encoded_file(photo, "GIF"),
}
photos = [Image.fromarray(getattr(skimage.data, name)()) for name in ("astronaut", "chelsea", "rocket")]
settings = [(None, 3), (None, 1), (16, 3), (28, 1), (64, 3), (600, 3)]  # sides and channels


@pytest.fixture(scope="module")
def graphs():
    """Traced `decode` for each of the settings."""

    def traced(side, channels):
        sides = side and (side, side)
        return tf.function(lambda file: decode(file, sides, channels), autograph=False)

    return {setting: traced(*setting) for setting in settings}


@pytest.mark.slow
@pytest.mark.parametrize("name", formats)
def test_decode_is_close_to_read_image(name, graphs):
    files = [formats[name](photo) for photo in photos]
    mean, most = (0.005, 2) if name == "bilevel PNG" else (0.002, 1)
    for (side, channels), graph in graphs.items():
        differences = []
        for file in files:
            found = graph(tf.constant(file)).numpy()
            wanted = read_image(io.BytesIO(file), side).convert("L" if channels == 1 else "RGB")
            wanted = np.asarray(wanted).reshape(found.shape)
            differences.append(np.abs(np.int32(found) - wanted))
        assert np.mean([d.mean() for d in differences]) <= (mean if side else 0)
        assert max(d.max() for d in differences) <= most


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_decode_applies_the_orientation_of_jpeg_files(orientation, order, graphs):
    exif = Image.Exif()
    exif.endian = {"II": "<", "MM": ">"}[order]
    exif[0x010F], exif[0x0112] = "a maker", orientation
    photo = photos[1].crop((0, 0, 60, 40))
    file = encoded_file(photo, "JPEG", exif=exif.tobytes())
    assert order.encode() + exif.tobytes()[8:10] in file
    upright = np.asarray(read_image(io.BytesIO(file)))
    assert upright.shape == ((60, 40, 3) if orientation > 4 else (40, 60, 3))
    np.testing.assert_array_equal(graphs[None, 3](tf.constant(file)), upright)


def test_decode_of_damaged_files_is_an_error_of_the_request(graphs):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = photos[1].crop((0, 0, 60, 40))
    jpeg, whole = encoded_file(photo, "JPEG", exif=exif), encoded_file(photo, "PNG")
    cut = jpeg.index(b"Exif") + 12  # a directory that begins beyond the end
    broken = jpeg[: cut - 2] + b"\xff\xff\xff\xff" + jpeg[cut + 2 :]
    assert graphs[None, 3](tf.constant(broken)).shape == (40, 60, 3)
    for file in 5 * (b"", b"\x89PNG", b"\xff\xd8", whole[:60], b"not an image"):
        with pytest.raises(tf.errors.InvalidArgumentError):
            graphs[None, 3](tf.constant(file))


def test_examples_fit_their_inputs():
    assert encoded.example("label", {"dtype": "int32", "shape": [None]}, rows=2).numpy().tolist() == [0, 0]
    image = encoded.example("image", {"dtype": "uint8", "shape": [None, None, None, 3]}, side=8)
    assert image.shape == (1, 8, 8, 3)

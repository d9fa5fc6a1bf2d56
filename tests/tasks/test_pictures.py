"""Images that Pillow has opened, and paths of images, in the methods of trained models."""

import numpy as np
import pytest
from PIL import Image

import zoo


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, method",
    [
        ("pix2pix_shapes", "translate"),
        ("srresnet_photos", "upscale"),
        ("denoiser_shapes", "restore"),
        ("tagcgan_shapes", "tag"),
    ],
)
def test_images_of_pillow_and_paths_are_read_as_they_are_shown(name, method, tmp_path):
    trained = zoo.load(name)
    pixels = np.random.default_rng(0).integers(0, 4, (32, 32), np.uint8)
    image = Image.fromarray(pixels).convert("P")
    image.putpalette([250, 30, 30, 30, 250, 30, 30, 30, 250, 200, 200, 200])
    image.save(tmp_path / "image.png")
    expected = getattr(trained, method)(np.asarray(image.convert("RGB")))
    for given in (image, tmp_path / "image.png", str(tmp_path / "image.png")):
        np.testing.assert_array_equal(getattr(trained, method)(given), expected)
    assert np.any(expected != getattr(trained, method)(pixels)) or method == "tag"

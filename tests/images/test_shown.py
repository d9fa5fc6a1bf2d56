"""Images of any mode and format: zoo reads what an image viewer shows."""

import io
import os
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from zoo.errors import BrokenImage, ZooError
from zoo.images import shown
from zoo.images.files import check_writable, find_images, list_images, read_image
from zoo.images.folders import process_files
from zoo.images.pixels import as_batch

srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped():
    """Returns a profile in which red and green are exchanged, made from that of sRGB."""
    content = bytearray(srgb)
    count = int.from_bytes(content[128:132], "big")
    tags = {content[132 + 12 * i : 136 + 12 * i].decode(): 132 + 12 * i for i in range(count)}
    red, green = tags["rXYZ"] + 4, tags["gXYZ"] + 4
    content[red : red + 8], content[green : green + 8] = content[green : green + 8], content[red : red + 8]
    return bytes(content)


def random_image(mode, size, seed):
    rng = np.random.default_rng(seed)
    if mode == "1":
        return Image.fromarray(rng.integers(0, 2, size[::-1], np.uint8) * 255).convert("1")
    if mode in ("P", "PA"):
        image = Image.fromarray(rng.integers(0, 7, size[::-1], np.uint8))
        image = image.convert("P")
        image.putpalette(rng.integers(0, 256, 21, np.uint8).tobytes())
        return image if mode == "P" else image.convert("PA")
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = rng.integers(0, 256, (*size[::-1], channels), np.uint8)
    return Image.frombytes(mode, size, pixels.tobytes())


def on_white(image):
    """The oracle: opaque RGB, computed with floats."""
    rgba = np.asarray(image.convert("RGBA"), np.float64)
    return rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:]


sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
modes = st.sampled_from(["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])


@settings(max_examples=200, deadline=None)
@given(mode=modes, size=sizes, seed=st.integers(0, 2**32 - 1), orientation=st.integers(1, 8))
def test_any_mode_is_read_as_it_is_shown(mode, size, seed, orientation):
    image = random_image(mode, size, seed)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    expected = on_white(random_image(mode, size, seed))
    turned = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1), 6: lambda a: a.swapaxes(0, 1)[:, ::-1],
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1), 8: lambda a: a.swapaxes(0, 1)[::-1],
    }[orientation]  # fmt: skip
    found = read_image(image)
    assert found.mode == ("L" if mode in ("1", "L", "LA") else "RGB")
    np.testing.assert_allclose(np.asarray(found.convert("RGB"), float), turned(expected), atol=1)
    np.testing.assert_array_equal(as_batch(image, 3)[0], np.asarray(found.convert("RGB")))


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(["PNG", "TIFF", "JPEG2000", "WEBP", "GIF", "BMP", "PPM", "TGA"]),
    mode=st.sampled_from(["1", "L", "P", "RGB", "RGBA", "LA"]),
    size=sizes,
    seed=st.integers(0, 2**32 - 1),
)
def test_lossless_files_are_read_as_they_are_shown(kind, mode, size, seed):
    image, content = random_image(mode, size, seed), io.BytesIO()
    if kind == "JPEG2000" and mode in ("1", "P"):
        return
    try:
        image.save(content, kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
    except (OSError, KeyError):
        return  # the format does not have the mode
    content.seek(0)
    expected = on_white(Image.open(content))
    np.testing.assert_allclose(np.asarray(read_image(content).convert("RGB"), float), expected, atol=1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_color_profiles_are_converted(kind, tmp_path):
    image = Image.new("RGB", (16, 16), (200, 30, 30))
    image.save(tmp_path / "image", kind, icc_profile=swapped(), quality=95)
    found = np.asarray(read_image(tmp_path / "image"))
    oracle = ImageCms.profileToProfile(
        Image.open(tmp_path / "image"), ImageCms.ImageCmsProfile(io.BytesIO(swapped())),
        ImageCms.createProfile("sRGB"),
    )  # fmt: skip
    np.testing.assert_array_equal(found, np.asarray(oracle))
    assert abs(found.mean((0, 1)) - [30, 200, 30]).max() < 6


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
def test_the_profile_of_srgb_changes_no_pixel(mode, tmp_path):
    image = random_image(mode, (20, 20), 0)
    image.save(tmp_path / "image.png", icc_profile=srgb)
    image.save(tmp_path / "without.png")
    found, expected = (read_image(tmp_path / name) for name in ("image.png", "without.png"))
    assert found.mode == expected.mode
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


def test_profiles_keep_transparency_and_gray(tmp_path):
    image = Image.new("RGBA", (4, 4), (200, 30, 30, 128))
    image.save(tmp_path / "clear.png", icc_profile=swapped())
    rgba = np.asarray(read_image(tmp_path / "clear.png", alpha=True))
    assert rgba[..., 3].max() == 128 and abs(rgba[0, 0, :3].astype(int) - [30, 200, 30]).max() < 6
    Image.new("L", (4, 4), 99).save(tmp_path / "gray.png", icc_profile=swapped())  # a profile for RGB
    assert read_image(tmp_path / "gray.png").mode == "L"


def test_a_broken_profile_is_a_warning(tmp_path):
    image = random_image("RGB", (8, 8), 1)
    image.save(tmp_path / "image.png", icc_profile=b"no profile")
    with pytest.warns(UserWarning, match="color profile is ignored"):
        found = read_image(tmp_path / "image.png")
    np.testing.assert_array_equal(np.asarray(found), np.asarray(image))


def test_sixteen_bits_with_a_transparent_value(tmp_path):
    values = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    image = Image.fromarray(values)
    image.save(tmp_path / "gray.png")
    np.testing.assert_array_equal(np.asarray(read_image(tmp_path / "gray.png")), np.round(values / 257))
    image.save(tmp_path / "clear.png", transparency=int(values[3, 3]))
    expected = np.round(values / 257)
    expected[3, 3] = 255
    found = read_image(tmp_path / "clear.png")
    assert found.mode == "L"
    np.testing.assert_array_equal(np.asarray(found), expected)
    opacity = np.asarray(read_image(tmp_path / "clear.png", alpha=True))[..., 3]
    assert opacity[3, 3] == 0 and (opacity == 255).sum() == 63


@pytest.mark.parametrize("array", [np.ones((4, 4), np.float32), np.full((4, 4), 7, np.int32)])
def test_values_of_unknown_range_are_refused(array, tmp_path):
    Image.fromarray(array).save(tmp_path / "image.tif")
    with pytest.raises(BrokenImage, match="image.tif cannot be read .*range of values is unknown"):
        read_image(tmp_path / "image.tif")


def test_lab_images_have_their_colors():
    gray = Image.fromarray(np.full((2, 2, 3), [128, 128, 128], np.uint8), "RGB")
    lab = ImageCms.profileToProfile(
        gray, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    np.testing.assert_allclose(np.asarray(read_image(lab), int), 128, atol=2)


def test_the_first_frame_of_an_animation_is_read(tmp_path):
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "green")]
    for name in ("moving.gif", "moving.png", "moving.webp", "moving.tif"):
        extra = {"lossless": True} if name.endswith("webp") else {}
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **extra)
        np.testing.assert_array_equal(np.asarray(read_image(tmp_path / name))[0, 0], [255, 0, 0])


def test_too_many_pixels_are_refused_at_once(tmp_path, monkeypatch):
    header = b"P5 50000 50000 255\n"  # 2.5 gigapixels
    (tmp_path / "bomb.pgm").write_bytes(header)
    with pytest.raises(BrokenImage, match="50000×50000 pixels do not fit"):
        read_image(tmp_path / "bomb.pgm")
    monkeypatch.setattr(shown, "most_pixels", lambda: 15)
    Image.new("L", (4, 4)).save(tmp_path / "small.png")
    with pytest.raises(BrokenImage, match="4×4 pixels do not fit"):
        read_image(tmp_path / "small.png")
    assert Image.MAX_IMAGE_PIXELS is not None


def test_images_above_the_limit_of_pillow_are_read(tmp_path, monkeypatch):
    Image.new("L", (20, 20), 9).save(tmp_path / "image.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_image(tmp_path / "image.png").size == (20, 20)


def test_all_endings_are_found_and_others_counted(tmp_path):
    image = Image.new("RGB", (4, 4))
    kinds = {"a.png": "PNG", "b.PNG": "PNG", "c.jfif": "JPEG", "d.ppm": "PPM", "e": "PNG", "g.JPE": "JPEG",
             "h.tga": "TGA", "i.jp2": "JPEG2000", "j.dib": "DIB", "k.apng": "PNG"}  # fmt: skip
    for name, kind in kinds.items():
        image.save(tmp_path / name, kind)
    for name in ("notes.xyz", "more.xyz", "README", ".hidden.png"):
        (tmp_path / name).write_text("text")
    found = find_images(tmp_path)
    assert [path.name for path in found.images] == sorted(kinds)
    assert found.skipped() == "3 files are skipped: (no suffix) (1), .xyz (2)."
    assert found.skipped(without=[".xyz"]) == "1 files are skipped: (no suffix) (1)."


@pytest.mark.skipif(sys.platform != "linux", reason="names and special files of Linux")
def test_links_special_files_and_odd_names_are_skipped_in_bounded_time(tmp_path):
    for i in range(12):
        (tmp_path / f"{i}").mkdir()
        Image.new("L", (2, 2)).save(tmp_path / f"{i}" / "image.png")
    for i in range(12):
        for j in range(12):
            (tmp_path / f"{i}" / f"to_{j}").symlink_to(tmp_path / f"{j}")
    os.mkfifo(tmp_path / "0" / "pipe.png")
    (tmp_path / "0" / "nowhere.png").symlink_to("nowhere")
    odd = os.fsencode(tmp_path) + b"/0/\xff.png"
    with open(odd, "wb") as file:
        file.write((tmp_path / "0" / "image.png").read_bytes())
    found = find_images(tmp_path)
    assert len(found.images) == 12
    assert found.others == {"(a name that is not UTF-8)": 1, "(a broken link)": 1, "(no ordinary file)": 1}


def test_a_folder_without_images_names_what_it_holds(tmp_path):
    (tmp_path / "notes.xyz").write_text("text")
    with pytest.raises(ZooError, match=r"no images in .*1 files are skipped: .xyz \(1\)"):
        list_images(tmp_path)


@pytest.mark.parametrize(
    "name, side, message",
    [("a.webp", 16_384, "at most 16383"), ("a.jpg", 65_501, "at most 65500"), ("a.xyz", 1, "the suffix")],
)
def test_limits_of_formats_are_checked_before_the_work(name, side, message, tmp_path):
    with pytest.raises(ZooError, match=message):
        check_writable(tmp_path / name, 1, side)
    check_writable(tmp_path / "a.png", 1, side)
    if side > 1:
        Image.new("L", (side // 4 + 1, 1)).save(tmp_path / "wide.png")
        with pytest.raises(ZooError, match=message):
            process_files(tmp_path / "wide.png", tmp_path / name, None, 1, factors=(4, 4))


def test_a_broken_file_does_not_stop_the_others(tmp_path):
    for name in ("a", "b", "c"):
        Image.new("L", (4, 4)).save(tmp_path / f"{name}.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:40])
    with pytest.raises(BrokenImage) as error:
        process_files(tmp_path, tmp_path / "out", lambda image: 255 - image, 1)
    for text in ("a.png cannot be read", "b.png cannot be read", "The results of 1 images are written"):
        assert text in str(error.value)
    assert np.asarray(Image.open(tmp_path / "out" / "c.png")).min() == 255

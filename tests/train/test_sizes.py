"""The image size of a folder, and of other data than a recipe's own."""

import dataclasses

import pytest
from PIL import Image
from processes import run_command

import zoo
from zoo import recipe
from zoo.train.sizes import with_size, without_own_size


def folder(tmp_path, *sizes):
    for i, size in enumerate(sizes):
        path = tmp_path / "set" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (i, 2 * i, 3 * i)).save(path)
    return f"{tmp_path}/set"


@pytest.mark.parametrize(
    "model, sizes, expected",
    [
        ("cgan_conv", [(28, 28), (30, 40)], 28),
        ("cgan_conv", [(400, 100), (90, 90)], 64),
        ("cgan_conv", [(61, 70)], 56),
        ("gan", [(61, 70)], 61),
        ("pix2pix", [(120, 61)], 48),
    ],
)
def test_a_folder_has_the_size_of_its_smallest_image(model, sizes, expected, tmp_path, capsys):
    chosen = dataclasses.replace(recipe.find(model), dataset=folder(tmp_path, *sizes), image_size=None)
    assert with_size(chosen).image_size == expected
    assert f"are {expected}x{expected} in training" in capsys.readouterr().out


def test_a_chosen_size_stays(tmp_path):
    chosen = dataclasses.replace(recipe.find("gan"), dataset=folder(tmp_path, (28, 28)), image_size=20)
    assert with_size(chosen).image_size == 20
    assert with_size(recipe.find("cgan_mnist")) == recipe.find("cgan_mnist")


def test_a_size_belongs_to_the_data_of_its_recipe():
    def size(name, dataset):
        named = recipe.find(name)
        return without_own_size(dataclasses.replace(named, dataset=dataset), named).image_size

    assert size("cgan_conv_digits", "./other") is None
    assert size("cgan_conv_digits", "mnist") is None
    assert size("cgan_conv_digits", "digits") == 16
    assert size("srresnet_photos", "./other") == 96  # of crops
    assert size("pix2pix_facades_paper", "./facades") == 256


@pytest.mark.slow
@pytest.mark.parametrize("given, expected", [([], 28), (["--set=image_size=20"], 20)])
def test_a_folder_of_28_pixels_is_trained_in_this_size(given, expected, tmp_path, data_dir):
    data = folder(tmp_path, *[(28, 28)] * 10)
    command = ["-m", "zoo.train", "--model=cgan_conv", "--steps=1", "--batch_size=4", f"--dataset={data}"]
    done = run_command([*command, *given, f"--out={tmp_path / 'run'}", f"--data_dir={data_dir}"])
    assert done.returncode == 0, done.stderr
    assert zoo.load(tmp_path / "run").sample(1).shape == (1, expected, expected, 3)

"""Names of labels: in cards, in code, on the command line, served, and in evaluations."""

import dataclasses
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from processes import run_command

import zoo
from zoo import recipe
from zoo.errors import ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.saved.export import new_folder
from zoo.saved.names import check_numbers
from zoo.train.run import train

sizes = {"generator_units": (8,), "discriminator_units": (8,)}
pytestmark = pytest.mark.slow


def make(folder, names):
    """Makes images whose brightness is that of the length of their class's name."""
    for name in names:
        for i in range(8):
            path = folder / name / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (8, 8), 20 * len(name) + i).save(path)
    return f"{folder}/"


def trained_on(dataset, out, data_dir, model="cgan_conv", **changes):
    chosen = dataclasses.replace(
        recipe.find(model), dataset=dataset, steps=1, period=1, batch_size=4, image_size=8, channels=1,
        steps_per_execution=1, precision="float32", half_weights=False, **changes,
    )  # fmt: skip
    train(chosen, out, data_dir=data_dir)
    return zoo.load(out)


@pytest.fixture(scope="module")
def pets(tmp_path_factory, data_dir):
    folder = tmp_path_factory.mktemp("names")
    data = make(folder / "pets", ["cat", "doggy"])
    return trained_on(data, folder / "run", data_dir), folder


def test_the_card_names_the_classes(pets):
    trained, _ = pets
    data = trained.card.data
    assert data["names"] == ["cat", "doggy"] and data["shape"] == [8, 8, 1] and data["splits"] == ["train"]
    served = trained.signatures["labels"](label=tf.constant([1, 0, 5, -1]))["name"]
    assert served.numpy().tolist() == [b"doggy", b"cat", b"", b""]


def test_labels_have_names_in_code(pets):
    trained, _ = pets
    by_number = trained.sample(2, label=[1, 0])
    for given in (["doggy", "cat"], ["#1", "#0"]):
        np.testing.assert_array_equal(trained.sample(2, label=given), by_number)
    np.testing.assert_array_equal(trained.sample(2, label="doggy"), trained.sample(2, label=1))
    with pytest.raises(ZooError, match="no label 'dogg'. Did you mean doggy"):
        trained.sample(1, label="dogg")


def test_labels_have_names_on_the_command_line(pets, tmp_path):
    trained, folder = pets
    for value in ("doggy", "[1,1]"):
        command = ["-m", "zoo.sample", f"--model={folder / 'run'}", "--images=2", f"--given=label={value}"]
        done = run_command([*command, f"--out={tmp_path / value}"])
        assert done.returncode == 0, done.stderr
    images = [[np.asarray(Image.open(tmp_path / v / "images" / f"0000{i}.png")) for i in (0, 1)]
              for v in ("doggy", "[1,1]")]  # fmt: skip
    np.testing.assert_array_equal(*images)


def test_numerals_as_names_are_not_confused_with_numbers(tmp_path, data_dir):
    data = make(tmp_path / "numerals", ["1", "10", "9"])
    trained = trained_on(data, tmp_path / "run", data_dir)
    assert trained.card.data["names"] == ["1", "10", "9"]
    with pytest.raises(ZooError, match="label=1 is ambiguous, because the class 1 has the number 0"):
        check_numbers(trained, {"label": 1})
    check_numbers(trained, {"label": ["1", "#1"]})
    check_numbers(trained, {"label": 0})  # no class is named 0
    np.testing.assert_array_equal(trained.sample(2, label=["9", "#1"]), trained.sample(2, label=[2, 1]))


def test_evaluations_follow_the_names(tmp_path, data_dir, capsys):
    data = make(tmp_path / "pets", ["cat", "doggy"])
    classifier = trained_on(data, tmp_path / "run", data_dir, "classifier")

    def labels(dataset):
        return EvaluationContext(classifier, dataset=dataset, data_dir=data_dir).labeled("test")

    make(tmp_path / "same", ["cat", "doggy"])
    x, y = labels(f"{tmp_path}/same/")
    np.testing.assert_array_equal(y, x[:, 0, 0, 0] >= 100)
    classifier.card.data["names"] = ["doggy", "cat"]  # as if trained in another order
    _, swapped = labels(f"{tmp_path}/same/")
    np.testing.assert_array_equal(swapped, 1 - y)
    make(tmp_path / "other", ["ape", "catty"])
    with pytest.raises(ZooError, match=r"other/ \(ape, catty\) are not those of"):
        labels(f"{tmp_path}/other/")
    del classifier.card.data["names"]
    _, y = labels(f"{tmp_path}/other/")
    assert set(y) == {0, 1} and "does not name its classes" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "run")


def test_a_model_has_the_name_of_its_run_or_a_given_one(pets, tmp_path, data_dir):
    trained, folder = pets
    assert trained.name == trained.card.name == "run" and trained.card.recipe["name"] == "cgan_conv_digits"
    command = ["-m", "zoo.export", f"--model={folder / 'run'}", f"--out={tmp_path}", "--name=cats"]
    assert run_command(command).returncode == 0
    assert run_command([*command, "--as_it_is"]).returncode == 0
    assert zoo.load(tmp_path / "cats").name == "cats" and zoo.load(tmp_path / "cats").version.name == "2"
    data = make(tmp_path / "other", ["cat", "doggy", "horse"])
    trained_on(data, tmp_path / "other_run", data_dir, "classifier")
    done = run_command([*command[:2], f"--model={tmp_path / 'other_run'}", *command[3:]])
    assert done.returncode == 1 and "another interface" in done.stderr and "--name" in done.stderr
    for name in ("../x", "", "a/b", ".."):
        with pytest.raises(ZooError, match="not the name of a folder"):
            new_folder(tmp_path, name, trained)

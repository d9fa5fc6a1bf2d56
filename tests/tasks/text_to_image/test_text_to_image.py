"""Images of captions: trained models and the command line."""

import numpy as np
import pytest
from PIL import Image
from processes import run_command
from texts import strange

import zoo
from zoo.errors import ZooError
from zoo.tasks.inputs import draw_inputs, text_walk


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gancls", "stackgan"])
def test_strange_texts_give_pictures(name, small_run):
    trained = zoo.load(small_run(name))
    made = trained.sample(text=strange, seed=0)
    assert made.shape == (len(strange), 32, 32, 3)
    one = trained.sample(text="a red star", n=3, seed=5)
    np.testing.assert_array_equal(one, trained.sample(text=["a red star"] * 3, seed=5))
    assert trained.sample(n=2).shape == (2, 32, 32, 3)  # of its examples
    for wrong in (7, [1, 2], [["a"]]):
        with pytest.raises(ZooError, match="strings"):
            trained.sample(text=wrong)


@pytest.mark.slow
def test_stage_one_is_offered_beside_stage_two(small_run):
    trained = zoo.load(small_run("stackgan"))
    seeds = np.arange(2)
    rough = trained.call("sketch", text=["a", "b"], seed=seeds)["image"]
    assert rough.shape == (2, 8, 8, 3) and rough.dtype == np.uint8


@pytest.mark.slow
def test_walks_between_texts_end_at_them(small_run):
    trained = zoo.load(small_run("gancls"))
    frames = text_walk(trained, ["a red star", "a blue cross"], 4, seed=3)
    assert frames.shape == (4, 32, 32, 3)
    z = draw_inputs({"z": trained.priors["z"]}, 1, 3)["z"]
    for frame, text in ((frames[0], "a red star"), (frames[-1], "a blue cross")):
        made = trained.to_pixels(trained.generate(z=z, text=[text]))
        assert np.abs(np.int32(made[0]) - frame).max() <= 1


@pytest.mark.slow
def test_pictures_of_words_from_the_command_line(small_run, tmp_path):
    where = [f"--model={small_run('stackgan')}", f"--out={tmp_path}", "--columns=3"]
    run = run_command(["-m", "zoo.sample", *where, "--text=a red star", "--text=ein blaues Kreuz"])
    assert run.returncode == 0, run.stderr
    assert {"text_walk.png", "text_walk.gif"} <= {p.name for p in tmp_path.iterdir()}
    assert Image.open(tmp_path / "grid.png").size == (3 * 33 - 1, 2 * 33 - 1)
    stages = np.array(Image.open(tmp_path / "stages.png"))
    assert stages.shape == (2 * 33 - 1, 6 * 33 - 1, 3)
    np.testing.assert_array_equal(stages[:, 3 * 33 :], np.array(Image.open(tmp_path / "grid.png")))

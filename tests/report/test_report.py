"""Reports: one page that tells what a run folder holds, whatever kind of run it is."""

import configparser
import dataclasses
import html.parser
import re
import shlex
import shutil
import subprocess

import pytest
from PIL import Image
from processes import run_command

from zoo import paths, recipe
from zoo.commands import spelling
from zoo.errors import ZooError
from zoo.report.account import of_model, of_run
from zoo.report.page import report
from zoo.tasks import load
from zoo.train.run import train

small = {
    "infogan": {"network": {"width": 4, "hidden": 8}},
    "gan_gaussian": {},
    "pix2pix": {"network": {"width": 2, "discriminator_width": 2}, "image_size": 32, "batch_size": 1},
    "classifier": {"network": {"width": 4}},
}


class Page(html.parser.HTMLParser):
    """What stands in a page, and whether its elements are closed in their order."""

    void = ("meta", "img", "br")

    def __init__(self, path):
        super().__init__()
        self.source, self.open, self.images, self.words = path.read_text(), [], [], ""
        self.feed(self.source)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.images.append(dict(attributes))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


@pytest.fixture(scope="module")
def run(shared, data_dir):
    """A function from a recipe's name to the folder of a run of three steps, made once."""

    def make(name):
        chosen = dataclasses.replace(
            recipe.find(name), steps=3, period=1, steps_per_execution=1, **small[name]
        )
        return shared(f"report_{name}", lambda folder: train(chosen, folder, data_dir=data_dir))

    return make


def page_of(source, tmp_path, account=of_run):
    report(account(source, tmp_path / "album"), tmp_path / "report.html")
    return Page(tmp_path / "report.html")


@pytest.mark.slow
@pytest.mark.parametrize("name", small)
def test_every_kind_of_run_has_a_page_that_needs_nothing_else(name, run, tmp_path):
    page = page_of(run(name), tmp_path)
    assert "3 of 3" in page.words and "Not measured yet" in page.words
    assert all(image["src"].startswith("data:image/") and image["alt"] for image in page.images)
    assert "http:" not in page.source and "https:" not in page.source and "<script" not in page.source
    shown = re.findall(r"Step \d+", page.words)
    assert shown == ([] if name == "classifier" else ["Step 1", "Step 2", "Step 3"])
    assert "Losses" in page.words
    assert ("code, one of its numbers" in page.words) == (name == "infogan")


@pytest.mark.slow
def test_a_run_that_is_not_finished_says_so(run, tmp_path):
    shutil.copytree(run("infogan"), tmp_path / "run", ignore=shutil.ignore_patterns("saved_model", "*.gif"))
    page = page_of(tmp_path / "run", tmp_path)
    assert "not finished" in page.words and "Results" not in page.words
    (tmp_path / "run" / "history.csv").unlink()
    shutil.rmtree(tmp_path / "run" / "samples")
    assert "0 of 3" in page_of(tmp_path / "run", tmp_path).words  # of a run that has just begun
    with pytest.raises(ZooError, match="holds no run"):
        of_run(tmp_path / "album", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cgan_conv_digits", "segmenter_shapes"])
def test_a_shipped_model_is_reported_with_its_protocols(name, tmp_path):
    page = page_of(name, tmp_path, of_model)
    for result in load(name).card.results:
        assert result["metric"] in page.words and result["protocol"] in page.words
    assert ("A closed walk" in page.words) == (name == "cgan_conv_digits")


def test_what_differs_from_the_recipe_is_told_and_in_the_command():
    settings = ["network.width=4", "network.z_dim=7", "augment=('mirror',)", "steps=9"]
    made = recipe.find("dcgan").changed(settings)
    assert spelling.differences(recipe.find("dcgan")) == {}
    assert spelling.differences(made) == {
        "steps": (9, 3000),
        "network.width": (4, 32),
        "network.z_dim": (7, None),
        "augment": (("mirror",), ()),
    }
    words = shlex.split(spelling.command_of(made))
    assert words[:4] == ["python", "-m", "zoo.train", "--model=dcgan_digits"]
    again = recipe.find("dcgan_digits").changed([word.removeprefix("--set=") for word in words[4:]])
    assert again == made
    mine = dataclasses.replace(made, name="mine")
    assert spelling.differences(mine) is None and "--model=mine.py" in spelling.command_of(mine)


@pytest.mark.slow
def test_large_pictures_are_left_where_they_are_and_named(run, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.report.page.largest", 10)
    page = page_of(run("pix2pix"), tmp_path)
    assert "samples.gif" in page.words and len(page.images) == 1  # the losses, which lie in no file


@pytest.mark.slow
def test_words_of_a_recipe_are_no_markup(run, tmp_path):
    account = of_run(run("classifier"), tmp_path)
    account = dataclasses.replace(account, recipe=dataclasses.replace(account.recipe, summary="<b>&</b>"))
    report(account, tmp_path / "report.html")
    assert "<b>&</b>" in Page(tmp_path / "report.html").words


@pytest.mark.slow
def test_captions_cannot_break_out_of_attributes(run, tmp_path):
    account = of_run(run("classifier"), tmp_path)
    image = tmp_path / """x" onerror='y' <i>.png"""
    Image.new("RGB", (4, 4)).save(image)
    report(dataclasses.replace(account, shown=[image]), tmp_path / "report.html")
    page = Page(tmp_path / "report.html")
    assert [set(attributes) for attributes in page.images] == [{"src", "alt"}] * len(page.images)
    assert page.images[-1]["alt"] == image.stem and "<i>" not in page.source
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page.source


def test_template_is_in_the_package():
    setup = configparser.ConfigParser()
    setup.read(paths.recipes.parent / "setup.cfg")
    shipped = setup["options.package_data"]["zoo.report"].split()
    assert {file.name for file in (paths.recipes.parent / "zoo" / "report").glob("*.j2")} == set(shipped)


@pytest.mark.slow
def test_the_command_writes_beside_the_run_and_tells_mistakes(run):
    def asked(*flags):
        return run_command(["-m", "zoo.report", *flags])

    done = asked(f"--run={run('classifier')}")
    assert done.returncode == 0, done.stderr
    assert (run("classifier") / "report.html").is_file()
    done = asked("--run=/nowhere")
    assert done.returncode == 1 and "holds no run" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium on the PATH")
@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_shows_it_all_without_a_network(dark, run, tmp_path):
    page_of(run("infogan"), tmp_path)
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
        "--disable-background-networking",
        "--disable-component-update",
        "--window-size=800,3000",
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--screenshot={tmp_path / 'page.png'}",
    ]
    flags += ["--force-dark-mode"] if dark else []
    page = f"file://{tmp_path / 'report.html'}"
    subprocess.run(["chromium", *flags, page], check=True, capture_output=True, timeout=120)
    shown = Image.open(tmp_path / "page.png").convert("RGB")
    assert (max(shown.getpixel((3, 3))) < 90) == dark
    assert len(shown.getcolors(1 << 24)) > 100  # there are pictures, not words alone

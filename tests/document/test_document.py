"""The README's table of models is today's, and says what the cards say."""

import pathlib
import re

import pytest

import zoo
from zoo.document import papers
from zoo.document import readme as documentation
from zoo.errors import ZooError
from zoo.evaluate import folders as comparison
from zoo.evaluate.measure import protocols
from zoo.inspect.looks import looks


def test_the_readmes_table_is_up_to_date():
    text = documentation.readme.read_text(encoding="utf-8")
    assert documentation.written(text) == text, "run: python -m zoo.document --write"


def test_the_table_of_papers_is_up_to_date():
    text = papers.guide.read_text(encoding="utf-8")
    assert papers.written(text) == text, "run: python -m zoo.document --write"
    with pytest.raises(ZooError, match="no 'Differences from the paper:'"):
        papers.differences("gan_digits")
    with pytest.raises(ZooError, match="Put them back"):
        papers.written("")


def test_every_protocol_is_described_and_no_other():
    page = (pathlib.Path(zoo.__file__).parent / "evaluate" / "README.md").read_text(encoding="utf-8")
    headings = re.findall("^### (.+)$", page, re.MULTILINE)
    assert sorted(re.findall("`(.+?)`", " ".join(headings))) == sorted(protocols)
    table = re.findall(r"^\| (`.+?) \|", page, re.MULTILINE)
    known = {*comparison.seen, *comparison.paired}
    assert set(re.findall("`(.+?)`", " ".join(table))) == known


def test_every_look_is_described_and_no_other():
    page = (pathlib.Path(zoo.__file__).parent / "inspect" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(.+?)` \|", page, re.MULTILINE)) == set(looks)


def test_a_paper_is_found_where_a_models_file_cites_it():
    link = "[Radford, Metz & Chintala 2016](https://arxiv.org/abs/1511.06434)"
    assert documentation.paper("dcgan") == link
    assert documentation.paper("dualgan").endswith("(https://arxiv.org/abs/1704.02510)")  # over two lines
    assert documentation.paper("cgan_mlp") == "The least-squares CGAN of a course report"


def test_a_figure_has_its_spread_its_unit_and_what_the_paper_says():
    result = {"metric": "PSNR", "value": -30.9995, "spread": 0.0123, "unit": "dB"}
    assert documentation.figure(result) == "PSNR −31.00 ± 0.01 dB"
    assert documentation.figure({**result, "spread": 1.2}) == "PSNR −31.00 ± 1 dB"
    assert documentation.figure({**result, "spread": 1e-16}, "32") == "PSNR −31.00 dB (paper: 32)"
    assert documentation.figure({"metric": "modes", "value": 8.0, "spread": None}) == "modes 8"


def test_what_stands_around_the_table_stays_and_marks_that_are_gone_are_missed():
    text = f"before\n{documentation.begin}old\n{documentation.end}after\n"
    now = documentation.written(text)
    assert now.startswith("before\n") and now.endswith("after\n") and "old" not in now
    assert documentation.written(now) == now
    with pytest.raises(ZooError, match="Put them back"):
        documentation.written(text.replace(documentation.end, ""))

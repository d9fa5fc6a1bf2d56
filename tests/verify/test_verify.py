"""Whether what was published still holds, and is told when it does not."""

import json
import shutil

import pytest
from processes import run_command

import zoo
from zoo import paths
from zoo.errors import MissingData, ZooError
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate
from zoo.verify import findings as verification


@pytest.mark.slow
def test_the_quick_models_hold(data_dir):
    for name in ("classifier_digits", "cgan_conv_digits"):
        findings = verification.verify(name, seeds=1, data_dir=data_dir)
        assert findings and all(finding.holds for finding in findings), list(map(str, findings))


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "classifier_digits"
    shutil.copytree(paths.saved_models / "classifier_digits", folder)
    return folder


def changed(folder, change):
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))
    return str(folder)


@pytest.mark.slow
def test_a_figure_that_no_longer_holds_is_found(copy, data_dir):
    def better(card):
        card["results"][0]["value"] = 1.05

    (finding,) = verification.verify(changed(copy, better), data_dir=data_dir)
    assert finding.holds is False and "FAILS" in str(finding)


@pytest.mark.slow
def test_what_cannot_be_read_here_is_not_called_right(copy, data_dir):
    def elsewhere(card):
        card["recipe"]["dataset"] = "./absent"

    (finding,) = verification.verify(changed(copy, elsewhere), data_dir=data_dir)
    assert finding.holds is None and "absent" in str(finding)
    (finding,) = verification.verify(changed(copy, lambda card: card["results"].clear()), data_dir=data_dir)
    assert finding.holds is None


@pytest.mark.slow
def test_two_domains_that_are_not_here_are_missing_too():
    context = EvaluationContext(zoo.load("cyclegan_shapes"), 1, dataset="./absent")
    with pytest.raises(MissingData, match="absent"):
        evaluate(context, ["round_trip"])


@pytest.mark.slow
def test_unknown_metrics_suggest_the_nearest():
    with pytest.raises(ZooError, match="test_accuracy"):
        verification.verify("classifier_digits", ["test_acuracy"])


@pytest.mark.slow
def test_the_command_ends_with_1_where_a_file_was_changed(copy):
    (copy / "1/saved_model.pb").write_bytes(b"")
    done = run_command(["-m", "zoo.verify", str(copy)])
    assert done.returncode == 1 and "SHA-256" in done.stderr and "Traceback" not in done.stderr

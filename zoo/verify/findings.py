"""Whether shipped models still are, and still do, what their cards say."""

import dataclasses

from zoo import recipe
from zoo.errors import MissingData, unknown
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate, protocols
from zoo.tasks import load


@dataclasses.dataclass(frozen=True)
class Finding:
    """One published figure, read again.

    Attributes:
        model, metric: whose.
        published: the card's value.
        now: this reading; None where it could not be taken.
        tolerance: how far apart they may be.
        reason: why it could not be taken.
    """

    model: str
    metric: str
    published: float | None = None
    now: float | None = None
    tolerance: float | None = None
    reason: str = ""

    @property
    def holds(self):
        """True, False, or None where it could not be told."""
        return None if self.now is None else abs(self.now - self.published) <= self.tolerance

    def __str__(self):
        verdict = {True: "holds", False: "FAILS", None: "not checked"}[self.holds]
        if self.now is None:
            return f"{verdict:12}{self.model}: {self.metric} ({self.reason})"
        return (
            f"{verdict:12}{self.model}: {self.metric} {self.now:.5g}, published {self.published:.5g} "
            f"(± {self.tolerance:.2g})"
        )


def tolerance(result):
    """How far a reading may be from a published one: four times its spread over seeds of sampling, and
    never less than 1 % of it, for other processors round otherwise."""
    return max(4 * (result["spread"] or 0.0), 0.01 * abs(result["value"]))


def _protocols(trained):
    """Those of a model's recipe, as it was and as it is."""
    now = recipe.find(trained.name).metrics if trained.name in recipe.list_recipes() else ()
    return dict.fromkeys([*trained.card.recipe["metrics"], *now])


def verify(name, metrics=None, seeds=3, data_dir=None):
    """Takes the figures of a model's card again.

    Args:
        name: what `zoo.load` takes, which refuses files that are not those of the card.
        metrics: protocols; None: those of the model's recipe.
        seeds: of sampling.
        data_dir: where TFDS keeps its sets.

    Returns:
        A list of `Finding`, one a published figure of those protocols; a protocol whose data is not here
        gives one that says so, as does a figure of none of the recipe's protocols.

    Raises:
        ZooError: a model or a judge that cannot be loaded, an unknown protocol.
    """
    for metric in metrics or ():
        if metric not in protocols:
            raise unknown("metric", metric, protocols)
    trained = load(name)
    published = {r["metric"]: r for r in trained.card.results}
    bench = EvaluationContext(trained, seeds, data_dir=data_dir)
    findings = []
    for metric in metrics or _protocols(trained):
        try:
            results = evaluate(bench, [metric])
        except MissingData as error:
            findings.append(Finding(trained.name, metric, reason=str(error)))
            continue
        for result in results:
            was = published.get(result["metric"])
            if was is None:
                reason = "its card has no such figure"
                findings.append(Finding(trained.name, result["metric"], reason=reason))
            else:
                figures = was["value"], result["value"], tolerance(was)
                findings.append(Finding(trained.name, result["metric"], *figures))
    read = {finding.metric for finding in findings}
    if not metrics and not any(finding.reason for finding in findings):
        reason = "its recipe does not name the protocol; set metrics to measure it"
        findings += [Finding(trained.name, m, reason=reason) for m in published if m not in read]
    return findings

"""Repeated measurements of published results."""

import dataclasses

from zoo import recipe
from zoo.errors import MissingData, unknown
from zoo.evaluate.context import EvaluationContext
from zoo.evaluate.measure import evaluate, protocols
from zoo.tasks import load


@dataclasses.dataclass(frozen=True)
class Finding:
    """One published result, measured again.

    Attributes:
        model, metric: Strings.
        published: Float. Value in the card.
        now: Float. New value, or None if it was not measured.
        tolerance: Float. Largest allowed difference.
        reason: String. The reason for a missing measurement.
    """

    model: str
    metric: str
    published: float | None = None
    now: float | None = None
    tolerance: float | None = None
    reason: str = ""

    @property
    def holds(self):
        """Whether the result holds, or None if it was not measured."""
        return None if self.now is None else abs(self.now - self.published) <= self.tolerance

    def __str__(self):
        """Returns the finding as one line."""
        verdict = {True: "holds", False: "FAILS", None: "not checked"}[self.holds]
        if self.now is None:
            return f"{verdict:12}{self.model}: {self.metric} ({self.reason})"
        return (
            f"{verdict:12}{self.model}: {self.metric} {self.now:.5g}, published {self.published:.5g} "
            f"(± {self.tolerance:.2g})"
        )


def tolerance(result):
    """Returns the allowed difference of a new value from a published one.

    It is four times the spread over seeds, and at least 1 % of the value, because processors round
    differently.
    """
    return max(4 * (result["spread"] or 0.0), 0.01 * abs(result["value"]))


def _protocols(trained):
    """Returns the protocols of a model's recipe, from the card and from the current recipe."""
    now = recipe.find(trained.name).metrics if trained.name in recipe.list_recipes() else ()
    return dict.fromkeys([*trained.card.recipe["metrics"], *now])


def verify(name, metrics=None, seeds=3, data_dir=None):
    """Measures the results of a model's card again.

    Args:
        name: String. See `zoo.load`, which rejects damaged files.
        metrics: Names of protocols. Defaults to those of the model's recipe.
        seeds: Integer. Number of repetitions of sampling. Defaults to 3.
        data_dir: Path of the TFDS folder. Defaults to TFDS' own.

    Returns:
        List of `Finding`, one per published result of the protocols. A protocol without its data, and a
        result without a protocol, have a finding with a reason.

    Raises:
        ZooError: A model or a classifier cannot be loaded, or a protocol is unknown.
    """
    for metric in metrics or ():
        if metric not in protocols:
            raise unknown("metric", metric, protocols)
    trained = load(name)
    published = {r["metric"]: r for r in trained.card.results}
    context = EvaluationContext(trained, seeds, data_dir=data_dir)
    findings = []
    for metric in metrics or _protocols(trained):
        try:
            results = evaluate(context, [metric])
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

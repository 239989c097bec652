"""Checks of a metric and of broken rows, at their edges."""

import math
from typing import Any

import pytest

from core.decision.gate_metrics import (
    BASELINE_UNSCORED,
    NO_BASELINE,
    Measured,
    check_broken,
    check_metric,
)
from core.decision.gate_report import CheckOutcome
from core.evidence.certainty import Flips
from core.evidence.metrics import NO_POSITIVES, MetricValue
from core.evidence.statistics.interval import IDENTICAL, Difference, Interval, Unknown
from core.gate_settings import BrokenGate, MetricGate, Rule
from core.messages import message

PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED
INCONCLUSIVE, NOT_APPLICABLE = CheckOutcome.INCONCLUSIVE, CheckOutcome.NOT_APPLICABLE
UNKNOWN = Unknown(reason=message("Too few."))


def measured(value: float | None = 0.8, **facts: Any) -> Measured:
    known: dict[str, Any] = {
        "rows": 100,
        "positives": 40,
        "value": MetricValue(value) if value is not None else NO_POSITIVES,
        "level": 0.95,
        "interval": Interval(0.7, 0.9),
        "against": 1,
        "baseline": MetricValue(0.75),
        "difference": between(-0.02, 0.08),
    }
    return Measured(**known | facts)


def between(low: float, high: float) -> Difference:
    value = (low + high) / 2
    return Difference(value=value, interval=Interval(low, high), p_value=0.5, error=0.02)


def bounded(rule: Rule, bound: float, *, surely: bool = False) -> MetricGate:
    return MetricGate(metric="f1", rule=rule, bound=bound, surely=surely)


@pytest.mark.parametrize(
    ("rule", "bound", "outcome"),
    [
        (Rule.AT_LEAST, 0.8, PASSED),
        (Rule.AT_LEAST, 0.8000001, FAILED),
        (Rule.AT_MOST, 0.8, PASSED),
        (Rule.AT_MOST, 0.7999999, FAILED),
    ],
)
def test_a_value_keeps_its_bound_or_not(rule: Rule, bound: float, outcome: CheckOutcome) -> None:
    finding = check_metric(bounded(rule, bound), measured())
    assert finding.outcome is outcome
    assert finding.numbers == {"value": 0.8, "baseline": 0.75, "bound": bound, "rows": 100}


def test_what_is_close_is_shown_with_the_digits_that_tell_it_apart() -> None:
    finding = check_metric(bounded(Rule.AT_LEAST, 0.8), measured(0.79999951))
    assert finding.outcome is FAILED
    assert str(finding.reason) == "0.7999995; at least 0.8000000 is asked for."


@pytest.mark.parametrize(
    ("rule", "bound", "outcome"),
    [
        (Rule.AT_LEAST, 0.7, PASSED),  # the interval is 0.7 to 0.9
        (Rule.AT_LEAST, 0.71, INCONCLUSIVE),
        (Rule.AT_LEAST, 0.9, INCONCLUSIVE),
        (Rule.AT_LEAST, 0.91, FAILED),
        (Rule.AT_MOST, 0.9, PASSED),
        (Rule.AT_MOST, 0.89, INCONCLUSIVE),
        (Rule.AT_MOST, 0.7, INCONCLUSIVE),
        (Rule.AT_MOST, 0.69, FAILED),
    ],
)
def test_surely_asks_the_whole_interval(rule: Rule, bound: float, outcome: CheckOutcome) -> None:
    assert check_metric(bounded(rule, bound, surely=True), measured()).outcome is outcome


def test_surely_cannot_be_told_without_an_interval() -> None:
    finding = check_metric(bounded(Rule.AT_LEAST, 0.1, surely=True), measured(interval=UNKNOWN))
    assert (finding.outcome, str(finding.reason)) == (INCONCLUSIVE, "Too few.")


@pytest.mark.parametrize(
    ("metric", "low", "high", "better", "no_worse"),
    [
        ("f1", 0.01, 0.09, PASSED, PASSED),
        ("f1", 0.0, 0.09, INCONCLUSIVE, PASSED),  # zero is not better
        ("f1", -0.05, 0.09, INCONCLUSIVE, PASSED),  # the margin itself is within the margin
        ("f1", -0.051, 0.09, INCONCLUSIVE, INCONCLUSIVE),
        ("f1", -0.06, 0.0, FAILED, INCONCLUSIVE),
        ("f1", -0.06, -0.01, FAILED, FAILED),
        ("f1", -0.04, -0.01, FAILED, PASSED),  # worse, and nobody minds
        ("log_loss", -0.09, -0.01, PASSED, PASSED),  # less is better
        ("log_loss", 0.01, 0.06, FAILED, FAILED),
        ("log_loss", -0.09, 0.05, INCONCLUSIVE, PASSED),
    ],
)
def test_differences_are_judged_by_their_interval(
    metric: str, low: float, high: float, better: CheckOutcome, no_worse: CheckOutcome
) -> None:
    found = measured(difference=between(low, high))
    assert check_metric(MetricGate(metric=metric, rule=Rule.BETTER_THAN), found).outcome is better
    gate = MetricGate(metric=metric, rule=Rule.NO_WORSE_THAN, margin=0.05)
    finding = check_metric(gate, found)
    assert finding.outcome is no_worse
    assert (finding.numbers["low"], finding.numbers["high"]) == (low, high)
    assert (finding.numbers["rows_needed"] is not None) == (no_worse is INCONCLUSIVE)


def test_identical_scores_are_no_worse_and_not_better() -> None:
    found = measured(difference=IDENTICAL)
    assert check_metric(MetricGate(metric="f1", rule=Rule.BETTER_THAN), found).outcome is FAILED
    gate = MetricGate(metric="f1", rule=Rule.NO_WORSE_THAN, margin=0.0)
    assert check_metric(gate, found).outcome is PASSED


RULES = [
    bounded(Rule.AT_LEAST, 0.0),
    bounded(Rule.AT_MOST, 1.0),
    bounded(Rule.AT_LEAST, 0.0, surely=True),
    MetricGate(metric="f1", rule=Rule.BETTER_THAN),
    MetricGate(metric="f1", rule=Rule.NO_WORSE_THAN, margin=1.0),
]


@pytest.mark.parametrize("gate", RULES)
@pytest.mark.parametrize(
    "facts", [{"value": None}, {"value": math.nan}, {"positives": 0}, {"positives": 100}]
)
def test_what_is_undefined_or_of_one_label_never_passes(gate: MetricGate, facts: dict[str, Any]) -> None:
    assert check_metric(gate, measured(**facts)).outcome is INCONCLUSIVE


@pytest.mark.parametrize("gate", RULES[3:])
def test_a_difference_needs_a_baseline_that_is_defined(gate: MetricGate) -> None:
    assert check_metric(gate, measured(difference=NO_BASELINE)).outcome is NOT_APPLICABLE
    assert check_metric(gate, measured(difference=BASELINE_UNSCORED)).outcome is INCONCLUSIVE
    assert check_metric(gate, measured(baseline=NO_POSITIVES)).outcome is INCONCLUSIVE
    assert check_metric(gate, measured(difference=UNKNOWN)).outcome is INCONCLUSIVE


def test_a_bound_needs_no_baseline() -> None:
    gate = bounded(Rule.AT_LEAST, 0.8)
    assert check_metric(gate, measured(baseline=None, difference=NO_BASELINE)).outcome is PASSED


@pytest.mark.parametrize(("broken", "outcome"), [(0, PASSED), (5, PASSED), (6, FAILED)])
def test_a_share_of_rows_may_be_broken(broken: int, outcome: CheckOutcome) -> None:
    finding = check_broken(BrokenGate(at_most=0.05), Flips(fixed=9, broken=broken, p_value=1.0), 100, 40)
    assert finding.outcome is outcome
    assert finding.numbers["value"] == broken / 100


def test_broken_rows_need_both_labels_and_a_baseline() -> None:
    gate, flips = BrokenGate(at_most=1.0), Flips(fixed=0, broken=0, p_value=1.0)
    assert check_broken(gate, flips, 100, 0).outcome is INCONCLUSIVE
    assert check_broken(gate, NO_BASELINE, 100, 40).outcome is NOT_APPLICABLE
    assert check_broken(gate, BASELINE_UNSCORED, 100, 40).outcome is INCONCLUSIVE

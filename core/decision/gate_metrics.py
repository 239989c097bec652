"""Checks of a metric: against a bound, or against Production's on the same rows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.decision.gate_report import CheckOutcome, Finding, Numbers
from core.evidence.certainty import Flips
from core.evidence.metrics import METRIC, MetricValue
from core.evidence.statistics import power
from core.evidence.statistics.interval import Difference, Interval, Unknown
from core.evidence.statistics.verdict import Verdict, judge, oriented
from core.gate_settings import BrokenGate, MetricGate, Rule
from core.messages import Message, message

_MOST_DIGITS: Final = 17  # no two numbers look alike with them

NO_BASELINE: Final = Finding(
    outcome=CheckOutcome.NOT_APPLICABLE,
    reason=message("No version is in Production, so there is nothing to compare with."),
)
ITSELF: Final = Finding(
    outcome=CheckOutcome.NOT_APPLICABLE, reason=message("The version would be compared with itself.")
)
BASELINE_UNSCORED: Final = Finding(
    outcome=CheckOutcome.INCONCLUSIVE,
    reason=message("The baseline is not scored, so nothing can be compared with it."),
)
NOT_SCORED: Final = Finding(outcome=CheckOutcome.INCONCLUSIVE, reason=message("The version is not scored."))
ONE_LABEL: Final = message("The rows have one label only.")
UNDEFINED: Final = message("The metric is undefined for these rows.")
NO_INTERVAL: Final = message("The metric has no interval for these rows.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric of the candidate on some rows, and how sure it is.

    `interval` is the candidate's own, `difference` that to the baseline of the number `against`; a Finding
    where there is nothing to compare with.
    """

    rows: int
    positives: int
    value: MetricValue
    level: float
    interval: Interval | Unknown
    against: int | None = None
    baseline: MetricValue | None = None
    difference: Difference | Unknown | Finding = NO_BASELINE

    @property
    def has_one_label(self) -> bool:
        """Whether all rows have the same label."""
        return self.positives in {0, self.rows}


def check_metric(gate: MetricGate, measured: Measured) -> Finding:
    """What comes of a check of a metric on some rows."""
    if gate.rule.is_relative and isinstance(measured.difference, Finding):
        return measured.difference
    if measured.has_one_label:
        return inconclusive(ONE_LABEL, {"rows": measured.rows})
    if _is_undefined(measured.value):
        return inconclusive(measured.value.reason or UNDEFINED, {"rows": measured.rows})
    if gate.rule.is_relative:
        return _relative(gate, measured)
    return _surely(gate, measured) if gate.surely else _bounded(gate, measured)


def check_broken(gate: BrokenGate, flips: Flips | Finding, rows: int, positives: int) -> Finding:
    """Share of rows that the baseline has right and the candidate wrong; a Finding: nothing to compare."""
    if isinstance(flips, Finding):
        return flips
    if positives in {0, rows}:
        return inconclusive(ONE_LABEL, {"rows": rows})
    share = flips.broken / rows
    return Finding(
        outcome=CheckOutcome.PASSED if share <= gate.at_most else CheckOutcome.FAILED,
        reason=message(
            "{broken} of {rows} rows broken, {share}; at most {bound} may be. {fixed} are fixed.",
            broken=flips.broken,
            rows=rows,
            share=percent(share),
            bound=percent(gate.at_most),
            fixed=flips.fixed,
        ),
        numbers={
            "value": share,
            "bound": gate.at_most,
            "broken": flips.broken,
            "fixed": flips.fixed,
            "rows": rows,
        },
    )


def inconclusive(reason: Message, numbers: Numbers | None = None) -> Finding:
    """It cannot be told, and why."""
    return Finding(outcome=CheckOutcome.INCONCLUSIVE, reason=reason, numbers=numbers or {})


def decimal(value: float) -> str:
    """A value of a metric as sentences show it."""
    return f"{value:.4f}"


def percent(share: float) -> str:
    """A share as sentences show it."""
    return f"{100 * share:.2f}%"


def _bounded(gate: MetricGate, measured: Measured) -> Finding:
    """The value itself against the bound; equal is enough."""
    value, bound = _float(measured.value.value), _float(gate.bound)
    is_met = value >= bound if gate.rule is Rule.AT_LEAST else value <= bound
    return Finding(
        outcome=CheckOutcome.PASSED if is_met else CheckOutcome.FAILED,
        reason=_filled(_BOUNDED[gate.rule], **_apart(value, bound)),
        numbers=_known(measured, gate),
    )


def _surely(gate: MetricGate, measured: Measured) -> Finding:
    """The whole interval against the bound: passed inside, failed outside, else it cannot be told."""
    interval, bound = measured.interval, _float(gate.bound)
    if isinstance(interval, Unknown):
        return inconclusive(interval.reason or NO_INTERVAL, _known(measured, gate))
    if gate.rule is Rule.AT_LEAST:
        is_met, is_missed = interval.low >= bound, interval.high < bound
    else:
        is_met, is_missed = interval.high <= bound, interval.low > bound
    low, high = decimal(interval.low), decimal(interval.high)
    return Finding(
        outcome=_told(is_met=is_met, is_missed=is_missed),
        reason=_filled(_SURELY[gate.rule], low=low, high=high, bound=decimal(bound)),
        numbers=_known(measured, gate) | {"low": interval.low, "high": interval.high},
    )


def _relative(gate: MetricGate, measured: Measured) -> Finding:
    """The paired difference to Production, by its interval and the verdict's own rule."""
    difference = measured.difference
    if measured.baseline is not None and _is_undefined(measured.baseline):
        return inconclusive(measured.baseline.reason or UNDEFINED, _known(measured, gate))
    if not isinstance(difference, Difference):
        reason = difference.reason if isinstance(difference, Unknown) else NO_INTERVAL
        return inconclusive(reason, _known(measured, gate))
    better = METRIC[gate.metric].greater_is_better
    margin = gate.margin or 0.0
    gain = oriented(difference.interval, greater_is_better=better)
    verdict = judge(difference, greater_is_better=better, margin=margin)
    if gate.rule is Rule.BETTER_THAN:
        outcome = _told(is_met=verdict is Verdict.BETTER, is_missed=gain.high <= 0)
        told = _BETTER[outcome]
    else:
        is_met = verdict in {Verdict.BETTER, Verdict.NO_WORSE}
        outcome = _told(is_met=is_met, is_missed=verdict is Verdict.WORSE)
        told = _NO_WORSE[outcome]
    interval = difference.interval
    rows = _rows_needed(difference, margin, measured) if outcome is CheckOutcome.INCONCLUSIVE else None
    numbers = _known(measured, gate) | {
        "difference": difference.value,
        "low": interval.low,
        "high": interval.high,
        "rows_needed": rows,
    }
    if rows is not None:
        told = _NEEDS[gate.rule]
    reason = _filled(
        told,
        baseline=measured.against,
        difference=f"{difference.value:+.4f}",
        low=f"{interval.low:+.4f}",
        high=f"{interval.high:+.4f}",
        margin=f"{margin:g}",
        rows=f"{rows or 0:,.0f}",
    )
    return Finding(outcome=outcome, reason=reason, numbers=numbers)


def _rows_needed(difference: Difference, margin: float, measured: Measured) -> float | None:
    """Rows with which it could be told, by the same rule as the verdict's; None: nobody knows."""
    seen = max(abs(difference.value), margin)
    if not difference.error or not seen:
        return None
    return float(power.rows_needed(difference.error, measured.rows, seen, measured.level))


def _known(measured: Measured, gate: MetricGate) -> dict[str, float | None]:
    base = {} if measured.baseline is None else {"baseline": measured.baseline.value}
    bound = {} if gate.bound is None else {"bound": gate.bound}
    margin = {} if gate.margin is None else {"margin": gate.margin}
    level = {"level": measured.level} if gate.surely or gate.rule.is_relative else {}
    return {"value": measured.value.value, **base, **bound, **margin, **level, "rows": measured.rows}


def _apart(value: float, bound: float) -> dict[str, str]:
    """Both with four digits, or as many as show that they are not the same."""
    digits = 4
    while value != bound and f"{value:.{digits}f}" == f"{bound:.{digits}f}" and digits < _MOST_DIGITS:
        digits += 1
    return {"value": f"{value:.{digits}f}", "bound": f"{bound:.{digits}f}"}


def _is_undefined(value: MetricValue) -> bool:
    """NaN counts as undefined, though no metric of Runoff should ever be."""
    return value.value is None or not math.isfinite(value.value)


def _told(*, is_met: bool, is_missed: bool) -> CheckOutcome:
    if is_met:
        return CheckOutcome.PASSED
    return CheckOutcome.FAILED if is_missed else CheckOutcome.INCONCLUSIVE


def _float(value: float | None) -> float:
    assert value is not None  # the configuration, or the check before, has seen to it
    return value


def _filled(told: Message, **values: object) -> Message:
    """The sentence with its values; a template may leave some of them out."""
    return Message(told.template, values)


_BOUNDED: Final[Mapping[Rule, Message]] = {
    Rule.AT_LEAST: message("{value}; at least {bound} is asked for."),
    Rule.AT_MOST: message("{value}; at most {bound} is asked for."),
}
_SURELY: Final[Mapping[Rule, Message]] = {
    Rule.AT_LEAST: message("Between {low} and {high}; surely at least {bound} is asked for."),
    Rule.AT_MOST: message("Between {low} and {high}; surely at most {bound} is asked for."),
}
_BETTER: Final[Mapping[CheckOutcome, Message]] = {
    CheckOutcome.PASSED: message("Better than version {baseline}: {difference} ({low} to {high})."),
    CheckOutcome.FAILED: message("Not better than version {baseline}: {difference} ({low} to {high})."),
    CheckOutcome.INCONCLUSIVE: message(
        "Whether it is better than version {baseline} cannot be told: {difference} ({low} to {high})."
    ),
}
_NO_WORSE: Final[Mapping[CheckOutcome, Message]] = {
    CheckOutcome.PASSED: message(
        "No worse than version {baseline} by more than {margin}: {difference} ({low} to {high})."
    ),
    CheckOutcome.FAILED: message(
        "Worse than version {baseline}: {difference} ({low} to {high}), beyond the margin of {margin}."
    ),
    CheckOutcome.INCONCLUSIVE: message(
        "Whether it is worse than version {baseline} by more than {margin} cannot be told: "
        "{difference} ({low} to {high})."
    ),
}
_NEEDS: Final[Mapping[Rule, Message]] = {
    Rule.BETTER_THAN: message(
        "Whether it is better than version {baseline} cannot be told: {difference} ({low} to {high}). "
        "Some {rows} rows would be needed."
    ),
    Rule.NO_WORSE_THAN: message(
        "Whether it is worse than version {baseline} by more than {margin} cannot be told: "
        "{difference} ({low} to {high}). Some {rows} rows would be needed."
    ),
}

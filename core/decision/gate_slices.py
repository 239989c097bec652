"""Checks of a metric in each slice: what is true of all rows may be wrong for some."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from core.decision.gate_evidence import Evidence
from core.decision.gate_metrics import NOT_SCORED, Measured, check_metric, inconclusive
from core.decision.gate_report import WORST_FIRST, CheckOutcome, Finding, SliceFinding, worst
from core.errors import SplitError
from core.evidence.certainty import Certainties, Terms
from core.evidence.metrics import MetricValue
from core.evidence.paired import Paired
from core.evidence.row_parts import Scored
from core.evidence.slice_evidence import Sliced, SliceEvidence, SliceTerms, slice_evidence
from core.evidence.slices import Slice, slices_of
from core.evidence.statistics.interval import Interval, Unknown
from core.gate_settings import MetricGate
from core.messages import message

Found = tuple[Finding, tuple[SliceFinding, ...]]
NOT_ASKED: Final = Unknown(reason=message("Nobody asked for an interval."))


def check_slices(gate: MetricGate, evidence: Evidence) -> Found:
    """What comes of a check in each slice that is large enough, worst first, and of all together.

    Slices share the share of wrong claims: each interval has the level 1 - alpha / slices.
    """
    if evidence.judgement is None:
        return NOT_SCORED, ()
    if gate.rule.is_relative and evidence.absent is not None:
        return evidence.absent, ()
    try:
        slices = slices_of(evidence.split, gate.slices)
    except SplitError as error:
        return inconclusive(error.title), ()
    large = [one for one in slices if one.rows >= gate.min_rows]
    if not large:
        reason = message("No slice has {rows} rows.", rows=gate.min_rows)
        return inconclusive(reason, {"left_out": len(slices)}), ()
    found = _each(gate, evidence, large)
    return _together(gate, found, left_out=len(slices) - len(large)), found


def _each(gate: MetricGate, evidence: Evidence, slices: Sequence[Slice]) -> tuple[SliceFinding, ...]:
    assert evidence.judgement is not None  # the caller has seen to it
    alpha = evidence.judgement.alpha
    candidate = evidence.scored(evidence.candidate)
    has_baseline = evidence.baseline is not None and evidence.absent is None
    baseline = evidence.scored(evidence.baseline) if has_baseline and evidence.baseline else candidate
    terms = SliceTerms(
        metric=gate.metric, threshold=evidence.comparison.threshold, alpha=alpha, min_rows=gate.min_rows
    )
    sliced = slice_evidence(slices, Paired(evidence.split, baseline, candidate), terms)
    found = []
    for one in sliced.slices:
        interval = _interval(gate, evidence, candidate, one.slice, sliced) if gate.surely else NOT_ASKED
        measured = _measured(one, sliced.level, interval)
        if has_baseline:
            measured = replace(measured, against=evidence.against, baseline=MetricValue(one.baseline))
        finding = check_metric(gate, measured)
        found.append(
            SliceFinding(column=one.slice.column, label=one.slice.label, rows=one.slice.rows, finding=finding)
        )
    found.sort(key=lambda one: WORST_FIRST.index(one.finding.outcome))
    return tuple(found)


def _measured(one: SliceEvidence, level: float, interval: Interval | Unknown) -> Measured:
    reason = one.difference.reason if isinstance(one.difference, Unknown) else None
    return Measured(
        rows=one.slice.rows,
        positives=one.slice.positives,
        value=MetricValue(one.candidate, reason if one.candidate is None else None),
        level=level,
        interval=interval,
        difference=one.difference,
    )


def _interval(
    gate: MetricGate, evidence: Evidence, candidate: Scored, one: Slice, sliced: Sliced
) -> Interval | Unknown:
    """The candidate's own interval for the rows of a slice."""
    mask = one.mask()
    rows = Scored(key=candidate.key, kind=candidate.kind, values=candidate.values[mask])
    terms = Terms(threshold=evidence.comparison.threshold, alpha=1 - sliced.level)
    (certainty,) = Certainties().of(evidence.split.labels[mask], None, [rows], terms)
    return certainty.intervals[gate.metric]


def _together(gate: MetricGate, found: Sequence[SliceFinding], *, left_out: int) -> Finding:
    outcomes = [one.finding.outcome for one in found]
    failed, unsure = outcomes.count(CheckOutcome.FAILED), outcomes.count(CheckOutcome.INCONCLUSIVE)
    reason = message(
        "Of {slices} slices {failed} fail and {unsure} cannot be told; "
        "{left_out} with fewer than {rows} rows are left out.",
        slices=len(found),
        failed=failed,
        unsure=unsure,
        left_out=left_out,
        rows=gate.min_rows,
    )
    numbers = {"slices": len(found), "failed": failed, "inconclusive": unsure, "left_out": left_out}
    return Finding(outcome=worst(set(outcomes)), reason=reason, numbers=numbers)

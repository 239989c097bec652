"""What a decision memo says, as values of core; nothing here knows how it will look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from core.decision.gate_report import GateReport
from core.errors import RunoffError
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.differing_lines import Section
from core.evidence.judgement import Judgement
from core.evidence.row_evidence import RowEvidence
from core.evidence.selection import production_version
from core.evidence.slice_evidence import Sliced
from core.evidence.slice_finder import Finding
from core.services import Services
from core.version import VERSION

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """A comparison with all that was found out about it, at one moment.

    Maps are by the number of a candidate; an error stands where something could not be had.
    """

    comparison: Comparison
    judgement: Judgement
    production: int | None  # among the compared versions
    gates: Mapping[int, GateReport | RunoffError]
    slices: Mapping[int, Sliced | RunoffError]  # empty: no columns are configured, or nothing is paired
    findings: Mapping[int, Finding | RunoffError]  # where each lost most
    differing: tuple[Section, ...]  # its cells are in the order of the comparison's versions
    made: datetime  # UTC
    app_version: str


def gather(services: Services, comparison: Comparison, *, made: datetime | None = None) -> Memo:
    """Everything about a comparison that is scored as far as it will be; `made` None: now.

    Takes about a second for each candidate, more where the gate measures how long scoring takes.

    Raises:
        EvidenceError: scores that were there a moment ago are there no more.
    """
    rows = RowEvidence(services.comparisons)
    candidates = [one.version.number for one in candidates_of(comparison)]
    paired = [number for number in candidates if is_paired(comparison, number)]
    sliced = paired if comparison.split.slices else []
    return Memo(
        comparison=comparison,
        judgement=services.comparisons.judge(comparison),
        production=production_version([one.version for one in comparison.versions], services.settings.alias),
        gates={number: _or_error(_gate(services, comparison, number)) for number in candidates},
        slices={number: _or_error(_slices(rows, comparison, number)) for number in sliced},
        findings={number: _or_error(_finding(rows, comparison, number)) for number in paired},
        differing=services.differing(comparison),
        made=datetime.now(UTC) if made is None else made.astimezone(UTC),
        app_version=VERSION,
    )


def candidates_of(comparison: Comparison) -> tuple[ComparedVersion, ...]:
    """All versions but the baseline, scored or not."""
    return tuple(one for one in comparison.versions if one.version.number != comparison.baseline)


def is_paired(comparison: Comparison, number: int) -> bool:
    """Whether the candidate and the baseline are both scored."""
    base = comparison.baseline
    if base is None or comparison.find(base).evaluation is None:
        return False
    return comparison.find(number).evaluation is not None


def _or_error(make: Callable[[], Made]) -> Made | RunoffError:
    try:
        return make()
    except RunoffError as error:
        return error


def _gate(services: Services, comparison: Comparison, number: int) -> Callable[[], GateReport]:
    base = comparison.baseline
    return lambda: services.decisions.gate(
        comparison.model,
        number,
        baseline="production" if base is None else base,
        threshold=comparison.threshold_of(number),
    )


def _slices(rows: RowEvidence, comparison: Comparison, number: int) -> Callable[[], Sliced]:
    return lambda: rows.slices(comparison, number)


def _finding(rows: RowEvidence, comparison: Comparison, number: int) -> Callable[[], Finding]:
    def find() -> Finding:
        found = rows.finding(comparison, number)
        assert found is not None  # None stands for "not known yet", and it was asked for
        return found

    return find

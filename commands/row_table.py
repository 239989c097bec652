"""What single rows say of candidates, for the terminal and for a program: slices, and changed decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from commands.output import print_table
from core.errors import SplitError
from core.evidence.amounts import Amounts, value
from core.evidence.comparison import Comparison
from core.evidence.flips import Line, Order, Which, columns
from core.evidence.row_evidence import MOST_ROWS, RowEvidence
from core.evidence.row_sentences import finding_sentence, flips_sentence, slices_sentence
from core.evidence.slice_evidence import Sliced, SliceEvidence
from core.evidence.slice_finder import Finding
from core.evidence.statistics.interval import Difference, Unknown

FEW_ROWS: Final = 20  # changed decisions in a table; JSON has more, the page all
_NUMBERS: Final = ("rows", "baseline", "candidate", "difference")


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSlices:
    """A candidate on each configured slice, or why there are none, and where it lost most."""

    sliced: Sliced | SplitError | None  # None: no columns are configured
    finding: Finding | None


def read_slices(evidence: RowEvidence, comparison: Comparison) -> Mapping[int, CandidateSlices]:
    """The slices of each scored candidate, by version number; nothing where no baseline is scored."""
    return {
        number: CandidateSlices(
            sliced=_sliced(evidence, comparison, number), finding=evidence.finding(comparison, number)
        )
        for number in _candidates(comparison)
    }


def print_slices(comparison: Comparison, found: Mapping[int, CandidateSlices]) -> None:
    """Slices worst first, then in a sentence the part in which the candidate lost most."""
    if not found:
        click.echo("\nSlices need a baseline and a candidate that are scored.")
    for number, one in found.items():
        click.echo(f"\nv{number} by slices")
        match one.sliced:
            case Sliced():
                click.echo(f"{one.sliced.metric.title}, v{number} against v{comparison.baseline}")
                heads = ["slice", *_NUMBERS, "interval"]
                print_table(heads, [_slice(each, one.sliced) for each in one.sliced.slices], right=_NUMBERS)
                click.echo(str(slices_sentence(one.sliced)))
            case None:
                click.echo("No columns are configured by which rows are put into slices.")
            case error:
                click.echo(str(error))
        if one.finding is not None:
            click.echo(str(finding_sentence(one.finding)))


def slices_as_json(found: Mapping[int, CandidateSlices]) -> dict[str, Any]:
    """By version number; what cannot be said is null with a reason."""
    return {str(number): _candidate_as_json(one) for number, one in found.items()}


def print_flips(comparison: Comparison, evidence: RowEvidence, alpha: float) -> None:
    """How many decisions of each candidate changed, what chance says of it, and the widest apart."""
    for number in _candidates(comparison):
        flips = evidence.flips(comparison, number)
        click.echo(f"\nv{number} against v{comparison.baseline}: {flips_sentence(flips, alpha)}")
        page = evidence.rows(comparison, number, Which.FLIPPED, Order(), start=0, end=FEW_ROWS)
        if page.lines:
            heads = [comparison.split.id or "row", comparison.split.target, "", "baseline", "candidate"]
            names = columns(comparison.split)
            print_table([*heads, *names], [_line(one, comparison) for one in page.lines], right=heads[3:])
        if page.rows > FEW_ROWS:
            click.echo(f"and {page.rows - FEW_ROWS:,} more")


def flips_as_json(comparison: Comparison, evidence: RowEvidence) -> dict[str, Any]:
    """Changed decisions by version number, at most 500, the widest apart first, and how many there are."""
    return {str(number): _flips_as_json(comparison, evidence, number) for number in _candidates(comparison)}


def _candidates(comparison: Comparison) -> Sequence[int]:
    scored = [one.version.number for one in comparison.versions if one.evaluation is not None]
    if comparison.baseline not in scored:
        return []
    return [number for number in scored if number != comparison.baseline]


def _sliced(evidence: RowEvidence, comparison: Comparison, number: int) -> Sliced | SplitError | None:
    if not comparison.split.slices:
        return None
    try:
        return evidence.slices(comparison, number)
    except SplitError as error:
        return error


def _slice(one: SliceEvidence, sliced: Sliced) -> list[str]:
    rows, difference = one.slice.rows, one.difference
    shown = [f"{one.slice.column} = {one.slice.label}", f"{rows:,}"]
    shown += [str(value(each, rows)) for each in (one.baseline, one.candidate)]
    if isinstance(difference, Unknown):
        return [*shown, "n/a", str(difference.reason)]
    write = Amounts.of(sliced.metric, difference.interval)
    note = " (too small to be judged)" if one.is_small else ""
    return [*shown, str(write.signed(difference.value)), f"{write.span(difference.interval)}{note}"]


def _line(one: Line, comparison: Comparison) -> list[str]:
    split = comparison.split
    label = split.positive if one.label else split.negative
    features = ["" if each is None else str(each) for each in one.features]
    return [
        one.row,
        str(label),
        str(one.outcome or ""),
        f"{one.baseline:.3f}",
        f"{one.candidate:.3f}",
        *features,
    ]


def _candidate_as_json(one: CandidateSlices) -> dict[str, Any]:
    shown: dict[str, Any] = {"metric": None, "level": None, "slices": []}
    if isinstance(one.sliced, Sliced):
        shown["metric"], shown["level"] = one.sliced.metric.name, one.sliced.level
        shown["slices"] = [_slice_as_json(each) for each in one.sliced.slices]
    elif one.sliced is not None:
        shown["error"] = str(one.sliced)
    shown["lost_most"] = None if one.finding is None else _finding_as_json(one.finding)
    return shown


def _slice_as_json(one: SliceEvidence) -> dict[str, Any]:
    return {
        "column": one.slice.column,
        "value": str(one.slice.label),
        "rows": one.slice.rows,
        "baseline": one.baseline,
        "candidate": one.candidate,
        **_difference_as_json(one.difference),
        "small": one.is_small,
    }


def _difference_as_json(difference: Difference | Unknown) -> dict[str, Any]:
    if isinstance(difference, Unknown):
        return {"difference": None, "interval": None, "reason": str(difference.reason)}
    interval = [difference.interval.low, difference.interval.high]
    return {"difference": difference.value, "interval": interval, "reason": None}


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    difference = finding.difference
    return {
        "found": finding.is_found,
        "rule": None if finding.rule is None else str(finding.rule.words),
        "loss": finding.loss,
        "rows_tested": finding.rows,
        "rows": finding.rows_in_all,
        "difference": None if difference is None else difference.value,
        "interval": None if difference is None else [difference.interval.low, difference.interval.high],
        "p_value": None if difference is None else difference.p_value,
        "sentence": str(finding_sentence(finding)),
    }


def _flips_as_json(comparison: Comparison, evidence: RowEvidence, number: int) -> dict[str, Any]:
    split = comparison.split
    page = evidence.rows(comparison, number, Which.FLIPPED, Order(), start=0, end=MOST_ROWS)
    names = columns(split)
    return {
        "count": page.rows,
        "rows": [
            {
                "row": one.row,
                "label": split.positive if one.label else split.negative,
                "outcome": None if one.outcome is None else one.outcome.value,
                "baseline": one.baseline,
                "candidate": one.candidate,
                "features": dict(zip(names, one.features, strict=True)),
            }
            for one in page.lines
        ],
    }
